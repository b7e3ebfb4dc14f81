import Synchronization

/// The newest snapshot and those who wait for the next one.
package final class SnapshotFeed: Sendable {
    private struct State {
        var snapshot = CatalogSnapshot()
        var readers: [Int: AsyncStream<CatalogSnapshot>.Continuation] = [:]
        var readerCount = 0
        var hasEnded = false
    }

    private let state = Mutex(State())

    package init() {}

    package var current: CatalogSnapshot { state.withLock(\.snapshot) }

    /// Readers get it in the order of the calls; a slow one misses all but the newest.
    package func publish(_ snapshot: CatalogSnapshot) {
        state.withLock { state in
            state.snapshot = snapshot
            for reader in state.readers.values { reader.yield(snapshot) }
        }
    }

    /// No snapshot will follow.
    package func end() {
        let readers = state.withLock { state in
            state.hasEnded = true
            return Array(state.readers.values)
        }
        for reader in readers { reader.finish() }
    }

    /// The current snapshot, then each new one; a slow reader gets the newest.
    package func stream() -> AsyncStream<CatalogSnapshot> {
        let (stream, reader) = AsyncStream.makeStream(of: CatalogSnapshot.self, bufferingPolicy: .bufferingNewest(1))
        let number: Int? = state.withLock { state in
            reader.yield(state.snapshot)
            guard !state.hasEnded else { return nil }
            state.readerCount += 1
            state.readers[state.readerCount] = reader
            return state.readerCount
        }
        guard let number else {
            reader.finish()
            return stream
        }
        reader.onTermination = { [weak self] _ in
            self?.state.withLock { _ = $0.readers.removeValue(forKey: number) }
        }
        return stream
    }
}
