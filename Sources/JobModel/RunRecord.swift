package typealias RunID = Int64
package typealias JobID = Int64

/// A run as it is stored.
package struct RunRecord: Hashable, Sendable {
    package var id: RunID
    package var component: ComponentName
    package var queue: String
    package var job: JobID?
    package var jobName: String?
    package var source: RunSource
    package var state: RunState
    package var priority: Int
    package var due: Instant
    package var createdAt: Instant
    /// The planned instant of a scheduled run, without jitter.
    package var fireAt: Instant?
    package var uniqueKey: String?
    package var params: [UInt8]
    package var policy: RunPolicy
    package var parent: RunID?
    package var root: RunID
    package var counters: RunCounters
    /// Of the current or last attempt.
    package var startedAt: Instant?
    package var finishedAt: Instant?
    package var outcome: Outcome?
    package var code: Int32
    package var output: [UInt8]
    /// Why the run is in its state, in words; the last attempt's message, or who cancelled it.
    package var reason: String?

    package init(
        id: RunID, component: ComponentName, queue: String, job: JobID? = nil, jobName: String? = nil,
        source: RunSource = .enqueue, state: RunState = .pending, priority: Int = 0, due: Instant, createdAt: Instant,
        fireAt: Instant? = nil, uniqueKey: String? = nil, params: [UInt8], policy: RunPolicy = .standard,
        parent: RunID? = nil, root: RunID? = nil, counters: RunCounters = RunCounters(), startedAt: Instant? = nil,
        finishedAt: Instant? = nil, outcome: Outcome? = nil, code: Int32 = 0, output: [UInt8] = [],
        reason: String? = nil
    ) {
        self.id = id
        self.component = component
        self.queue = queue
        self.job = job
        self.jobName = jobName
        self.source = source
        self.state = state
        self.priority = priority
        self.due = due
        self.createdAt = createdAt
        self.fireAt = fireAt
        self.uniqueKey = uniqueKey
        self.params = params
        self.policy = policy
        self.parent = parent
        self.root = root ?? id
        self.counters = counters
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.outcome = outcome
        self.code = code
        self.output = output
        self.reason = reason
    }
}
