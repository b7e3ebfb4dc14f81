import Synchronization

/// Where threads leave events for the catalog, which takes all that are there at once: a thousand files found by one
/// look make one snapshot, not a thousand.
final class EventInbox: Sendable {
    private let events = Mutex<[CatalogState.Event]>([])
    private let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation

    init() {
        (signals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func put(_ new: [CatalogState.Event]) {
        guard !new.isEmpty else { return }
        events.withLock { $0 += new }
        signal.yield()
    }

    /// A turn without an event.
    func nudge() { signal.yield() }

    var isEmpty: Bool { events.withLock(\.isEmpty) }

    /// Calls `body` with what has come in, until the current task is cancelled.
    func drain(_ body: ([CatalogState.Event]) -> Void) async {
        for await _ in signals {
            let batch = events.withLock { events in
                defer { events = [] }
                return events
            }
            body(batch)
        }
    }
}
