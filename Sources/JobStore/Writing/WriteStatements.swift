import GRDB
import JobModel

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
                    created_at, fire_at, unique_key, params, policy_id, parent_id, root_id, finished_at, reason, stage,
                    child_index, label, traceparent, passed_from, passed_to, passed_count, tags, correlation,
                    wanted_at, cause_id, depth, gate, actor, instance)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
                    ?, ?, ?, ?)
                """)
        startRun = try db.makeStatement(
            sql: """
                UPDATE runs SET state = 1, starts = starts + 1, started_at = ?, finished_at = NULL
                WHERE id = ? AND \(RunMove.start.condition) AND starts = ?
                """)
        unstartRun = try db.makeStatement(
            sql: """
                UPDATE runs SET state = 0, starts = starts - 1, started_at = NULL
                WHERE id = ? AND \(RunMove.takeBack.condition) AND starts = ?
                """)
        finishRun = try db.makeStatement(
            sql: """
                UPDATE runs SET state = ?, due_at = ?, failures = ?, crashes = ?, interruptions = ?, started_at = ?,
                    finished_at = ?, outcome = ?, code = ?, output = ?, output_file = ?, reason = ?
                WHERE id = ? AND \(RunMove.end.condition) AND starts = ?
                """)
        insertAttempt = try db.makeStatement(
            sql: """
                INSERT INTO attempts (run_id, number, outcome, code, message, retry_after, started_at, finished_at, guest,
                    cpu, evidence, metrics, output_bytes, peak)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
        // Two ranges instead of one comparison of pairs, which SQLite would seek by its first half only: a million runs
        // due at the same instant would be walked from their beginning for every page.
        // No limit: the reader stops when it has enough, and the index gives the rows in order.
        let lane =
            "FROM runs WHERE state = 0 AND open_children = 0 AND queue_id = ? AND component_id = ? AND priority = ?"
        laneRest = try db.makeStatement(
            sql: "SELECT \(RunRow.columns) \(lane) AND due_at = ? AND id > ? ORDER BY id")
        laneAfter = try db.makeStatement(
            sql: "SELECT \(RunRow.columns) \(lane) AND due_at > ? ORDER BY due_at, id")
    }
}
