import JobModel
import Synchronization

/// Those who wait until the catalog has carried out what they asked for.
final class OrderBook: Sendable {
    private struct State {
        var last = 0
        var waiters: [CatalogState.OrderTicket: CheckedContinuation<PluginRefusal?, Never>] = [:]
        var isClosed = false
    }

    private let state = Mutex(State())

    /// Waits for the answer to the order that `give` hands over. Nil: it was carried out.
    func wait(_ give: (CatalogState.OrderTicket) -> Void) async -> PluginRefusal? {
        await withCheckedContinuation { waiter in
            let ticket: Int? = state.withLock { state in
                guard !state.isClosed else { return nil }
                state.last += 1
                state.waiters[state.last] = waiter
                return state.last
            }
            if let ticket { give(ticket) } else { waiter.resume(returning: .stopping) }
        }
    }

    func answer(_ ticket: CatalogState.OrderTicket, _ refusal: PluginRefusal?) {
        state.withLock { $0.waiters.removeValue(forKey: ticket) }?.resume(returning: refusal)
    }

    /// No order is carried out any more.
    func close() {
        let left = state.withLock { state in
            state.isClosed = true
            defer { state.waiters = [:] }
            return state.waiters.values
        }
        for waiter in left { waiter.resume(returning: .stopping) }
    }
}
