import CLinux
import Glibc
import JobModel
import Synchronization

/// What reaches the pool's thread from others.
enum PoolMessage: Sendable {
    case commands([GuestCommand])
    case probe(GuestSpec, deadline: Duration, ProbeAnswer)
    case hurry(RunID)
    case prepare(Set<Succession>, CheckedContinuation<Void, Never>)
    case progress(CheckedContinuation<[AttemptProgress], Never>)
    case stop(CheckedContinuation<Void, Never>?)
}

typealias ProbeAnswer = CheckedContinuation<ProbeResult, Never>

/// The door of the pool's thread: messages in, the sink out, and the specs both sides speak of.
final class PoolInbox: Sendable {
    /// Readable while messages wait.
    let event: Int32
    private let state = Mutex(State())

    private struct State {
        var messages: [PoolMessage] = []
        var isClosed = false
        var sink: (@Sendable ([GuestEvent]) -> Void)?
        var specs = SpecTable()
    }

    init() throws(GuestPoolError) {
        event = berth_event_create()
        guard event >= 0 else { throw .system(call: "eventfd", code: -event) }
    }

    deinit {
        Glibc.close(event)
    }

    /// False when the pool has stopped and nobody will read the message.
    func post(_ message: PoolMessage) -> Bool {
        let (isTaken, isFirst) = state.withLock { state in
            guard !state.isClosed else { return (false, false) }
            state.messages.append(message)
            return (true, state.messages.count == 1)
        }
        if isFirst { berth_event_signal(event) }
        return isTaken
    }

    func take() -> [PoolMessage] {
        berth_event_clear(event)
        return state.withLock { state in
            defer { state.messages = [] }
            return state.messages
        }
    }

    /// The last messages; none is taken afterwards.
    func close() -> [PoolMessage] {
        state.withLock { state in
            state.isClosed = true
            defer { state.messages = [] }
            return state.messages
        }
    }

    func setSink(_ sink: @escaping @Sendable ([GuestEvent]) -> Void) {
        state.withLock { $0.sink = sink }
    }

    var sink: (@Sendable ([GuestEvent]) -> Void)? { state.withLock { $0.sink } }

    func intern(_ spec: GuestSpec) -> GuestSpecID {
        state.withLock { $0.specs.intern(spec) }
    }
}
