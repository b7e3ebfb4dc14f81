import CLinux
import Glibc
import JobModel
import Synchronization

/// Where everybody leaves events for the engine's thread. Any thread may post; one thread takes.
final class Inbox: Sendable {
    /// Somebody who waits for a reply.
    typealias Waiter = (ticket: Ticket, continuation: CheckedContinuation<Reply, Never>)

    struct Content {
        var events: [Event] = []
        var waiters: [Waiter] = []
    }

    fileprivate struct State {
        var content = Content()
        var lastTicket: Ticket = 0
        /// The thread sleeps, or is about to, and must be woken.
        var isAsleep = false
        /// Why nobody takes events any more.
        var closed: EngineError?
    }

    private let state = Mutex(State())
    /// Readable while the sleeping thread has something to take.
    let bell: Int32

    /// The bell is an eventfd that the thread's epoll watches.
    init(bell: Int32) {
        self.bell = bell
    }

    deinit {
        Glibc.close(bell)
    }

    /// After the end nobody takes events: they are dropped.
    func post(_ event: Event) {
        let mustWake = state.withLock { state in
            guard state.closed == nil else { return false }
            state.content.events.append(event)
            return state.wake()
        }
        if mustWake { berth_event_signal(bell) }
    }

    func ask(_ call: Call) async -> Reply {
        await withCheckedContinuation { continuation in
            let (mustWake, refusal) = state.withLock { state in state.add(call, continuation) }
            if let refusal { continuation.resume(returning: .failed(refusal)) }
            if mustWake { berth_event_signal(bell) }
        }
    }

    /// What has come since the last time; nil when there is nothing, and then the bell will ring for the next event.
    func take() -> Content? {
        state.withLock { state in
            guard !state.content.events.isEmpty else {
                state.isAsleep = true
                return nil
            }
            defer { state.content = Content() }
            state.isAsleep = false
            return state.content
        }
    }

    /// From now on everybody is refused. Returns those who still waited for their call to be taken.
    func close(_ reason: EngineError) -> [Waiter] {
        state.withLock { state in
            state.closed = reason
            defer { state.content = Content() }
            return state.content.waiters
        }
    }
}

extension Inbox.State {
    mutating func wake() -> Bool {
        defer { isAsleep = false }
        return isAsleep
    }

    mutating func add(
        _ call: Call, _ continuation: CheckedContinuation<Reply, Never>
    ) -> (mustWake: Bool, refusal: EngineError?) {
        if let closed { return (false, closed) }
        lastTicket += 1
        content.events.append(.call(lastTicket, call))
        content.waiters.append((lastTicket, continuation))
        return (wake(), nil)
    }
}
