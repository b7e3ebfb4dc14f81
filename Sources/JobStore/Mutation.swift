package import JobModel

/// One change to the store. Mutations travel in batches; a batch is one transaction, applied in order. A refused
/// mutation answers its caller and leaves the rest of the batch intact.
///
/// What is large or rare is boxed: a batch is thousands of them, and as wide as the widest.
package enum Mutation: Sendable {
    /// A new run, pending or skipped. Its id was chosen by the engine, above every id used before.
    indirect case insert(RunRecord)
    /// As `insert`; where its unique key is taken, the run that has it gets the params instead, if it is pending, at its
    /// beginning, and of the same component. Answered with `replaced` then.
    indirect case insertOrReplace(RunRecord)
    /// As `insert`, or with params as `insertOrReplace`, would be answered where the key is taken; nothing is made, and where
    /// it is free this is refused.
    indirect case matchKey(String, ComponentName, params: [UInt8]?)
    /// A run that is over as it is made, and what follows that.
    indirect case insertEnded(RunRecord, Aftermath)
    /// A new run that goes before a pending one, which is its parent and waits for it.
    indirect case insertStep(RunRecord, before: RunID)
    /// A new run and the row that says who is owed its end, together. Where an end of the same instance is owed already and
    /// not silenced, nothing is stored, and the answer is `duplicate`.
    indirect case insertDispatched(RunRecord, Dispatch)
    /// Nothing is owed for these runs any more. Those that nothing was owed for do no harm.
    case settle([RunID])
    /// The end of the run is not to be reported; the row stays, and its instance may come anew.
    case silence(RunID)
    /// Replaces the note of what is owed, if anything is.
    case amend(RunID, note: [UInt8])
    /// pending → running, start number `number` = starts + 1. Always committed before the attempt is sent to a guest.
    case start(RunID, number: Int32, at: Instant)
    /// The attempt with this number is made by another host. Put after its start, in the same batch.
    case putLoan(RunID, number: Int32, host: String)
    /// It is over: in the batch of what ends it or takes it back.
    case dropLoan(RunID, number: Int32)
    /// Completes the params of a pending run; does nothing when they are not `was` any more.
    indirect case setParams(RunID, [UInt8], was: [UInt8])
    /// running → pending at its old place: the attempt with this number was sent ahead and never started. `starts` goes
    /// back by one; no counter is touched.
    case unstart(RunID, number: Int32)
    /// Ends the attempt and says what becomes of the run. Guarded by id, number and state running; appends the attempt
    /// and inserts the children it made.
    indirect case finish(Finish)
    /// pending or held → an end that no attempt made (cancelled, skipped, expired, or failed for params that do not fit).
    /// Children of the run that are pending or held end with it.
    indirect case close(RunID, to: RunState, at: Instant, actor: String, reason: String?, aftermath: Aftermath = .none)
    /// Somebody wants the attempt with this number of a running run to end for good. It outlives the host: the next one
    /// gives the run no other attempt.
    indirect case putCancel(RunID, number: Int32, at: Instant, actor: String, reason: String?)
    /// A person gives it another go: held, or an end other than succeeded → pending, counters of failures and crashes
    /// back to zero. So do its children that ended other than well, if it has any; it then waits for them again. One that
    /// had ended gets a new pre-step. Answered with `replaced`, or `appliedToFamily`.
    indirect case reopen(RunID, due: Instant, at: Instant, actor: String, reason: String?)

    /// pending → held, by a person, who may let it go on with `resume` at its old place. Not for runs that wait for children.
    indirect case pause(RunID, at: Instant, actor: String, reason: String?)
    /// held → pending, for a run that was paused. Answered with `replaced`.
    indirect case resume(RunID, at: Instant, actor: String, reason: String?)
    /// held → the end that a person says it had.
    indirect case resolve(
        RunID, to: RunState, at: Instant, actor: String, reason: String?, aftermath: Aftermath = .none)
    /// Changes params or policy of a run that is neither running nor has succeeded. Answered with `replaced`.
    indirect case edit(RunID, RunEdit, at: Instant, actor: String)

    /// Creates or replaces by name. Keeps id, watermark, pause and creation time of an existing one.
    indirect case putJob(JobRecord)
    case deleteJob(JobID)
    case setJobPaused(JobID, Bool)
    /// Moves a job's watermark; back, too, where it was set while the clock was ahead. Put before the insert of the run it fires, in the same batch.
    case setWatermark(JobID, Instant)
    indirect case putQueue(QueueRecord)
    /// Attempts of a component that may run at once, in all queues together; nil: any number.
    indirect case setLimit(ComponentName, atOnce: Int?)
    /// How many runs of a queue are pending and wait for nothing but their turn, counted up to a limit, as it is after
    /// the mutations before this one. Answered with `count`.
    case countPending(queue: String, atMost: Int)
    /// Writes a value of a plugin. `ifVersion` 0: only when the key is new; `UInt64.max`: always; else only when that is
    /// its version. Answered with `state`.
    indirect case putState(StatePlace, [UInt8], ifVersion: UInt64)
    /// Keeps a quarantine for the next host, in place of what was kept for the same component or plugin.
    indirect case putStreak(StreakRecord)
    indirect case dropStreak(plugin: String, component: String?)
    /// The clock was ahead of this instant and was set back: what became due, or was put off, by its word is due, or put
    /// off, from this instant on.
    case recall(Instant)

    /// Reads the next pending runs of a lane after a place in it, as they are after the mutations before this one.
    indirect case readLane(LaneKey, after: LanePlace?, limit: Int)
}

