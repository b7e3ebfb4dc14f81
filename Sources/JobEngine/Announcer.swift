import JobModel
import Synchronization

/// Tells listeners what was committed: some want everything, some wait for one run.
final class Announcer: Sendable {
    private struct Listener {
        var continuation: AsyncStream<Announcement>.Continuation
        var wants: @Sendable (Announcement) -> Bool
    }

    private struct RunListener {
        var continuation: AsyncStream<Void>.Continuation
        var hearsLines: Bool
    }

    private struct Listeners {
        var last = 0
        var isClosed = false
        var all: [Int: Listener] = [:]
        var runs: [RunID: [Int: RunListener]] = [:]
        var lines: [@Sendable ([LogLine]) -> Void] = []

        /// Nil when nothing more will come.
        mutating func next() -> Int? {
            guard !isClosed else { return nil }
            last += 1
            return last
        }
    }

    private let listeners = Mutex(Listeners())

    /// What a listener wants from now on; a slow one gets the newest 1,000. `wants` is asked on the engine's thread.
    func announcements(
        keepsAll: Bool = false, where wants: @escaping @Sendable (Announcement) -> Bool
    ) -> AsyncStream<Announcement> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: Announcement.self, bufferingPolicy: keepsAll ? .unbounded : .bufferingNewest(1000))
        let added = listeners.withLock { listeners in
            let id = listeners.next()
            if let id { listeners.all[id] = Listener(continuation: continuation, wants: wants) }
            return id
        }
        guard let id = added else {
            continuation.finish()
            return stream
        }
        continuation.onTermination = { [weak self] _ in self?.listeners.withLock { $0.all[id] = nil } }
        return stream
    }

    /// An element each time the run is held or ends, from now on.
    func rests(of run: RunID) -> AsyncStream<Void> {
        listen(to: run, hearsLines: false)
    }

    /// An element each time the run is held or ends, or lines of it came in, from now on.
    func news(of run: RunID) -> AsyncStream<Void> {
        listen(to: run, hearsLines: true)
    }

    /// Calls with all lines from now on, on the pool's thread.
    func hearLines(_ hear: @escaping @Sendable ([LogLine]) -> Void) {
        listeners.withLock { $0.lines.append(hear) }
    }

    /// Lines of these runs came in. Called on the pool's thread.
    func tellLines(of lines: [LogLine]) {
        let (listeners, all) = listeners.withLock { listeners in
            (
                listeners.runs.isEmpty ? [] : lines.flatMap { listeners.runs[$0.run, default: [:]].values },
                listeners.lines
            )
        }
        for hear in all { hear(lines) }
        for listener in listeners where listener.hearsLines { listener.continuation.yield() }
    }

    private func listen(to run: RunID, hearsLines: Bool) -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let added = listeners.withLock { listeners in
            let id = listeners.next()
            if let id {
                listeners.runs[run, default: [:]][id] = RunListener(
                    continuation: continuation, hearsLines: hearsLines)
            }
            return id
        }
        guard let id = added else {
            continuation.finish()
            return stream
        }
        continuation.onTermination = { [weak self] _ in self?.forget(id, of: run) }
        return stream
    }

    func tell(_ announcements: [Announcement]) {
        let (all, runs) = listeners.withLock { ($0.all, $0.runs) }
        guard !all.isEmpty || !runs.isEmpty else { return }
        for announcement in announcements {
            for listener in all.values where listener.wants(announcement) { listener.continuation.yield(announcement) }
            guard case .run(let run, let state, _, _) = announcement, state.isEnd || state == .held else { continue }
            for listener in runs[run, default: [:]].values { listener.continuation.yield() }
        }
    }

    /// Nothing more will come, for those who begin to listen later neither.
    func close() {
        let (all, runs) = listeners.withLock { listeners in
            listeners.isClosed = true
            return (listeners.all, listeners.runs)
        }
        for listener in all.values { listener.continuation.finish() }
        for listener in runs.values.flatMap(\.values) { listener.continuation.finish() }
    }

    private func forget(_ id: Int, of run: RunID) {
        listeners.withLock { listeners in
            listeners.runs[run]?[id] = nil
            if listeners.runs[run]?.isEmpty == true { listeners.runs[run] = nil }
        }
    }
}
