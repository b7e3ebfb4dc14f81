package import JobModel

/// Where an instance stands that the server dispatches.
package enum InstanceClaim: Hashable, Sendable {
    /// Reported from now on; it is to be stored.
    case isNew
    /// The same, once nothing is owed any more for the run it was before.
    case wasHere(RunID)
    /// Run here, or about to be reported to its end.
    case isHere
}
