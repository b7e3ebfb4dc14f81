package typealias RunID = Int64
package typealias JobID = Int64

/// Planned instants in a row that got no run.
package struct PassedOver: Hashable, Sendable {
    package var from: Instant
    package var to: Instant
    package var count: Int

    package init(from: Instant, to: Instant, count: Int) {
        self.from = from
        self.to = to
        self.count = count
    }
}

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
    /// In a row about planned instants that got no run: which.
    package var passedOver: PassedOver?
    package var uniqueKey: String?
    package var params: [UInt8]
    package var sharedPolicy: SharedPolicy
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
    package var stage: RunStage
    /// Its place among the children of its parent, from 0.
    package var childIndex: Int64?
    /// What its parent calls it.
    package var label: String?
    /// How many children its root stage emitted, and how many of them have not ended. A pending run with open children
    /// waits for them and takes no slot.
    package var children: Int64
    package var openChildren: Int64
    /// How many of those that have ended did so other than well.
    package var failedChildren: Int64 = 0
    /// As it was given with the run; nil: derived.
    package var givenTrace: String?
    package var tags: RunTags
    /// The caller's name for what the run is part of.
    package var correlation: String?
    /// When it was first to start, where that was not when it was made.
    package var wanted: Instant?
    /// The run whose end made this one, and how many such ends there were in a row before it.
    package var cause: RunID?
    package var depth: Int
    /// Where it stands with its pre-step.
    package var gate: RunGate
    /// Who asked for it: `cli`, `api`, `upstream:NAME`. Nil where the source says that.
    package var actor: String?
    /// What the server calls it that dispatched it.
    package var instance: String?

    package init(
        id: RunID, component: ComponentName, queue: String, job: JobID? = nil, jobName: String? = nil,
        source: RunSource = .enqueue, state: RunState = .pending, priority: Int = 0, due: Instant, createdAt: Instant,
        fireAt: Instant? = nil, passedOver: PassedOver? = nil, uniqueKey: String? = nil, params: [UInt8],
        policy: RunPolicy = .standard,
        parent: RunID? = nil, root: RunID? = nil, counters: RunCounters = RunCounters(), startedAt: Instant? = nil,
        finishedAt: Instant? = nil, outcome: Outcome? = nil, code: Int32 = 0, output: [UInt8] = [],
        reason: String? = nil, stage: RunStage = .root, childIndex: Int64? = nil, label: String? = nil,
        children: Int64 = 0, openChildren: Int64 = 0, givenTrace: String? = nil, tags: RunTags = .none,
        correlation: String? = nil, wanted: Instant? = nil, cause: RunID? = nil, depth: Int = 0, gate: RunGate = .ahead,
        actor: String? = nil, instance: String? = nil
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
        self.passedOver = passedOver
        self.uniqueKey = uniqueKey
        self.params = params
        sharedPolicy = .of(policy)
        self.parent = parent
        self.root = root ?? id
        self.counters = counters
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.outcome = outcome
        self.code = code
        self.output = output
        self.reason = reason
        self.stage = stage
        self.childIndex = childIndex
        self.label = label
        self.children = children
        self.openChildren = openChildren
        self.givenTrace = givenTrace
        self.tags = tags
        self.correlation = correlation
        self.wanted = wanted
        self.cause = cause
        self.depth = depth
        self.gate = gate
        self.actor = actor
        self.instance = instance
    }

    package var policy: RunPolicy {
        _read { yield sharedPolicy.value }
        set { sharedPolicy = .of(newValue) }
    }

    /// From when its age counts.
    package var since: Instant { wanted ?? createdAt }

    /// W3C trace context, for what the run calls.
    package var traceparent: String { givenTrace ?? TraceParent.derived(run: id, createdAt: createdAt) }
}
