import GuestPool
import JobModel

/// A place for one attempt at a time. Its number is what the pool knows it by.
struct Slot {
    let queue: Int
    /// Attempts reserved, sent ahead or running here. They are all for one component, and for one spec but when one of
    /// its next version stands behind those of the last.
    var held = 0
    /// Since when nothing is.
    var idleSince = Instant.distantPast
    /// What it was reserved for last; nil before the first.
    var fitting: Fitting?

    /// What it holds is for an earlier version than this.
    func isBehind(_ next: Fitting) -> Bool {
        guard let fitting, fitting.component == next.component else { return false }
        return fitting.generation < next.generation
    }
}

/// What makes two attempts able to share a guest one after the other.
struct Fitting: Hashable {
    var component: Int
    /// Moves when another library takes the component over.
    var generation: Int
    var spec: GuestSpecID
}
