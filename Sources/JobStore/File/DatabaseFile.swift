import CSQLiteSettings
import Foundation
import GRDB

/// A database file on its way to being usable: created private, checked to be ours, brought to today's schema.
struct DatabaseFile {
    enum Durability: String {
        /// A commit is on disk when it returns.
        case full = "FULL"
        /// A commit may be lost with the machine, never with the process.
        case normal = "NORMAL"
    }

    let path: String
    let schema: Schema

    /// The only connection that writes and checkpoints. Not GRDB's pool: that sets its writer to NORMAL by itself, and
    /// this one must be FULL. SQLite's own checkpoints are off: they would hold up the answers of the commit they follow.
    func openWriter(_ durability: Durability) throws(StoreError) -> DatabaseQueue {
        try createPrivately()
        do {
            let queue = try DatabaseQueue(path: path, configuration: configuration("writer"))
            try queue.inDatabase { db in
                try checkOwner(db)
                try db.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = \(durability.rawValue)")
                try db.execute(sql: "PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -1024")
                try migrate(db)
                // What a host that was killed left in the log; hosts that are killed early, again and again, would only add.
                _ = try? db.checkpoint(.passive)
            }
            return queue
        } catch let error as DatabaseError where error.resultCode == .SQLITE_NOTADB {
            throw .notOurs(path: path)
        } catch let error as StoreError {
            throw error
        } catch {
            if case .faulty(let fault, let reason) = StoreError(error) {
                throw .faulty(fault, reason: "\(path): \(reason)")
            }
            throw .cannotOpen(path: path, reason: StoreError(error).words)
        }
    }

    /// Connections that can neither write nor checkpoint, whatever SQL they are given.
    func openReaders(_ count: Int) throws(StoreError) -> DatabasePool {
        var configuration = configuration("reader")
        configuration.readonly = true
        configuration.maximumReaderCount = count
        configuration.persistentReadOnlyConnections = true
        do {
            return try DatabasePool(path: path, configuration: configuration)
        } catch {
            throw .cannotOpen(path: path, reason: StoreError(error).words)
        }
    }

    /// One connection that can neither write nor checkpoint, beside whoever owns the file.
    func openForLooking() throws -> DatabaseQueue {
        var configuration = configuration("looker")
        configuration.readonly = true
        return try DatabaseQueue(path: path, configuration: configuration)
    }

    /// Before the first connection of the process, once.
    private static let memoryIsUncounted: Void = berth_sqlite_counts_no_memory()

    private func configuration(_ role: String) -> Configuration {
        Self.memoryIsUncounted
        var configuration = Configuration()
        configuration.label = "berth.\(role)"
        configuration.foreignKeysEnabled = false
        configuration.busyMode = .timeout(5)
        // The system caches the file as well; each connection's own copies only make the host grow for as long as it runs.
        configuration.prepareDatabase { db in try db.execute(sql: "PRAGMA cache_size = -256") }
        return configuration
    }

    /// SQLite gives its side files the mode of the database, so that the first byte written is already private.
    private func createPrivately() throws(StoreError) {
        let created = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0o600)
        if created >= 0 {
            Glibc.close(created)
        } else if errno != EEXIST {
            throw unusable(errno)
        }
        // By path: a descriptor of our own would drop SQLite's locks when closed.
        if chmod(path, 0o600) != 0 { throw unusable(errno) }
    }

    /// What can befall a file system while a host is at work has a name of its own.
    private func unusable(_ code: Int32) -> StoreError {
        let reason = String(cString: strerror(code))
        let fault = StoreFault(errno: code)
        return fault == .failingDisk
            ? .cannotOpen(path: path, reason: reason) : .faulty(fault, reason: "cannot open \(path): \(reason)")
    }

    private func checkOwner(_ db: Database) throws {
        let owner = try Int64.fetchOne(db, sql: "PRAGMA application_id") ?? 0
        let isEmpty = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_schema") == 0
        guard owner == schema.applicationID || (owner == 0 && isEmpty) else { throw StoreError.notOurs(path: path) }
        let found = try version(db)
        guard found <= schema.version else {
            throw StoreError.newerSchema(path: path, found: found, supported: schema.version)
        }
    }

    private func version(_ db: Database) throws -> Int {
        try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
    }
}

// MARK: - Migration

extension DatabaseFile {
    private func migrate(_ db: Database) throws {
        let found = try version(db)
        guard found >= 0, found < schema.version else { return }
        if found > 0 { try backUp(db, version: found) }
        for step in found..<schema.version {
            try db.inTransaction(.immediate) {
                try db.execute(sql: schema.migrations[step])
                try db.execute(
                    sql: "PRAGMA application_id = \(schema.applicationID); PRAGMA user_version = \(step + 1)")
                return .commit
            }
        }
    }

    /// A whole copy beside the database, made by SQLite, on disk before the first step changes anything.
    private func backUp(_ db: Database, version: Int) throws {
        let copy = "\(path).v\(version)"
        unlink(copy)
        let descriptor = open(copy, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw StoreError.cannotOpen(path: copy, reason: String(cString: strerror(errno)))
        }
        defer { Glibc.close(descriptor) }
        try db.execute(sql: "VACUUM INTO ?", arguments: [copy])
        guard fsync(descriptor) == 0 else {
            throw StoreError.cannotOpen(path: copy, reason: String(cString: strerror(errno)))
        }
    }
}

extension StoreError {
    /// For a person, where an error becomes the reason of another.
    var words: String {
        switch self {
        case .cannotOpen(let path, let reason): "cannot open \(path): \(reason)"
        case .notOurs(let path): "\(path) belongs to another program"
        case .newerSchema(let path, let found, let supported):
            "\(path) has schema \(found), this program knows up to \(supported)"
        case .failed(let reason), .faulty(_, let reason): reason
        case .closed: "the store is closed"
        }
    }
}
