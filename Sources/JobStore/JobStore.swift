import Foundation
import GRDB
package import JobModel
package import Logging

/// Jobs, runs and their history in SQLite. One thread writes; readers are read-only connections.
package final class JobStore: Sendable {
    private let path: String
    private let blobs: Blobs
    private let writer: WriterThread
    private let readers: DatabasePool
    /// For reads that may take long, so that attempts which read what they kept wait for none of them.
    private let searchers: DatabasePool
    private let logs: LogStore

    /// Opens or creates `berth.db`, `logs.db` and `blobs/` in the home folder, whose lock the caller holds.
    package init(home: String, logger: Logger) throws(StoreError) {
        path = "\(home)/berth.db"
        guard !StoreRestore.wasCutShort(in: home) else {
            throw .cannotOpen(path: path, reason: StoreRestore.cutShort)
        }
        let file = DatabaseFile(path: path, schema: .runs)
        let connection = try file.openWriter(.full)
        readers = try file.openReaders(3)
        searchers = try file.openReaders(2)
        blobs = try Blobs(folder: "\(home)/blobs")
        logs = try LogStore(path: "\(home)/logs.db", logger: logger)
        writer = WriterThread(file: file, connection: connection, blobs: blobs, logger: logger)
    }

    /// Reads what the engine needs to begin. Blocks the caller's thread while it reads.
    package func load() throws(StoreError) -> StartState {
        guard !writer.isClosed else { throw .closed }
        do {
            return try readers.read { try StartReader(db: $0).state(blobs: blobs) }
        } catch {
            throw StoreError(error)
        }
    }

    /// After a commit that failed: opens the store anew, makes sure that it can be written, and reads what the engine needs
    /// to go on. `completion` runs on the writer's thread, after all batches submitted before.
    package func reopen(completion: @escaping @Sendable (Result<StartState, StoreError>) -> Void) {
        writer.submit(
            .reopen { [self] result in
                completion(
                    result.flatMap {
                        readers.invalidateReadOnlyConnections()
                        searchers.invalidateReadOnlyConnections()
                        return Result { () throws(StoreError) in try load() }
                    })
            })
    }

    /// Applies a batch in one transaction. `completion` runs on the writer's thread after the commit is on disk, with
    /// an answer per mutation, or with the error that kept the whole batch from being applied. Batches are applied in
    /// the order submitted. Behind one that failed none is: they get its error, until `reopen`.
    package func submit(
        _ batch: [Mutation], completion: @escaping @Sendable (Result<[Answer], StoreError>) -> Void
    ) {
        writer.submit(.batch(batch, completion))
    }

    /// Appends log lines to `logs.db` soon, outside the group commit. When more waits than the disk takes, lines are
    /// dropped and counted in a line of their run.
    package func append(_ lines: [LogLine]) {
        logs.append(lines)
    }

    /// What of pruned runs is not in `berth.db`. When the host dies before this, it stays and harms nobody.
    func forget(_ pruned: Pruned) async {
        logs.forget(pruned.runs.map(\.id))
        // Files may be large, and a disk takes its time to let them go.
        await withCheckedContinuation { continuation in
            Self.remover.async { [blobs] in
                for run in pruned.runs { blobs.remove(run: run.id, attempts: run.starts) }
                continuation.resume()
            }
        }
    }

    private static let remover = DispatchQueue(label: "berth.blobs")

    /// Waits for what was submitted, checkpoints, closes. Not to be called from a completion.
    package func close() {
        writer.stopAccepting()
        logs.close()
        // Readers first: the last connection to close tidies up, and it must be the one that may write.
        try? readers.close()
        try? searchers.close()
        writer.close()
    }
}

// MARK: - Reads

/// A read that has begun is answered, whether its task is cancelled meanwhile or not.
extension JobStore {
    /// Nil when there is no such run.
    package func run(_ id: RunID) async throws(StoreError) -> RunRecord? {
        try await read { db, blobs in
            var reader = RunReader(db, blobs)
            return try reader.run(id)
        }
    }

    /// New to old, at most 1,000. Outputs over 64 KiB are left out here; `run(_:)` has them.
    package func runs(_ filter: RunFilter) async throws(StoreError) -> [RunRecord] {
        try await search { db, blobs in
            var reader = RunReader(db, blobs)
            let border = try filter.since.map { try reader.border(of: $0) }
            return try reader.runs(RunQuery(filter, totals: reader.counts(), border: border))
        }
    }

    /// The newest run of each job, by the job's name; jobs without runs are left out. As `runs(_:)` gives them, in one
    /// read and with one seek per name.
    package func newestRuns(ofJobs names: [String]) async throws(StoreError) -> [String: RunRecord] {
        try await read { db, blobs in
            var reader = RunReader(db, blobs)
            return try reader.newestRuns(ofJobs: names)
        }
    }

    /// The newest run with each unique key, whether it has ended or not; keys without a run are left out.
    package func runs(withKeys keys: [String]) async throws(StoreError) -> [String: RunID] {
        try await read { try RunReader($0, $1).runs(withKeys: keys) }
    }

    /// In the order they were made. The output of the last one is in the run; outputs of earlier ones are not kept.
    package func attempts(of run: RunID) async throws(StoreError) -> [AttemptRecord] {
        try await read { try RunReader($0, $1).attempts(of: run) }
    }

