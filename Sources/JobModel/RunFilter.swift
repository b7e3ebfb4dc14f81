/// Which runs to list. Nil fields do not restrict.
package struct RunFilter: Hashable, Sendable {
    package var states: Set<RunState>?
    package var component: ComponentName?
    package var job: String?
    package var queue: String?
    /// Only children of this run.
    package var parent: RunID?
    package var since: Instant?
    /// Keyset page: only ids below this one. Lists go from new to old.
    package var before: RunID?
    package var limit: Int

    package init(
        states: Set<RunState>? = nil, component: ComponentName? = nil, job: String? = nil, queue: String? = nil,
        parent: RunID? = nil, since: Instant? = nil, before: RunID? = nil, limit: Int = 50
    ) {
        self.states = states
        self.component = component
        self.job = job
        self.queue = queue
        self.parent = parent
        self.since = since
        self.before = before
        self.limit = limit
    }
}
