import GuestPool
import JobModel
import JobStore
import PluginCatalog

/// What the engine holds in memory, and every decision it makes: events go in; mutations for the store and effects on
/// the world come out. No I/O, no clock, no waiting. It has one owner, which hands it the time.
///
/// What it holds before a commit are reservations, what it holds after one are facts. Two rules keep memory and
/// store of one mind: mutations are applied in the order they were made, and answers are taken in the same order.
struct HotState {
    let surroundings: Surroundings
    /// For the store, in order; the owner takes it whenever the store has room.
    var batch = Batch()
    /// For the world; the owner takes them after every turn.
    var effects = Effects()

    var lastRunID: RunID = 0
    var lastJobID: JobID = 0
    var runs: [RunID: HotRun] = [:]
    var queues: [HotQueue] = []
    var queueIndex: [String: Int] = [:]
    var slots: [Slot] = []
    var freeSlots: [Int] = []
    var components: [HotComponent] = []
    var componentIndex: [ComponentName: Int] = [:]
    var catalog = CatalogSnapshot()
    var jobs: [JobID: HotJob] = [:]
    var jobNames: [String: JobID] = [:]
    /// Runs of each job that have not ended; a run with all it emitted is one.
    var openRuns: [JobID: OpenRuns] = [:]
    /// Runs of each crowd that are due and must not start before others of it have ended, in order.
    var parked: [Crowd: [LanePlace]] = [:]
    /// Crowds of which an attempt ended in this turn while runs were parked.
    var freed: Set<Crowd> = []
    var fires = TimeHeap<JobID>()
    var expiries = TimeHeap<RunID>()
    /// Enqueues whose runs are on their way to the store.
    var acceptances: [Ticket: [Accepted]] = [:]
    /// New runs whose key must not be taken.
    var strict: Set<RunID> = []
    /// Some queue takes only so many runs.
    var hasBounds = false
    /// Calls that wait for a count of what is pending, in order, and how many counts are under way.
    var uncounted: [(ticket: Ticket, call: Call)] = []
    var counts = 0
    /// Runs that are not hot and are being closed: a refill that saw them pending must not bring them back.
    var closingElsewhere: Set<RunID> = []
    /// By parent: who else may run its children.
    var lendings: [RunID: Lending] = [:]
    /// Runs that may have crashed a guest which others shared, with the number of that guest's process.
    var suspects: [RunID: Int32] = [:]
    /// Crashes in a row; an entry goes when its component works again, or another version comes.
    var streaks: [StreakKey: StreakRecord] = [:]
    /// Starts on their way to the store that were reserved before another version took over.
    var outdatedStarts = 0
    /// Digests of versions that end when there are none of those left.
    var outgoing: Set<String> = []
    /// By plugin, of versions that have just come.
    var firstRuns: [String: FirstRuns] = [:]
    var figures = Figures()
    var latencies = RecentLatencies()
    /// The time of the turn before.
    var lastTurn = Instant.distantPast
    /// When running attempts are told to end; nil: the engine is not stopping.
    var drainDeadline: Instant?
    var drained = false
    /// Nobody wants to report any more what came of the last runs.
    var mayEnd = false
    /// Why nothing can be stored; nil: all is well.
    var trouble: StoreError?
    var guestTrouble: GuestTrouble?
    /// Whose runs are looked at first in the next dispatch.
    var firstQueue = 0
    /// Of which guests are to be ready at any time, as the pool was told last.
    var readySpecs: [GuestSpecID] = []
    /// Whether schedules fire.
    var schedules: ScheduleActivity

    init(_ start: StartState, catalog: CatalogSnapshot, surroundings: Surroundings, now: Instant) {
        self.surroundings = surroundings
        self.catalog = catalog
        schedules = surroundings.schedules
        load(start, now: now)
        watchFirstRuns(after: [:], now: now, isStart: true)
        noteGrants(before: [])
        warmGuests()
    }

    var isStopping: Bool { drainDeadline != nil }
    /// Everything that was started has been accounted for.
    var isDrained: Bool { isStopping && batch.isEmpty && !runs.values.contains(where: \.isBusy) }

    /// One turn: takes the events in order, then does what the time asks for.
    mutating func handle(_ events: [Event], now: Instant) {
        noticeClock(now)
        for event in events { take(event, now: now) }
        keepTime(now)
    }

