import Foundation
import GRDB
package import JobModel

/// `inbox.db`: a database into which other programs insert rows while the host runs. It has a rollback journal, which any
/// SQLite can share, and a thread of its own: a foreign writer that holds it up holds up nothing else. One caller at a
/// time; a file that was replaced is opened again.
package actor InboxDatabase {
    private let path: String
    private var queue: DatabaseQueue?
    private var inode: UInt64 = 0
    /// Changes when another connection has committed.
    private var version: Int64?

    /// A foreign writer is waited for so many times one second; whoever asked asks again later.
    private static let patience = 10
    private static let waiting = "(task_status IS NULL OR task_status IN ('', 'Wait', 'Retry'))"

    /// Nothing is opened yet.
    package init(path: String) {
        self.path = path
    }

    package func close() {
        try? queue?.close()
        queue = nil
    }

    /// All rows of `job_center`, or nil when nobody but us has changed the file since the last time. After an error the next
    /// call reads again.
    package func changedJobs() async throws(StoreError) -> [InboxJob]? {
        do {
            let (now, jobs) = try await accessKnown { db, before in
                let now = try Int64.fetchOne(db, sql: "PRAGMA data_version")
                guard now == nil || now != before else { return (now, nil as [InboxJob]?) }
                let rows = try Row.fetchAll(db, sql: "SELECT \(InboxJob.columns) FROM job_center ORDER BY id")
                return (now, try rows.map(InboxJob.init))
            }
            version = now
            return jobs
        } catch {
            version = nil
            throw error
        }
    }

    /// Lets the next `changedJobs` read in any case.
    package func readAgain() {
        version = nil
    }

    /// Rows of `asynctasks` with ids above one, each with its key stored. At most `limit`, in order.
    package func waitingTasks(after id: Int64, limit: Int) async throws(StoreError) -> [InboxTask] {
        try await access { db in
            let page = "FROM asynctasks WHERE id > \(id) AND \(Self.waiting) ORDER BY id LIMIT \(limit)"
            guard try Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 \(page))") ?? false else { return [] }
            var tasks: [InboxTask] = []
            try db.inTransaction(.immediate) {
                try db.execute(
                    sql: """
                        UPDATE asynctasks SET berth_key = lower(hex(randomblob(16)))
                        WHERE berth_key IS NULL AND id IN (SELECT id \(page))
                        """)
                tasks = try Row.fetchAll(db, sql: "SELECT \(InboxTask.columns) \(page)").map(InboxTask.init)
                return .commit
            }
            return tasks
        }
    }

    /// Rows of `asynctasks` that are running by our doing, and their runs.
    package func runningTasks() async throws(StoreError) -> [RunID: Int64] {
        try await access { db in
            let sql = "SELECT berth_run, id FROM asynctasks WHERE task_status = 'Running' AND berth_run IS NOT NULL"
            var running: [RunID: Int64] = [:]
            for row in try Row.fetchAll(db, sql: sql) {
                running[try row.decode(Int64.self, atIndex: 0)] = try row.decode(Int64.self, atIndex: 1)
            }
            return running
        }
    }

    /// Rows of `asynctasks` that somebody else called running: nobody beats for them.
    package func strangeTasks() async throws(StoreError) -> Set<Int64> {
        try await access { db in
            let sql = "SELECT id FROM asynctasks WHERE task_status = 'Running' AND berth_run IS NULL"
            return Set(try Int64.fetchAll(db, sql: sql))
        }
    }

    /// Lets rows that somebody else called running wait for their turn.
    package func release(_ strange: Set<Int64>) async throws(StoreError) {
        guard !strange.isEmpty else { return }
        try await access { db in
            let ids = strange.map(String.init).joined(separator: ", ")
            try db.execute(
                sql: """
                    UPDATE asynctasks SET task_status = 'Wait'
                    WHERE id IN (\(ids)) AND task_status = 'Running' AND berth_run IS NULL
                    """)
        }
    }

    /// In one transaction.
    package func write(_ notes: [InboxNote]) async throws(StoreError) {
        guard !notes.isEmpty else { return }
        try await access { db in
            try db.inTransaction(.immediate) {
                for note in notes { try db.write(note) }
                return .commit
            }
        }
    }

    // MARK: The connection

    private func access<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws(StoreError) -> Value {
        try await accessKnown { db, _ in try body(db) }
    }

    /// With the version that was seen last through this very connection: each counts for itself.
    private func accessKnown<Value: Sendable>(
        _ body: @escaping @Sendable (Database, Int64?) throws -> Value
    ) async throws(StoreError) -> Value {
        var tries = Self.patience
        while true {
            do {
                let connection = try await connection()
                let seen = version
                return try await connection.writeWithoutTransaction { try body($0, seen) }
            } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY && tries > 1 && !Task.isCancelled
            {
                // In short waits, so that the host's end need not wait for the foreign writer's.
                tries -= 1
            } catch {
                throw StoreError(error)
            }
        }
    }

    private func connection() async throws -> DatabaseQueue {
        if let queue, Self.inode(path) == inode { return queue }
        close()
        version = nil
        var configuration = Configuration()
        configuration.label = "berth.inbox"
        configuration.foreignKeysEnabled = false
        configuration.busyMode = .timeout(1)
        let opened = try DatabaseQueue(path: path, configuration: configuration)
        try await opened.writeWithoutTransaction { db in
            try db.execute(
                sql: "PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0")
            try InboxTables.make(db)
        }
        inode = Self.inode(path)
        queue = opened
        return opened
    }

    private static func inode(_ path: String) -> UInt64 {
        var facts = stat()
        return stat(path, &facts) == 0 ? UInt64(facts.st_ino) : 0
    }
}
