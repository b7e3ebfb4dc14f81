/// Where a run is in its life. Stored as these integers, which are never renumbered.
package enum RunState: Int, Hashable, Sendable, CaseIterable {
    /// Owed: waits for its due time, a slot, or its component. *Ready* when due, *scheduled* before.
    case pending = 0
    /// An attempt was started and has not ended.
    case running = 1
    /// A person must say what happens next.
    case held = 2
    case succeeded = 3
    case failed = 4
    case cancelled = 5
    /// Never ran because a policy said so (missed fire, overlap).
    case skipped = 6
    /// Never ran because its deadline passed first.
    case expired = 7

    package var isEnd: Bool { rawValue >= RunState.succeeded.rawValue }

    /// The one list of words, used in JSON, the command line and messages alike.
    package var word: String {
        switch self {
        case .pending: "pending"
        case .running: "running"
        case .held: "held"
        case .succeeded: "succeeded"
        case .failed: "failed"
        case .cancelled: "cancelled"
        case .skipped: "skipped"
        case .expired: "expired"
        }
    }

    package init?(word: some StringProtocol) {
        guard let state = RunState.allCases.first(where: { $0.word == word }) else { return nil }
        self = state
    }
}
