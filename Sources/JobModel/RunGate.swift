/// Where a run stands with its pre-step. Stored as these integers, which are never renumbered.
package enum RunGate: Int, Hashable, Sendable, CaseIterable {
    /// The step, if the run has one, has not been made.
    case ahead = 0
    /// The step is a child of the run, which waits for it, and for children that were given another go meanwhile.
    case waiting = 1
    case passed = 2
    /// The step ended other than well: the run does not start.
    case failed = 3
}
