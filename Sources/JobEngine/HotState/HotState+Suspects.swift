import GuestPool
import JobModel

/// When a guest crashes in which several attempts ran, any of them may have done it. Each of their runs goes alone next,
/// in a guest of its own, until one crashes there: then it is known, and the others may share again.
extension HotState {
    /// A run that has crashed before never shares: the others would pay for it.
    func mustRunAlone(_ run: HotRun) -> Bool {
        run.counters.crashes > 0 || suspects[run.id] != nil
    }

    /// What the end of an attempt says about who was to blame.
    mutating func judgeSuspicion(of id: RunID, _ end: AttemptEnd) {
        if end.outcome == .interrupted(.sharedCrash) {
            suspects[id] = end.guest
            return
        }
        guard let group = suspects[id] else { return }
        switch end.outcome {
        case .interrupted: break
        case .crashed: suspects = suspects.filter { $0.value != group }
        case .succeeded, .failed, .cancelled, .timedOut: suspects[id] = nil
        }
    }
}
