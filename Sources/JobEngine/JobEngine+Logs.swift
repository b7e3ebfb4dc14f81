package import JobModel
import JobStore
import ServiceLifecycle

extension JobEngine {
    /// At most 1,000 lines after a position (0 = the beginning), and the position to go on from.
    package func logs(
        of run: RunID, after position: Int64, limit: Int
    ) async throws(EngineError) -> (lines: [LogLine], next: Int64) {
        try await read { store throws(StoreError) in try await store.logs(of: run, after: position, limit: limit) }
    }

    /// Calls `hear` with the lines of all runs as they come in, before the ends of their runs are announced, for as long as the
    /// engine lives. It is called on the pool's thread and must be quick.
    package func hearLines(_ hear: @escaping @Sendable ([LogLine]) -> Void) {
        thread.announcer.hearLines(hear)
    }

    /// Gives the lines of a run in pages as they come, until the run is over and all were given, or the host or the
    /// caller's task is to end.
    package func followLogs(
        of run: RunID, after start: Int64 = 0, _ give: ([LogLine]) async throws -> Void
    ) async throws {
        try await followLogPages(of: run, after: start) { try await give($0.lines) }
    }

    /// The same, with the position that each page leads to.
    package func followLogPages(
        of run: RunID, after start: Int64 = 0, _ give: ((lines: [LogLine], next: Int64)) async throws -> Void
    ) async throws {
        var news = thread.announcer.news(of: run).cancelOnGracefulShutdown().makeAsyncIterator()
        var position = start
        while true {
            // Looked at before the read: the lines of a run that is over then are all there.
            let isOver = try await self.run(run).rests
            while true {
                let page = try await logs(of: run, after: position, limit: 1000)
                guard !page.lines.isEmpty else { break }
                position = page.next
                try await give(page)
            }
            guard !isOver, await news.next() != nil else { return }
            // One that prints much is read in large pages.
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
