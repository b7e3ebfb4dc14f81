extension RunState {
    /// Whether a run may go from this state to another. Staying is not a transition.
    package func canBecome(_ next: RunState) -> Bool {
        switch self {
        case .pending:
            switch next {
            case .running, .cancelled, .skipped, .expired: true
            case .pending, .held, .succeeded, .failed: false
            }
        case .running:
            switch next {
            case .succeeded, .failed, .cancelled, .held, .pending: true
            case .running, .skipped, .expired: false
            }
        case .held:
            // A person retries it, or resolves it by what they know of its effect.
            switch next {
            case .pending, .succeeded, .failed, .cancelled, .skipped, .expired: true
            case .running, .held: false
            }
        case .failed, .cancelled, .skipped, .expired:
            // A person retries it.
            next == .pending
        case .succeeded: false
        }
    }
}
