package import GuestPool
package import JobModel
package import JobStore
package import Logging
package import PluginCatalog
import ServiceLifecycle

/// Accepts runs, schedules jobs, dispatches to guests, decides what follows, and tells who waits.
/// Every method may be called from any task; each answer comes after the commit it speaks of.
package final class JobEngine: Service, Sendable {
    package struct Configuration: Sendable {
        /// Slots of the queue `default` when it is first made.
        package var slots: Int
        package var profile: SandboxProfile
        /// How long shutdown lets running attempts go on.
        package var drain: Duration

        package init(slots: Int, profile: SandboxProfile = .standard, drain: Duration = .seconds(30)) {
            self.slots = slots
            self.profile = profile
            self.drain = drain
        }
    }

    package init(
        store: JobStore, pool: GuestPool, catalog: PluginCatalog, configuration: Configuration, logger: Logger
    ) {
        fatalError("stub")
    }

    /// Rescues what an earlier host left running, then works until graceful shutdown; drains and returns.
    package func run() async throws {
        fatalError("stub")
    }

    // MARK: Runs

    /// One answer per request, in order. Throws when nothing at all could be stored.
    package func enqueue(_ requests: [RunRequest], actor: String) async throws(EngineError) -> [Acceptance] {
        fatalError("stub")
    }
    /// A pending or held run ends at once; a running one is asked to stop and ends when its attempt does.
    package func cancel(_ id: RunID, actor: String, reason: String?) async throws(EngineError) -> RunRecord {
        fatalError("stub")
    }
    package func retry(_ id: RunID, actor: String) async throws(EngineError) -> RunRecord { fatalError("stub") }
    package func run(_ id: RunID) async throws(EngineError) -> RunRecord { fatalError("stub") }
    package func lastRun() async throws(EngineError) -> RunRecord { fatalError("stub") }
    package func runs(_ filter: RunFilter) async throws(EngineError) -> [RunRecord] { fatalError("stub") }
    package func attempts(of run: RunID) async throws(EngineError) -> [AttemptRecord] { fatalError("stub") }
    package func transitions(of run: RunID) async throws(EngineError) -> [TransitionRecord] { fatalError("stub") }
    package func logs(
        of run: RunID, after position: Int64, limit: Int
    ) async throws(EngineError) -> (lines: [LogLine], next: Int64) { fatalError("stub") }
    /// Returns when the run has ended or is held.
    package func waitForEnd(of run: RunID) async throws(EngineError) -> RunRecord { fatalError("stub") }
    package func progress() async -> [AttemptProgress] { fatalError("stub") }

    // MARK: Jobs and queues

    /// Stores all of them or none. With `prune`, jobs of the same source that are not among them are deleted.
    package func apply(
        _ jobs: [JobDefinition], source: String, prune: Bool, actor: String
    ) async throws(EngineError) -> ApplyReport { fatalError("stub") }
    package func jobs() async throws(EngineError) -> [JobStatus] { fatalError("stub") }
    package func job(_ name: String) async throws(EngineError) -> JobStatus { fatalError("stub") }
    package func setPaused(_ paused: Bool, job name: String, actor: String) async throws(EngineError) -> JobStatus {
        fatalError("stub")
    }
    package func trigger(job name: String, actor: String) async throws(EngineError) -> RunRecord {
        fatalError("stub")
    }
    package func delete(job name: String, actor: String) async throws(EngineError) { fatalError("stub") }
    package func queues() async throws(EngineError) -> [QueueStatus] { fatalError("stub") }
    /// Nil leaves a setting as it is. Creates a queue that does not exist.
    package func setQueue(
        _ name: String, slots: Int?, paused: Bool?, actor: String
    ) async throws(EngineError) -> QueueStatus { fatalError("stub") }

    // MARK: The host

    package var catalog: CatalogSnapshot { fatalError("stub") }
    package func status() async throws(EngineError) -> EngineStatus { fatalError("stub") }
    /// What happens from now on, after it was committed. A reader that falls behind by more than 1,000 gets the newest.
    package func announcements() -> AsyncStream<Announcement> { fatalError("stub") }
}
