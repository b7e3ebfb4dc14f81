import Synchronization

/// Who stands at the door. Strangers are few at a time and named in the log now and then, so that they cost nothing.
final class DoorCrowd: Sendable {
    private struct State {
        var known = 0
        var strangers = 0
        var named: [String: ContinuousClock.Instant] = [:]
    }

    private let state = Mutex(State())
    private let mostKnown: Int
    private let mostStrangers: Int

    init(mostKnown: Int = 1_000, mostStrangers: Int = 50) {
        self.mostKnown = mostKnown
        self.mostStrangers = mostStrangers
    }

    /// False: there are too many of its kind. What came in leaves again.
    func enter(isKnown: Bool) -> Bool {
        state.withLock { state in
            guard isKnown ? state.known < mostKnown : state.strangers < mostStrangers else { return false }
            if isKnown { state.known += 1 } else { state.strangers += 1 }
            return true
        }
    }

    func leave(isKnown: Bool) {
        state.withLock { if isKnown { $0.known -= 1 } else { $0.strangers -= 1 } }
    }

    /// Whether a stranger of this address has not been named for a minute. At most so many are named in a minute.
    func isNews(_ address: String) -> Bool {
        let now = ContinuousClock.now
        return state.withLock { state in
            state.named = state.named.filter { now - $0.value < .seconds(60) }
            guard state.named[address] == nil, state.named.count < mostStrangers else { return false }
            state.named[address] = now
            return true
        }
    }
}
