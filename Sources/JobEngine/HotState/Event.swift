import GuestPool
import JobModel
import JobStore
import PluginCatalog

/// Names a caller who waits for a reply.
typealias Ticket = Int

/// Everything that can happen to the hot state.
enum Event: Sendable {
    indirect case call(Ticket, Call)
    /// What the pool says of attempts. Lines have gone to the store already.
    case guests([GuestEvent])
    case catalog(CatalogSnapshot)
    /// A batch is on disk; one answer for each tag.
    case committed([Tag], [Answer])
    /// Nothing of a batch was stored.
    case commitFailed([Tag], StoreError)
    /// The store as it is after a failed commit.
    indirect case reloaded(StartState)
    /// It cannot be written yet.
    case reloadFailed(StoreError)
    /// Nothing more is started; what runs comes to its end. What has ended can still be reported.
    case drain
    /// As `drain`, and then the end.
    case shutdown
}

/// What somebody asks of the engine.
enum Call: Sendable {
    case enqueue([RunRequest])
    case cancel(RunID, By)
    /// For a run that is not hot, as read from the store.
    case close(RunRecord, By)
    /// `after`: how much later than now it is due.
    case reopen(RunRecord, By, after: Duration = .zero)
    case pause(RunID, By)
    /// For a run that is not hot, as read from the store.
    case pauseUnseen(RunRecord, By)
    case resume(RunRecord, By)
    case resolve(RunRecord, as: RunState, By)
    case edit(RunID, RunEdit, By)
    case endLoan(RunID, number: Int32, AttemptEnd)
    case takeBack(RunID, number: Int32)
    case setLending(of: RunID, LendingTerms?)
    case loans
    case loan(of: RunID)
    case apply([JobDefinition], source: String, prune: Bool)
    case setPaused(Bool, job: String)
    case define([SourceContent])
    case setSchedules(running: Bool)
    /// `strictly`: only when its schedule could start it now.
    case trigger(job: String, strictly: Bool = false, actor: String? = nil)
    case setEnabled(Bool, job: String)
    /// A job that must be new, or may be there already.
    case putJob(JobDefinition, mustBeNew: Bool)
    case delete(job: String)
    case changeQueue(String, QueueChange)
    case setLimit(ComponentName, atOnce: Int?)
    case jobs
    case job(String)
    case queues
    case limits
    case figures
    case obstacle(ComponentName)
    case histories
    case facts(RunRecord)
    case streaks
    case release(plugin: String)
    /// About what servers are owed.
    case settle([RunID])
    case silence(RunID)
    case amend(RunID, note: [UInt8])
}

/// Who asks, and why.
struct By: Hashable, Sendable {
    var actor: String
    var reason: String?

    var words: String { words(for: "cancelled") }

    func words(for deed: String) -> String { "\(deed) by \(actor)" + (reason.map { ": \($0)" } ?? "") }
}

/// What a caller hears.
enum Reply: Sendable {
    case accepted([Accepted])
    case done
    /// The run is neither running nor among the next of its lane: read it and ask again with the record.
    case notHot
    /// The run was in another state by then.
    case wrongState
    case run(RunRecord)
    case report(ApplyReport)
    case verdicts([SourceVerdict])
    case schedules(ScheduleActivity)
    case jobs([JobOutlook])
    case queues([QueueOutlook])
    case limits([ComponentName: Int])
    case figures(Figures)
    case obstacle(String?)
    /// What jobs say about their history, by name; jobs that say nothing are left out.
    case histories([String: HistoryPolicy])
    case facts(RunFacts)
    case streaks([StreakRecord])
    case loans([Loan])
    case failed(EngineError)
}

/// What became of one request in an enqueue.
enum Accepted: Sendable {
    case created(Box<RunRecord>)
    case existing(RunID)
    /// The run that has the key, with its new params.
    indirect case replaced(RunRecord)
    case refused(EngineError)
}

/// A job as the hot state knows it.
struct JobOutlook: Sendable {
    var job: JobRecord
    var nextFire: Instant?
    var obstacle: String?
    var warnings: [String] = []
}

/// A queue as the hot state knows it.
struct QueueOutlook: Sendable {
    var queue: QueueRecord
    /// Slots it has now.
    var width: Int
    var running: Int
}

/// What is counted since the host started.
struct Figures: Sendable {
    var attempts = 0
    var crashes = 0
    var accepted = 0
    var startLatency: Duration?
    var trouble: Trouble?
    var schedules = ScheduleActivity.running
}

/// Says what a mutation was for, so that its answer finds its way. Small, as there are two for each run: what is rare and
/// large is boxed.
enum Tag: Sendable {
    /// A new run; `part` is its place among the requests of the call, whose last one brings the reply.
    case insert(RunID, Ticket?, part: Int, last: Bool)
    /// A request that makes no run: the answer is the run that has its key, if one has.
    indirect case match(key: String, Ticket, part: Int, last: Bool, mustBeNew: Bool)
    /// A run that is stored in its end state.
    indirect case insertEnded(RunID, RunState, job: String?, Aftermath)
    case insertStep(RunID, before: Box<RunRecord>)
    case start(RunID)
    case lend(RunID)
    case unstart(RunID)
    case finish(RunID)
    /// `queue`: the one in which its end makes room.
    indirect case close(RunID, to: RunState, job: JobID?, jobName: String?, queue: Int?, Aftermath, [Ticket])
    /// The run as it was when it was asked for.
    indirect case reopen(RunRecord, Ticket)
    indirect case pause(RunID, jobName: String?, Ticket)
    case edit(RunID, Ticket)
    indirect case readLane(LaneKey, limit: Int)
    /// Children of a run, from this place of their lane on.
    indirect case readRest(of: RunID, LaneKey, from: LanePlace)
    /// Always applied; the reply goes out when it is on disk.
    indirect case told(Ticket, Reply, Announcement?)
    /// A value that this attempt puts.
    case state(AttemptKey)
    /// How many runs of this queue are pending.
    case count(queue: Int)
    case silent
}

extension Tag {
    /// The same, bringing the reply to a call; nil when it is about no part of it.
    func asLast(of ticket: Ticket) -> Tag? {
        switch self {
        case .insert(let id, ticket, let part, _): .insert(id, ticket, part: part, last: true)
        case .match(let key, ticket, let part, _, let mustBeNew):
            .match(key: key, ticket, part: part, last: true, mustBeNew: mustBeNew)
        default: nil
        }
    }
}

/// Mutations that go to the store together.
struct Batch: Sendable {
    var mutations: [Mutation] = []
    var tags: [Tag] = []

    var isEmpty: Bool { mutations.isEmpty }
}

/// What is to be done outside the hot state.
struct Effects: Sendable {
    var guests: [GuestCommand] = []
    /// What attempts are started by from this turn on: to be seen before anything of the turn is told.
    var catalog: CatalogSnapshot?
    var replies: [(ticket: Ticket, reply: Reply)] = []
    var reads: [GuestRead] = []
    var announcements: [Announcement] = []
    var withdrawals: [Withdrawal] = []
    /// Things that should not happen, for the host's log.
    var complaints: [String] = []
}
