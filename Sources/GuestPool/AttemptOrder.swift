package import JobModel

/// Names one attempt for host and pool: the run and its start number.
package struct AttemptKey: Hashable, Sendable {
    package var run: RunID
    package var number: Int32

    package init(run: RunID, number: Int32) {
        self.run = run
        self.number = number
    }
}

/// One attempt to be made. Its start is committed before the pool hears of it.
package struct AttemptOrder: Sendable {
    package var key: AttemptKey
    /// The place it takes. A slot runs one attempt at a time; orders to one slot run in the order given.
    package var slot: Int32
    package var spec: GuestSpecID
    /// Index in the plugin's descriptor.
    package var component: UInt32
    /// Nil for a component that knows no stages.
    package var stage: RunStage?
    /// Of a child run, else 0.
    package var childIndex: Int64
    /// In the reduce stage, else 0.
    package var childCount: Int64
    package var rootRun: RunID
    package var jobName: String
    package var traceparent: String
    package var params: [UInt8]
    /// From the attempt's start in the guest; nil = none.
    package var limit: Duration?
    /// What the limit may be extended to; nil = twice what it is.
    package var longestLimit: Duration?
    /// Longest time without a sign of life; nil = any.
    package var stall: Duration?
    package var grace: Duration
    /// Processor time of the guest from the attempt's start; nil = none.
    package var cpuLimit: Duration?
    /// Bytes.
    package var outputLimit: UInt32
    /// Bytes of lines; those beyond are dropped.
    package var logLimit: UInt64 = 64 << 20
    /// Attempts of its component that its guest may run at once; 1: none runs beside it.
    package var sharing = 1
    package var isolation = Isolation.pool
    /// Masked in every line, note and message that comes of the attempt. Its output is left alone.
    package var secrets = SecretTexts()

    package init(
        key: AttemptKey, slot: Int32, spec: GuestSpecID, component: UInt32,
        stage: RunStage? = nil, childIndex: Int64 = 0, childCount: Int64 = 0, rootRun: RunID, jobName: String = "",
        traceparent: String = "", params: [UInt8], limit: Duration?, stall: Duration? = nil,
        grace: Duration = .seconds(5),
        outputLimit: UInt32 = 64 << 20
    ) {
        self.key = key
        self.slot = slot
        self.spec = spec
        self.component = component
        self.stage = stage
        self.childIndex = childIndex
        self.childCount = childCount
        self.rootRun = rootRun
        self.jobName = jobName
        self.traceparent = traceparent
        self.params = params
        self.limit = limit
        self.stall = stall
        self.grace = grace
        self.outputLimit = outputLimit
    }
}

/// Why an attempt is to end before it does so by itself.
package enum EndReason: String, Hashable, Sendable {
    case cancel
    case parentCancelled = "parent_cancelled"
    case timeout
    /// It gave no sign of life.
    case stall
    /// It used up its processor time.
    case cpu
    case shutdown
    /// Its plugin was replaced, and the time to finish with the old one is over.
    case reload
}

/// What the engine tells the pool.
package enum GuestCommand: Sendable {
    case run(AttemptOrder)
    /// Climb the ladder for this attempt; one that was sent ahead and has not started is taken back instead.
    case end(AttemptKey, EndReason)
    /// What an attempt asked for. Dropped when it does not wait for anything any more.
    case answer(AttemptKey, GuestAnswer)
    /// From now on the minimum of guests of these specs is kept ready, of no others, and of none whose digest is retired. When
    /// one cannot be had, or some die with nothing to do, no other is started until an attempt needs one.
    case warm([GuestSpecID])
    /// No new guests of this digest; idle ones end now, busy ones after their attempts.
    case retire(digest: String)
    /// The slot is given up; a guest that waits in it ends.
    case vacate(slot: Int32)
}

/// What the pool tells the engine. Delivered in batches, in order, on the pool's thread.
package enum GuestEvent: Sendable {
    case ended(AttemptKey, AttemptEnd)
    /// Was sent ahead and never started, because its guest died or it was taken back.
    case neverStarted(AttemptKey)
    /// It waits for an answer, which is owed whatever comes of it.
    case asked(AttemptKey, GuestAsk)
    /// The system would not give a guest what it needs, in words; orders that waited for it were given back.
    case noProcess(String)
    /// The disk has too little room for attempts to be started, in words; orders that waited were given back.
    case noRoom(String)
    case log(LogLine)
}

/// What a probe found: the descriptor, or why there is none.
package enum ProbeResult: Sendable {
    case loaded(PluginDescriptor, SandboxReport)
    case failed(ProbeFailure)
}

/// Where and why loading a plugin failed, in words for people.
package struct ProbeFailure: Error, Hashable, Sendable {
    package enum Stage: String, Hashable, Sendable {
        /// `process`: the system would not give what every guest needs; the plugin has nothing to do with it.
        case process, spawn, sandbox, open, entry, refused, descriptor, start, crashed, timedOut = "timed_out",
            violation
    }

    package var stage: Stage
    package var message: String
    /// What the guest had in force by then.
    package var sandbox: SandboxReport?
    /// It says nothing about the plugin: no process could be had, or somebody killed it.
    package var isCircumstance: Bool

    package init(stage: Stage, message: String, isCircumstance: Bool = false) {
        self.stage = stage
        self.message = message
        self.isCircumstance = isCircumstance || stage == .process || stage == .spawn
    }
}
