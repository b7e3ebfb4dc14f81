import JobEngine
import JobModel
import Synchronization

/// Prints a run's log lines on stderr while it runs, and what is left when it has ended.
final class LogFollower: Sendable {
    private let engine: JobEngine
    private let run: RunID
    private let isOver = Mutex(false)
    /// Lines are stored soon, not at once.
    private static let interval = Duration.milliseconds(50)

    init(engine: JobEngine, run: RunID) {
        self.engine = engine
        self.run = run
    }

    /// The run has ended: what is stored by the next look is all there will be.
    func end() {
        isOver.withLock { $0 = true }
    }

    func follow() async {
        var position: Int64 = 0
        while true {
            let isLast = isOver.withLock { $0 }
            try? await Task.sleep(for: Self.interval)
            while let page = try? await engine.logs(of: run, after: position, limit: 1000), !page.lines.isEmpty {
                for line in page.lines { Terminal.printError(Terminal.plain(line.text)) }
                position = page.next
            }
            if isLast || Task.isCancelled { return }
        }
    }
}
