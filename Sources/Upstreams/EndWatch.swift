import JobEngine
import JobModel
import Synchronization

/// Says on the engine's thread which announcements a ledger wants: ends of its runs, and of any run while it waits to hear
/// which are its own.
final class EndWatch: Sendable {
    private struct State {
        var runs: Set<RunID> = []
        var takes = 0
    }

    private let state = Mutex(State())

    func wants(_ announcement: Announcement) -> Bool {
        guard case .run(let run, let runState, _, _) = announcement, runState.isEnd else { return false }
        return state.withLock { $0.takes > 0 || $0.runs.contains(run) }
    }

    func begin() { state.withLock { $0.takes += 1 } }
    func end() { state.withLock { $0.takes -= 1 } }
    func add(_ run: RunID) { state.withLock { _ = $0.runs.insert(run) } }
    func remove(_ run: RunID) { state.withLock { _ = $0.runs.remove(run) } }
}
