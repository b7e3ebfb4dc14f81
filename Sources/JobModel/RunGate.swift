/// Where a run stands with the step that is to go before it. Stored as these integers, which are never renumbered.
package enum RunGate: Int, Hashable, Sendable, CaseIterable {
    /// The step, if the run has one, has not been made.
    case ahead = 0
    /// The step is a child of the run, which waits for it.
    case waiting = 1
    case passed = 2
    /// The step ended other than well: the run never starts.
    case failed = 3

    /// The place of the step among the run's children, where the children that it emits count from 0.
    package static let childIndex: Int64 = -1
}
