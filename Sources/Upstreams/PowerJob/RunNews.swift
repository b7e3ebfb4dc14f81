import JobModel
import Synchronization

/// Runs of which lines came in. Filled on the pool's thread.
final class RunNews: Sendable {
    private let runs = Mutex<Set<RunID>>([])
    /// An element when there is something to take.
    let wakes: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation

    init() {
        (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    func add(_ lines: [LogLine]) {
        runs.withLock { runs in for line in lines { runs.insert(line.run) } }
        wake.yield()
    }

    /// Looks at it again.
    func add(_ run: RunID) {
        runs.withLock { _ = $0.insert(run) }
        wake.yield()
    }

    /// All of them.
    func take() -> Set<RunID> {
        runs.withLock { runs in
            defer { runs = [] }
            return runs
        }
    }

    /// Whether it was among them.
    func take(_ run: RunID) -> Bool { runs.withLock { $0.remove(run) != nil } }
}
