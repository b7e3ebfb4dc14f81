import GRDB
import GRDBSQLite

/// The arguments of one execution, bound one after the other as they are added. GRDB's own way to pass arguments builds
/// two arrays per execution, which took more time than SQLite takes to insert a run.
struct Bindings: ~Copyable {
    private let handle: SQLiteStatement
    private var next: CInt = 1

    /// Resets the statement and clears what was bound before.
    init(_ statement: Statement) {
        handle = statement.sqliteStatement
        sqlite3_reset(handle)
        sqlite3_clear_bindings(handle)
    }

    mutating func add(_ value: some BinaryInteger) throws {
        try took(sqlite3_bind_int64(handle, next, Int64(truncatingIfNeeded: value)))
    }

    mutating func add(_ value: Int64?) throws {
        if let value { try took(sqlite3_bind_int64(handle, next, value)) } else { skip() }
    }

    mutating func add(_ value: String?) throws {
        if let value { try took(sqlite3_bind_text(handle, next, value, -1, Self.copied)) } else { skip() }
    }

    mutating func add(_ value: [UInt8]) throws {
        // A blob without an address would be NULL.
        guard !value.isEmpty else { return try took(sqlite3_bind_zeroblob(handle, next, 0)) }
        try took(sqlite3_bind_blob64(handle, next, value, UInt64(value.count), Self.copied))
    }

    /// Leaves the next parameter NULL.
    mutating func skip() {
        next += 1
    }

    private mutating func took(_ code: CInt) throws {
        guard code == SQLITE_OK else { throw DatabaseError(resultCode: ResultCode(rawValue: code)) }
        next += 1
    }

    /// SQLITE_TRANSIENT, which Swift does not import: SQLite copies the value before the call returns.
    private static var copied: sqlite3_destructor_type { unsafeBitCast(-1, to: sqlite3_destructor_type.self) }
}

extension Statement {
    /// Executes a change with the arguments that `body` adds; answers how many rows it changed.
    ///
    /// Steps by itself: what GRDB does around each step, for observers that there are none of here, takes longer than
    /// SQLite takes for a row.
    @discardableResult @inline(__always)
    func run(_ body: (inout Bindings) throws -> Void) throws -> Int {
        var bindings = Bindings(self)
        try body(&bindings)
        let code = sqlite3_step(sqliteStatement)
        let database = sqlite3_db_handle(sqliteStatement)
        guard code == SQLITE_DONE else {
            defer { sqlite3_reset(sqliteStatement) }
            throw DatabaseError(
                resultCode: ResultCode(rawValue: code), message: sqlite3_errmsg(database).map { String(cString: $0) })
        }
        sqlite3_reset(sqliteStatement)
        return Int(sqlite3_changes(database))
    }
}