    private mutating func take(_ event: Event, now: Instant) {
        switch event {
        case .call(let ticket, let call): answer(ticket, call, now: now)
        case .guests(let events): for event in events { take(event, now: now) }
        case .catalog(let snapshot): replaceCatalog(snapshot, now: now)
        case .committed(let tags, let answers): committed(tags, answers, now: now)
        case .commitFailed(let tags, let error): commitFailed(tags, error)
        case .reloaded(let start): reload(start, now: now)
        case .reloadFailed(let error): trouble = error
        case .drain: beginDrain(now)
        case .shutdown:
            beginDrain(now)
            mayEnd = true
        }
    }

    private mutating func take(_ event: GuestEvent, now: Instant) {
        switch event {
        case .ended(let key, let end): attemptEnded(key, end, now: now)
        case .neverStarted(let key): attemptNeverStarted(key)
        case .asked(let key, let ask): asked(key, ask)
        case .noProcess(let reason): noProcess(reason, now: now)
        case .noRoom(let reason): roomIsShort(reason, now: now)
        case .log: break
        }
    }

    private mutating func keepTime(_ now: Instant) {
        endDrain(now)
        guard trouble == nil, !isStopping else { return }
        if schedules == .running { fireJobs(now) }
        expireRuns(now)
        unparkFreed()
        narrowQueues(now)
        dispatchIfPossible(now)
        refillLanes()
    }

    /// The next instant at which a turn is due even if nothing happens.
    func nextTurn(after now: Instant) -> Instant? {
        if let drainDeadline { return drained ? nil : drainDeadline }
        guard trouble == nil else { return nil }
        let fire = schedules == .running ? fires.next : nil
        var next = min(fire ?? .distantFuture, expiries.next ?? .distantFuture)
        if let guestTrouble, guestTrouble.until > now { next = min(next, guestTrouble.until) }
        for queue in queues {
            next = min(next, nextNarrowing(of: queue) ?? .distantFuture)
            guard !queue.record.isPaused else { continue }
            next = min(next, freedByRate(queue, now) ?? .distantFuture)
            for lane in queue.lanes where components[lane.component].isAvailable {
                guard let due = lane.window.head?.due, let start = start(lane.component, due, now), start > now else {
                    continue
                }
                next = min(next, start)
            }
        }
        return next == .distantFuture ? nil : next
    }

    /// When a run of a component may start that is due then; nil: when another one has ended.
    private func start(_ component: Int, _ due: Instant, _ now: Instant) -> Instant? {
        guard components[component].hasCrashed else { return due }
        return startAfterCrashes(component, now: now).map { max(due, $0) }
    }

    // MARK: Outlets

    mutating func emit(_ mutation: Mutation, _ tag: Tag) {
        batch.mutations.append(mutation)
        batch.tags.append(tag)
    }

    mutating func reply(_ ticket: Ticket?, _ reply: Reply) {
        guard let ticket else { return }
        effects.replies.append((ticket, reply))
    }

    mutating func announce(_ run: RunID, _ state: RunState, job: String?, at now: Instant) {
        effects.announcements.append(.run(run, state, job: job, at: now))
    }

    // MARK: Names

    mutating func componentNumber(_ name: ComponentName) -> Int {
        if let known = componentIndex[name] { return known }
        components.append(HotComponent(name: name, current: catalog.components[name], newest: lastRunID))
        componentIndex[name] = components.count - 1
        noteStreaks(at: components.count - 1)
        return components.count - 1
    }

    private mutating func replaceCatalog(_ snapshot: CatalogSnapshot, now: Instant) {
        let before = Set(catalog.components.values.map(\.digest))
        let (standings, wasComplete) = (catalog.standings, catalog.isComplete)
        catalog = snapshot
        outgoing = outgoing.union(before).subtracting(snapshot.components.values.map(\.digest))
        for index in components.indices {
            components[index].replace(with: snapshot.components[components[index].name], newest: lastRunID)
        }
        countOutdatedStarts()
        dropStreaksOfOtherVersions()
        watchFirstRuns(after: standings, now: now, isStart: !wasComplete)
        noteGrants(before: before)
        warmGuests()
        effects.catalog = snapshot
        effects.announcements.append(.pluginsChanged)
    }
}
