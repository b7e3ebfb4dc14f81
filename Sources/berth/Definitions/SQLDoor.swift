import HostHTTP
import JobEngine
import JobModel
import JobStore
import Logging
import ServiceLifecycle

/// The SQL door: other programs insert rows into `inbox.db`, which this takes in as they are committed, and writes back
/// into them what became of them.
struct SQLDoor: Service {
    let path: String
    let aliases: [String: ComponentName]
    let watch: PathWatch
    let engine: JobEngine
    let logger: Logger
    /// After which rows that somebody else called running wait again.
    var strangePatience = Duration.seconds(30)

    enum Event {
        case look
        case happened(Announcement)
        /// The jobs that something happened to are to be written.
        case writeRuns
    }

    func run() async throws {
        let (events, continuation) = AsyncStream.makeStream(of: Event.self)
        let interest = InboxInterest()
        watch.add([path, path + "-wal"]) { _ in continuation.yield(.look) }
        let database = InboxDatabase(path: path)
        try await cancelWhenGracefulShutdown {
            try await withThrowingDiscardingTaskGroup { group in
                group.addTask {
                    for await announcement in engine.announcements(keepsAll: true, where: { interest.wants($0) }) {
                        continuation.yield(.happened(announcement))
                    }
                }
                var turns = InboxTurns(door: self, database: database, interest: interest) { event, delay in
                    Task {
                        try? await Task.sleep(for: delay)  // never cancelled
                        continuation.yield(event)
                    }
                }
                for await event in events { await turns.take(event) }
                group.cancelAll()
            }
        }
        await database.close()
    }
}
