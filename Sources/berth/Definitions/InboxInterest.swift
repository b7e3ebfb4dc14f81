import JobEngine
import JobModel
import Synchronization

/// Which announcements the inbox waits for: asked on the engine's thread, changed by the inbox.
final class InboxInterest: Sendable {
    private struct Wanted {
        var jobs: Set<String> = []
        var runs: Set<RunID> = []
    }

    private let wanted = Mutex(Wanted())

    func wants(_ announcement: Announcement) -> Bool {
        guard case .run(let run, let state, let job, _) = announcement else { return true }
        return wanted.withLock { wanted in
            if let job, wanted.jobs.contains(job) { return true }
            return (state.isEnd || state == .held) && wanted.runs.contains(run)
        }
    }

    func setJobs(_ names: Set<String>) { wanted.withLock { $0.jobs = names } }
    func add(_ run: RunID) { wanted.withLock { _ = $0.runs.insert(run) } }
    func remove(_ run: RunID) { wanted.withLock { _ = $0.runs.remove(run) } }
}
