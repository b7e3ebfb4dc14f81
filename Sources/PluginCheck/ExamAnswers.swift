import GuestPool
import JobModel
import Synchronization

/// What attempts of an examination are told when they ask the host: their state is kept for as long as it lasts, and
/// there are no results of children.
final class ExamAnswers: Sendable {
    private struct Kept {
        var value: [UInt8]
        var version: UInt64
    }

    private let state = Mutex<[[UInt8]: Kept]>([:])

    func answers(to events: [GuestEvent]) -> [GuestCommand] {
        events.compactMap { event in
            guard case .asked(let key, let ask) = event else { return nil }
            return .answer(key, answer(to: ask))
        }
    }

    private func answer(to ask: GuestAsk) -> GuestAnswer {
        switch ask {
        case .results: .notFound
        case .get(let key):
            state.withLock { $0[key] }.map { GuestAnswer(status: 0, number: $0.version, payload: $0.value) }
                ?? .notFound
        case .put(let key, let value, let wanted):
            state.withLock { state in
                let version = state[key]?.version ?? 0
                guard wanted == .max || wanted == version else { return .conflict }
                state[key] = Kept(value: value, version: version + 1)
                return GuestAnswer(status: 0, number: version + 1)
            }
        }
    }
}