    /// In the order they were made.
    package func transitions(of run: RunID) async throws(StoreError) -> [TransitionRecord] {
        try await read { try RunReader($0, $1).transitions(of: run) }
    }

    /// Nil when nothing was put there.
    package func state(at place: StatePlace) async throws(StoreError) -> StoredState? {
        try await read { db, _ in try db.state(at: place) }
    }

    /// The runs that were made to go before and after a run, in the order they were made.
    package func steps(of run: RunID) async throws(StoreError) -> [RunRecord] {
        try await read { db, blobs in
            var reader = RunReader(db, blobs)
            return try reader.steps(of: run)
        }
    }

    /// How many children a run has, by their state.
    package func childCounts(of parent: RunID) async throws(StoreError) -> ChildCounts {
        try await read { try RunReader($0, $1).childCounts(of: parent) }
    }

    /// How children ended, in their order from the given index on: as many as fit into `bytes`, at least one if there is
    /// one. Stops before a child that has not ended.
    package func childResults(
        of parent: RunID, from index: Int64, bytes: Int
    ) async throws(StoreError) -> [ChildResult] {
        try await read { db, blobs in
            var reader = RunReader(db, blobs)
            return try reader.childResults(of: parent, from: index, bytes: bytes)
        }
    }

    /// Lines after a position (0 = from the beginning) in the order they were written, and the position to go on from.
    /// At most 1,000 lines; positions mean nothing but order.
    package func logs(
        of run: RunID, after position: Int64, limit: Int
    ) async throws(StoreError) -> (lines: [LogLine], next: Int64) {
        try await logs.lines(of: run, after: position, limit: limit)
    }

    /// How many runs are in each state; only states that have any. Cheap for all of them.
    package func counts() async throws(StoreError) -> [RunState: Int] {
        try await read { try RunReader($0, $1).counts() }
    }

    /// What has become of all runs of each component that had any.
    package func componentFigures() async throws(StoreError) -> [ComponentName: RunFigures] {
        try await read { db, blobs in
            var reader = RunReader(db, blobs)
            return try reader.componentFigures()
        }
    }

    /// What has become of all runs of a job.
    package func figures(ofJob id: JobID) async throws(StoreError) -> RunFigures {
        try await read { try RunReader($0, $1).figures(ofJob: id) }
    }

    /// The due time of the run of a queue that waits longest, if one is due.
    package func oldestPending(queue: String, at now: Instant) async throws(StoreError) -> RunRecord? {
        try await read { db, blobs in
            var reader = RunReader(db, blobs)
            return try reader.oldestPending(queue: queue, at: now)
        }
    }

    /// How many runs of a queue are pending, counted up to a limit. Costs no more than the limit, whatever else waits.
    package func pendingCount(queue: String, atMost limit: Int) async throws(StoreError) -> Int {
        try await read { try RunReader($0, $1).pendingCount(queue: queue, atMost: limit) }
    }

    /// SQLite's version, journal mode and synchronous level as in force on the writer, schema version, file sizes.
    package func facts() async throws(StoreError) -> StoreFacts {
        let path = path
        return try await onWriter { try StoreFacts($0, path: path) }
    }

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (Database, Blobs) throws -> Value
    ) async throws(StoreError) -> Value {
        try await read(through: readers, body)
    }

    /// For lists, which may look at all of history.
    private func search<Value: Sendable>(
        _ body: @escaping @Sendable (Database, Blobs) throws -> Value
    ) async throws(StoreError) -> Value {
        try await read(through: searchers, body)
    }

    private func read<Value: Sendable>(
        through pool: DatabasePool, _ body: @escaping @Sendable (Database, Blobs) throws -> Value
    ) async throws(StoreError) -> Value {
        guard !writer.isClosed else { throw .closed }
        do {
            return try await pool.finishedRead { [blobs] db in try body(db, blobs) }.get()
        } catch {
            throw writer.isClosed ? .closed : StoreError(error)
        }
    }

    /// Uses the writing connection on its thread, between batches. `worth`: about as many mutations are written;
    /// not zero where anything is deleted.
    func onWriter<Value: Sendable>(
        worth: Int = 0, _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws(StoreError) -> Value {
        let result: Result<Value, StoreError> = await withCheckedContinuation { continuation in
            writer.submit(
                .access(worth: worth) { connection in
                    continuation.resume(
                        returning: connection.flatMap { db in Result { try body(db) }.mapError { StoreError($0) } })
                })
        }
        return try result.get()
    }
}

extension StoreFacts {
    fileprivate init(_ db: Database, path: String) throws {
        let levels = ["OFF", "NORMAL", "FULL", "EXTRA"]
        let level = try Int.fetchOne(db, sql: "PRAGMA synchronous") ?? -1
        self.init(
            sqliteVersion: try String.fetchOne(db, sql: "SELECT sqlite_version()") ?? "",
            journalMode: try String.fetchOne(db, sql: "PRAGMA journal_mode") ?? "",
            synchronous: levels.indices.contains(level) ? levels[level] : "\(level)",
            schemaVersion: try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0,
            databaseBytes: Self.size(of: path), walBytes: Self.size(of: "\(path)-wal"))
    }

    private static func size(of path: String) -> Int64 {
        var status = stat()
        return stat(path, &status) == 0 ? Int64(status.st_size) : 0
    }
}