/// The one guarded write that ends an attempt.
package struct Finish: Sendable {
    package var attempt: AttemptRecord
    /// An end, or held, or pending again at `due`.
    package var state: RunState
    package var due: Instant
    package var counters: RunCounters
    /// Of the run; told when the run ends.
    package var parent: RunID?
    /// Whose figures the attempt and the end count for; without a component for nobody's. No job for children, which are
    /// parts of their parent.
    package var component: ComponentName?
    package var job: JobID?
    /// Who ended it, when that was not the attempt itself.
    package var by: String?
    /// Runs that the attempt made. Where the state is pending, the run waits for them in its reduce stage. Where it is an
    /// end, they are siblings of the run, which are given their places behind those that are there; none is made when the
    /// parent waits no more.
    package var children: [RunRecord]
    /// Runs that the attempt wants made by the host whose family the run is a part of; kept with the dispatch.
    package var handedOn: [ChildOrder] = []
    package var aftermath = Aftermath.none

    package init(
        attempt: AttemptRecord, state: RunState, due: Instant, counters: RunCounters, parent: RunID? = nil,
        component: ComponentName? = nil, job: JobID? = nil, by: String? = nil, children: [RunRecord] = []
    ) {
        self.parent = parent
        self.component = component
        self.job = job
        self.by = by
        self.children = children
        self.attempt = attempt
        self.state = state
        self.due = due
        self.counters = counters
    }
}

/// What became of a mutation.
package enum Answer: Sendable {
    case applied
    /// Applied, and the run was the last open child of this one, which is to go on, or to end at its gate.
    indirect case released(RunRecord)
    /// Applied to the run, which has or had open children, and to these of them.
    case appliedToFamily([RunID])
    /// Applied, and the children that were made have their places in the family from this one on.
    case grown(from: Int64)
    /// The unique key belongs to this run, which has not ended; nothing was inserted.
    case duplicate(RunID)
    /// The run as it is now: the one that has the unique key, was edited, or goes again.
    indirect case replaced(RunRecord)
    case count(Int)
    /// The row was not in the state the mutation leaves, or a unique rule forbids it. In words.
    case refused(String)
    case lane([RunRecord])
    case state(StateAnswer)
}

/// Runs that wait for the same things: same queue, component and priority.
package struct LaneKey: Hashable, Sendable {
    package var queue: String
    package var component: ComponentName
    package var priority: Int

    package init(queue: String, component: ComponentName, priority: Int) {
        self.queue = queue
        self.component = component
        self.priority = priority
    }
}

/// A place in a lane: lanes are ordered by due time, then id.
package struct LanePlace: Hashable, Comparable, Sendable {
    package var due: Instant
    package var id: RunID

    package init(due: Instant, id: RunID) {
        self.due = due
        self.id = id
    }

    package static func < (left: LanePlace, right: LanePlace) -> Bool {
        (left.due, left.id) < (right.due, right.id)
    }
}

/// What the engine needs to begin.
package struct StartState: Sendable {
    /// The highest run id ever used.
    package var lastRunID: RunID
    package var lastJobID: JobID
    package var jobs: [JobRecord]
    package var queues: [QueueRecord]
    /// Components with a limit of attempts at once.
    package var limits: [ComponentName: Int]
    /// Lanes that have pending runs.
    package var lanes: [LaneKey]
    /// Runs found running: the host before us died.
    package var running: [RunRecord]
    /// Per job, its runs that have not ended, without those that other runs emitted; jobs without any are left out.
    package var openRuns: [JobID: [OpenRun]]
    /// A time that the host before us knew: when the newest run was made, started or finished.
    package var lastSeen: Instant
    /// Quarantines that were in force.
    package var streaks: [StreakRecord]
    /// Who borrowed which of the running runs.
    package var loans: [RunID: String]
    /// Runs that were to be cancelled and did not come to their end.
    package var cancels: [CancelRecord]

    package init(
        lastRunID: RunID, lastJobID: JobID, jobs: [JobRecord], queues: [QueueRecord], lanes: [LaneKey],
        running: [RunRecord], openRuns: [JobID: [OpenRun]], lastSeen: Instant, limits: [ComponentName: Int] = [:],
        cancels: [CancelRecord] = [], streaks: [StreakRecord] = [], loans: [RunID: String] = [:]
    ) {
        self.loans = loans
        self.cancels = cancels
        self.limits = limits
        self.streaks = streaks
        self.lastRunID = lastRunID
        self.lastJobID = lastJobID
        self.jobs = jobs
        self.queues = queues
        self.lanes = lanes
        self.running = running
        self.openRuns = openRuns
        self.lastSeen = lastSeen
    }
}

/// What is known of a cancel that was asked for while the run ran.
package struct CancelRecord: Hashable, Sendable {
    /// Running with the attempt that was to end, or pending because that attempt never started.
    package var run: RunRecord
    package var actor: String
    package var reason: String?

    package init(run: RunRecord, actor: String, reason: String?) {
        self.run = run
        self.actor = actor
        self.reason = reason
    }
}

/// A run of a job that has not ended.
package struct OpenRun: Hashable, Sendable {
    package var id: RunID
    /// An attempt of it was made.
    package var hasStarted: Bool

    package init(id: RunID, hasStarted: Bool) {
        self.id = id
        self.hasStarted = hasStarted
    }
}
