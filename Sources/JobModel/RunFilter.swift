/// Which runs are meant. Nil fields do not restrict.
package struct RunFilter: Hashable, Sendable {
    package var states: Set<RunState>?
    package var component: ComponentName?
    package var job: String?
    package var queue: String?
    /// All of these.
    package var tags: [String]
    package var correlation: String?
    package var key: String?
    package var source: RunSource?
    /// The server that dispatched it, and what that calls it.
    package var upstream: String?
    package var instance: String?
    package var outcome: OutcomeKind?
    /// Only children of this run.
    package var parent: RunID?
    /// Only what followed the end of this run.
    package var cause: RunID?
    /// Made at or after, and before.
    package var since: Instant?
    package var until: Instant?
    /// Keyset page: only ids below this one. Lists go from new to old.
    package var before: RunID?
    package var limit: Int

    package init(
        states: Set<RunState>? = nil, component: ComponentName? = nil, job: String? = nil, queue: String? = nil,
        tags: [String] = [], correlation: String? = nil, key: String? = nil, source: RunSource? = nil,
        outcome: OutcomeKind? = nil, parent: RunID? = nil, cause: RunID? = nil, since: Instant? = nil,
        until: Instant? = nil, before: RunID? = nil, limit: Int = 50
    ) {
        self.states = states
        self.component = component
        self.job = job
        self.queue = queue
        self.tags = tags
        self.correlation = correlation
        self.key = key
        self.source = source
        self.outcome = outcome
        self.parent = parent
        self.cause = cause
        self.since = since
        self.until = until
        self.before = before
        self.limit = limit
    }
}

/// How the last attempt of a run ended, without the details.
package enum OutcomeKind: String, Hashable, Sendable, CaseIterable {
    case succeeded, failed, cancelled, timedOut = "timed_out", crashed, interrupted

    /// The stored values of its outcomes.
    package var stored: ClosedRange<Int> {
        switch self {
        case .succeeded: 0...99
        case .failed: 100...199
        case .cancelled: 200...299
        case .timedOut: 300...399
        case .crashed: 400...499
        case .interrupted: 500...599
        }
    }
}
