import Synchronization

/// The way to the server, while there is one. Whoever has something to say waits for it here; what is said goes out in
/// order, and nobody hears whether it arrived.
final class CronjobLine: Sendable {
    private struct State {
        var outgoing: AsyncStream<[UInt8]>.Continuation?
        var waiting: [Int: AsyncStream<Void>.Continuation] = [:]
        var last = 0
    }

    private let state = Mutex(State())

    var isOpen: Bool { state.withLock { $0.outgoing != nil } }

    /// What is said from now on, framed, until `close`. `first` goes before everything that waits to be said.
    func open(with first: WorkerEvent) -> AsyncStream<[UInt8]> {
        let (stream, continuation) = AsyncStream.makeStream(of: [UInt8].self)
        continuation.yield(EventFraming.frame(first.json))
        let waiting = state.withLock { state in
            state.outgoing?.finish()
            state.outgoing = continuation
            defer { state.waiting = [:] }
            return state.waiting
        }
        for one in waiting.values { one.finish() }
        return stream
    }

    /// What was said before goes out, nothing after it.
    func close() {
        state.withLock { state in
            state.outgoing?.finish()
            state.outgoing = nil
        }
    }

    /// Lost where there is no way.
    func say(_ event: WorkerEvent) {
        _ = state.withLock { $0.outgoing?.yield(EventFraming.frame(event.json)) }
    }

    /// Returns when there is a way, or the caller is cancelled.
    func whenOpen() async {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        let number: Int? = state.withLock { state in
            guard state.outgoing == nil else { return nil }
            state.last += 1
            state.waiting[state.last] = continuation
            return state.last
        }
        guard let number else { return }
        for await _ in stream {}
        _ = state.withLock { $0.waiting.removeValue(forKey: number) }
    }
}
