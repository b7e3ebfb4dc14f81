/// What a person changes about a run that is neither running nor has succeeded; nil leaves it as it is.
package struct RunEdit: Hashable, Sendable {
    /// JSON text, an object.
    package var params: [UInt8]?
    package var policy: RunPolicy?

    package init(params: [UInt8]? = nil, policy: RunPolicy? = nil) {
        self.params = params
        self.policy = policy
    }

    /// Whose runs may be edited: all that may have another go, and those that have not had their first.
    package static let states = RunMove.reopen.from.union([.pending])
}
