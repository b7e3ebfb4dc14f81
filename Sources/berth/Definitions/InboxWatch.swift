import JobEngine
import JobModel
import Synchronization

/// Which announcements the inbox waits for: asked on the engine's thread, changed by the inbox.
final class InboxWatch: Sendable {
    private struct Interest {
        var jobs: Set<String> = []
        var runs: Set<RunID> = []
    }

    private let interest = Mutex(Interest())

    func wants(_ announcement: Announcement) -> Bool {
        guard case .run(let run, let state, let job, _) = announcement else { return true }
        return interest.withLock { interest in
            if let job, interest.jobs.contains(job) { return true }
            return (state.isEnd || state == .held) && interest.runs.contains(run)
        }
    }

    func setJobs(_ names: Set<String>) { interest.withLock { $0.jobs = names } }
    func add(_ run: RunID) { interest.withLock { _ = $0.runs.insert(run) } }
    func remove(_ run: RunID) { interest.withLock { _ = $0.runs.remove(run) } }
    func awaits(_ run: RunID) -> Bool { interest.withLock { $0.runs.contains(run) } }
}
