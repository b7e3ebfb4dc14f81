import GuestPool
import JobModel
import JobStore

/// What running attempts ask for. Reads go to the store beside the batches.
extension HotState {
    mutating func asked(_ key: AttemptKey, _ ask: GuestAsk) {
        guard running(key) != nil else { return answer(key, .badCall) }
        switch ask {
        case .results(let index): effects.reads.append(.results(key, from: index))
        case .get, .put: answer(key, .unsupported)
        }
    }

    private mutating func answer(_ key: AttemptKey, _ answer: GuestAnswer) {
        effects.guests.append(.answer(key, answer))
    }
}

/// Something to read for an attempt that waits for it.
enum GuestRead: Sendable {
    case results(AttemptKey, from: Int64)
}
