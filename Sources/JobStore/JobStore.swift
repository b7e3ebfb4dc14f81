package import JobModel
package import Logging

/// Jobs, runs and their history in SQLite. One thread writes; readers are read-only connections.
package final class JobStore: Sendable {
    /// Opens or creates `berth.db`, `logs.db` and `blobs/` in the home folder, whose lock the caller holds.
    package init(home: String, logger: Logger) throws(StoreError) {
        fatalError("stub")
    }

    /// Reads what the engine needs to begin.
    package func load() throws(StoreError) -> StartState {
        fatalError("stub")
    }

    /// Applies a batch in one transaction. `completion` runs on the writer's thread after the commit is on disk, with
    /// an answer per mutation, or with the error that kept the whole batch from being applied. Batches are applied in
    /// the order submitted.
    package func submit(
        _ batch: [Mutation], completion: @escaping @Sendable (Result<[Answer], StoreError>) -> Void
    ) {
        fatalError("stub")
    }

    /// Appends log lines to `logs.db` soon, outside the group commit.
    package func append(_ lines: [LogLine]) {
        fatalError("stub")
    }

    /// Waits for what was submitted, checkpoints, closes.
    package func close() {
        fatalError("stub")
    }

    package func run(_ id: RunID) async throws(StoreError) -> RunRecord? { fatalError("stub") }
    /// New to old.
    package func runs(_ filter: RunFilter) async throws(StoreError) -> [RunRecord] { fatalError("stub") }
    package func attempts(of run: RunID) async throws(StoreError) -> [AttemptRecord] { fatalError("stub") }
    package func transitions(of run: RunID) async throws(StoreError) -> [TransitionRecord] { fatalError("stub") }
    /// Lines after a position (0 = from the beginning) in the order they were written, and the position to go on from.
    package func logs(
        of run: RunID, after position: Int64, limit: Int
    ) async throws(StoreError) -> (lines: [LogLine], next: Int64) { fatalError("stub") }
    /// How many runs are in each state; only states that have any. Cheap for the states that are not ends.
    package func counts() async throws(StoreError) -> [RunState: Int] { fatalError("stub") }
    /// The due time of the run of a queue that waits longest, if one is due.
    package func oldestPending(queue: String, at now: Instant) async throws(StoreError) -> RunRecord? {
        fatalError("stub")
    }
    /// SQLite's version, journal mode and synchronous level as in force on the writer, schema version, file sizes.
    package func facts() async throws(StoreError) -> StoreFacts { fatalError("stub") }
}

/// What `doctor` and the banner say about the store.
package struct StoreFacts: Hashable, Sendable {
    package var sqliteVersion: String
    package var journalMode: String
    /// `FULL`, `NORMAL` …
    package var synchronous: String
    package var schemaVersion: Int
    package var databaseBytes: Int64
    package var walBytes: Int64

    package init(
        sqliteVersion: String, journalMode: String, synchronous: String, schemaVersion: Int, databaseBytes: Int64,
        walBytes: Int64
    ) {
        self.sqliteVersion = sqliteVersion
        self.journalMode = journalMode
        self.synchronous = synchronous
        self.schemaVersion = schemaVersion
        self.databaseBytes = databaseBytes
        self.walBytes = walBytes
    }
}

/// What can go wrong with the store.
package enum StoreError: Error, Hashable, Sendable {
    /// The folder or file cannot be opened or created.
    case cannotOpen(path: String, reason: String)
    /// The file belongs to another program.
    case notOurs(path: String)
    case newerSchema(path: String, found: Int, supported: Int)
    /// A write or read failed; nothing of the batch was applied.
    case failed(reason: String)
    case closed
}
