/// What becomes of a request whose unique key belongs to a run that has not ended. Time plays no part: the key is taken
/// from the moment its run is stored until that run ends.
package enum DuplicatePolicy: String, Hashable, Sendable, CaseIterable {
    /// The answer is the run that is there.
    case existing
    /// The run that is there gets the params of the request, as long as it has not started.
    case replace
    /// The request is refused.
    case reject
}
