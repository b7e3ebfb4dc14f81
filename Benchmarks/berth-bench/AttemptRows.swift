import GRDBSQLite

/// Looks at a host's store from outside, as the last word on what was kept.
enum AttemptRows {
    /// Of this run and later ones.
    static func count(database path: String, from run: Int64) throws -> Int {
        var database: OpaquePointer?
        var statement: OpaquePointer?
        defer {
            sqlite3_finalize(statement)
            sqlite3_close_v2(database)
        }
        let sql = "SELECT count(*) FROM attempts WHERE run_id >= \(run)"
        guard sqlite3_open_v2(path, &database, SQLITE_OPEN_READONLY, nil) == SQLITE_OK,
            sqlite3_prepare_v2(database, sql, -1, &statement, nil) == SQLITE_OK,
            sqlite3_step(statement) == SQLITE_ROW
        else { throw BenchFailure("the attempts in \(path) cannot be counted") }
        return Int(sqlite3_column_int64(statement, 0))
    }
}
