package import JobModel
package import JobStore

/// What became of one request to run something.
package enum Acceptance: Sendable {
    /// Stored; the run as committed.
    case created(RunRecord)
    /// A run with the same unique key has not ended yet; this is it.
    case existing(RunRecord)
    /// A run with the same unique key had not started; it has the new params.
    case replaced(RunRecord)
    case refused(EngineError)
}

/// Everything the engine can refuse, as facts. Words are made where people read them.
package enum EngineError: Error, Hashable, Sendable {
    case componentNotFound(ComponentName, known: [String])
    case queueNotFound(String)
    case jobNotFound(String)
    case runNotFound(RunID)
    case noRuns
    case invalid(field: String, value: String, reason: String)
    /// The params do not fit what the component says it takes.
    case paramsRefused(ComponentName, job: String?, ParamsRefusal)
    /// The component needs what the operator has not granted.
    case notGranted(GrantRefusal)
    /// The run is in a state in which this cannot be done.
    case wrongState(RunID, RunState, wanted: String)
    /// Another source says whether this job is enabled, as `JobSource` spells it.
    case enabledElsewhere(name: String, by: String)
    /// Several definitions have mistakes, in their order.
    indirect case mistakes([EngineError])
    /// Another source defines this job; both as `JobSource` spells them.
    case jobOwned(name: String, by: String, wanted: String)
    /// A run that has not ended has this unique key, and the request wanted none there, or its params replaced and that
    /// could not be.
    case keyTaken(String, by: RunID)
    /// The queue has as many pending runs as it may have; about when it will have room.
    case queueFull(String, most: Int, retryAfter: Duration)
    case queueDraining(String)
    case jobExists(String)
    /// A strict trigger met a job that its schedule could not start either.
    case jobPaused(String)
    case jobDisabled(String)
    case jobRunning(String, run: RunID)
    case schedulesStopped
    case schedulesRunning
    /// A filter for many runs that says nothing, without the word that all are meant.
    case noFilter
    case plugin(PluginRefusal)
    case store(StoreError)
    case stopping
}

package struct ApplyReport: Hashable, Sendable {
    package var added: [String]
    package var changed: [String]
    package var unchanged: [String]
    package var removed: [String]
    /// What is in force and will not work as it is, in sentences.
    package var warnings: [String]

    package init(
        added: [String] = [], changed: [String] = [], unchanged: [String] = [], removed: [String] = [],
        warnings: [String] = []
    ) {
        self.warnings = warnings
        self.added = added
        self.changed = changed
        self.unchanged = unchanged
        self.removed = removed
    }
}

/// A job and where it stands.
package struct JobStatus: Hashable, Sendable {
    /// With what is secret in its params masked.
    package var job: JobRecord
    /// Nil: never again, paused, disabled, or no schedule.
    package var nextFire: Instant?
    /// The newest run of the job.
    package var lastRun: RunRecord?
    /// What keeps the job from running, in words: an unknown component, for example.
    package var obstacle: String?
    /// What it names that is not there, in sentences.
    package var warnings: [String]
    /// Of all its runs; nil where they were not asked for.
    package var figures: RunFigures?

    package init(
        job: JobRecord, nextFire: Instant?, lastRun: RunRecord?, obstacle: String?, warnings: [String] = [],
        figures: RunFigures? = nil
    ) {
        self.warnings = warnings
        self.figures = figures
        self.job = job
        self.nextFire = nextFire
        self.lastRun = lastRun
        self.obstacle = obstacle
    }
}

package struct QueueStatus: Hashable, Sendable {
    package var queue: QueueRecord
    /// Slots it has now.
    package var width: Int
    package var running: Int
    package var pending: Int
    /// The run that is due and has waited longest.
    package var oldest: RunRecord?

    /// Draining, and nothing is left in it.
    package var isDrained: Bool { queue.mode == .draining && running == 0 && pending == 0 }

    package init(queue: QueueRecord, width: Int, running: Int, pending: Int, oldest: RunRecord?) {
        self.queue = queue
        self.width = width
        self.running = running
        self.pending = pending
        self.oldest = oldest
    }
}

/// For those who put them into words.
package typealias MachineFault = StoreFault

/// Why a host is not ready for everything it is there for.
package enum Trouble: Hashable, Sendable {
    /// No work is taken on; what was acknowledged is safe.
    case store(StoreError)
    /// Work is taken on and waits: the system has no processes for guests. In words.
    case guests(String)
    /// Likewise: the disk has too little room for attempts to be started.
    case room(String)
    case stopping
}

package struct EngineStatus: Hashable, Sendable {
    package var startedAt: Instant
    package var now: Instant
    package var counts: [RunState: Int]
    /// Attempts ended, crashes among them, and runs accepted, since the host started.
    package var attempts: Int
    package var crashes: Int
    package var accepted: Int
    /// From commit of the start to the plugin's first instruction, recent median; nil before the first run.
    package var startLatency: Duration?
    package var store: StoreFacts
    /// Of all runs there ever were.
    package var figures: RunFigures
    /// Nil when all is well.
    package var trouble: Trouble?
    package var schedules: ScheduleActivity

    package init(
        startedAt: Instant, now: Instant, counts: [RunState: Int], attempts: Int, crashes: Int, accepted: Int,
        startLatency: Duration?, store: StoreFacts, figures: RunFigures = RunFigures(), trouble: Trouble?,
        schedules: ScheduleActivity = .running
    ) {
        self.figures = figures
        self.startedAt = startedAt
        self.now = now
        self.counts = counts
        self.attempts = attempts
        self.crashes = crashes
        self.accepted = accepted
        self.startLatency = startLatency
        self.store = store
        self.trouble = trouble
        self.schedules = schedules
    }
}

/// Something that was committed.
package enum Announcement: Sendable {
    case run(RunID, RunState, job: String?, at: Instant)
    /// The borrower may be told; a `run` for the same run came just before.
    case lent(Loan)
    case jobsChanged
    case pluginsChanged
    /// `quarantined`, `released` or `returned`, with a sentence.
    case plugin(String, what: String, words: String, at: Instant)
    case queueChanged(String)
}

extension EngineError {
    /// Nothing is wrong with what was asked: the same may be granted later.
    package var passes: Bool {
        switch self {
        case .queueFull, .queueDraining: true
        default: false
        }
    }
}
