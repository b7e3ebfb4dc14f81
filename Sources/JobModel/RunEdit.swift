/// What a person changes about a run that is neither running nor has succeeded; nil leaves it as it is.
package struct RunEdit: Hashable, Sendable {
    /// JSON text, an object.
    package var params: [UInt8]?
    package var policy: RunPolicy?
    /// When it, or its next attempt, is due; for pending runs alone.
    package var due: Instant?

    package init(params: [UInt8]? = nil, policy: RunPolicy? = nil, due: Instant? = nil) {
        self.params = params
        self.policy = policy
        self.due = due
    }

    /// Whose runs may be edited: all that may have another go, and those that have not had their first.
    package static let states = RunMove.reopen.from.union([.pending])

    /// Those in which a run may be for this change.
    package var states: Set<RunState> { due == nil ? Self.states : [.pending] }
}
