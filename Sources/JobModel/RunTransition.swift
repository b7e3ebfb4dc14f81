/// Everything that moves a run from one state to another: the one table, by which the store guards its statements, and
/// against which tests check both.
package enum RunMove: String, Hashable, Sendable, CaseIterable {
    /// An attempt begins.
    case start
    /// The attempt was sent ahead and never began.
    case takeBack = "take_back"
    /// An attempt is over, and one rule says what follows.
    case end
    /// It ends without an attempt: cancelled, skipped, expired, or failed for params or a pre-step.
    case close
    /// A person lets it wait.
    case pause
    /// A person lets it go on that a person let wait.
    case resume
    /// A person gives it another go.
    case reopen
    /// A person says how it ended who knows.
    case resolve

    /// The states it leaves.
    package var from: Set<RunState> {
        switch self {
        case .start, .pause: [.pending]
        case .takeBack, .end: [.running]
        case .close: [.pending, .held]
        case .resume, .resolve: [.held]
        case .reopen: [.held, .failed, .cancelled, .skipped, .expired]
        }
    }

    /// The states it leads to.
    package var to: Set<RunState> {
        switch self {
        case .start: [.running]
        case .takeBack, .resume, .reopen: [.pending]
        case .end: [.succeeded, .failed, .cancelled, .held, .pending]
        case .close: [.failed, .cancelled, .skipped, .expired]
        case .pause: [.held]
        case .resolve: [.succeeded, .failed, .cancelled]
        }
    }

    package func leads(from state: RunState, to next: RunState) -> Bool { from.contains(state) && to.contains(next) }

    /// `pending or held`, for messages.
    package var fromWords: String {
        let words = RunState.allCases.filter(from.contains).map(\.word)
        guard let last = words.last, words.count > 1 else { return words.first ?? "" }
        return "\(words.dropLast().joined(separator: ", ")) or \(last)"
    }
}

extension RunState {
    /// Whether a run may go from this state to another. Staying is not a transition.
    package func canBecome(_ next: RunState) -> Bool {
        next != self && RunMove.allCases.contains { $0.leads(from: self, to: next) }
    }
}
