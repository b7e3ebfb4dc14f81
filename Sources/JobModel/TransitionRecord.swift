/// A change of state that a person or a policy made, with its actor and reason.
package struct TransitionRecord: Hashable, Sendable {
    package var run: RunID
    package var at: Instant
    package var from: RunState?
    package var to: RunState
    /// `cli`, `api`, `schedule`, `host`, an upstream's name.
    package var actor: String
    package var reason: String?

    package init(run: RunID, at: Instant, from: RunState?, to: RunState, actor: String, reason: String?) {
        self.run = run
        self.at = at
        self.from = from
        self.to = to
        self.actor = actor
        self.reason = reason
    }
}
