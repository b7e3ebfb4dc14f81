import GuestPool
import JobModel

/// A place for one attempt at a time. Its number is what the pool knows it by.
struct Slot {
    let queue: Int
    /// Attempts reserved, sent ahead or running here. They are all for one spec and component.
    var held = 0
    /// Of those, starts on their way to the store that were reserved before another library took over.
    var outdated = 0
    /// Since when nothing is.
    var idleSince = Instant.distantPast
    /// What it ran last; nil before the first.
    var fitting: Fitting?
}

/// What makes two attempts able to share a guest one after the other.
struct Fitting: Equatable {
    var component: Int
    /// Moves when another library takes the component over.
    var generation: Int
    var spec: GuestSpecID
}
