import JobEngine
import JobModel
import Synchronization

/// Says on the engine's thread which announcements are the starts of tasks whose trackers want to hear of them.
final class StartWatch: Sendable {
    private let notes = Mutex<[RunID: BorrowedNote]>([:])

    func wants(_ announcement: Announcement) -> Bool {
        guard case .run(let run, .running, _, _) = announcement else { return false }
        return notes.withLock { $0[run] != nil }
    }

    func add(_ run: RunID, _ note: BorrowedNote) { notes.withLock { $0[run] = note } }

    /// Nobody wants to hear of these tasks any more.
    func drop(_ names: Set<String>) {
        notes.withLock { notes in notes = notes.filter { !names.contains($0.value.instanceName) } }
    }

    /// Nil when it was taken already, or nobody wants it.
    func take(_ run: RunID) -> BorrowedNote? { notes.withLock { $0.removeValue(forKey: run) } }
}
