import Foundation
import GRDB

/// The prepared statements of the fast path. A statement that failed cannot be used again: after any error the whole set
/// is thrown away.
struct WriteStatements {
    let insertRun: Statement
    let startRun: Statement
    let unstartRun: Statement
    let finishRun: Statement
    let insertAttempt: Statement
    let laneRest: Statement
    let laneAfter: Statement

    init(_ db: Database) throws {
        insertRun = try db.makeStatement(
            sql: """
                INSERT OR IGNORE INTO runs (id, component_id, queue_id, job_id, job_name, source, state, priority, due_at,
                    created_at, fire_at, unique_key, params, policy_id, parent_id, root_id, finished_at, reason)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
        startRun = try db.makeStatement(
            sql: """
                UPDATE runs SET state = 1, starts = ?2, started_at = ?3, finished_at = NULL
                WHERE id = ?1 AND state = 0 AND starts = ?2 - 1
                """)
        unstartRun = try db.makeStatement(
            sql: """
                UPDATE runs SET state = 0, starts = starts - 1, started_at = NULL
                WHERE id = ? AND state = 1 AND starts = ?
                """)
        finishRun = try db.makeStatement(
            sql: """
                UPDATE runs SET state = ?3, due_at = ?4, failures = ?5, crashes = ?6, interruptions = ?7, started_at = ?8,
                    finished_at = ?9, outcome = ?10, code = ?11, output = ?12, output_file = ?13, reason = ?14
                WHERE id = ?1 AND state = 1 AND starts = ?2
                """)
        insertAttempt = try db.makeStatement(
            sql: """
                INSERT INTO attempts (run_id, number, outcome, code, message, retry_after, started_at, finished_at, guest,
                    cpu, evidence)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
        // Two ranges instead of one comparison of pairs, which SQLite would seek by its first half only: a million runs
        // due at the same instant would be walked from their beginning for every page.
        let lane = "FROM runs WHERE state = 0 AND queue_id = ? AND component_id = ? AND priority = ?"
        laneRest = try db.makeStatement(
            sql: "SELECT \(RunRow.columns) \(lane) AND due_at = ? AND id > ? ORDER BY id LIMIT ?")
        laneAfter = try db.makeStatement(
            sql: "SELECT \(RunRow.columns) \(lane) AND due_at > ? ORDER BY due_at, id LIMIT ?")
    }
}

extension Statement {
    /// As many arguments as the statement has parameters: they are not counted here.
    func run(_ arguments: [DatabaseValue]) throws {
        setUncheckedArguments(StatementArguments(arguments))
        try execute()
    }
}

extension DatabaseValue {
    static func of(_ value: some BinaryInteger) -> DatabaseValue { Int64(truncatingIfNeeded: value).databaseValue }
    static func of(_ value: Int64?) -> DatabaseValue { value?.databaseValue ?? .null }
    static func of(_ value: String?) -> DatabaseValue { value?.databaseValue ?? .null }
    static func of(_ value: [UInt8]) -> DatabaseValue { Data(value).databaseValue }
}
