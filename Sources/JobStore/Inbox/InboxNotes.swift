import GRDB
import JobModel

extension Database {
    /// A note about a row whose writer has changed it since is not written.
    func write(_ note: InboxNote) throws {
        switch note {
        case .job(let id, let refusal):
            try execute(
                sql: "UPDATE job_center SET berth_state = ?, berth_reason = ? WHERE id = ?",
                arguments: [refusal == nil ? "active" : "refused", refusal, id])
        case .jobRun(let id, let isRunning, let last):
            try execute(
                sql: "UPDATE job_center SET run_status = ?, last_run_time = coalesce(?, last_run_time) WHERE id = ?",
                arguments: [isRunning ? "运行中" : "待运行", last?.inboxText, id])
        case .taken(let id, let key, let run):
            try execute(
                sql: """
                    UPDATE asynctasks SET task_status = 'Running', berth_run = ?, berth_reason = NULL
                    WHERE id = ? AND berth_key = ?
                    """, arguments: [run, id, key])
        case .waits(let id, let key, let reason):
            try execute(
                sql: "UPDATE asynctasks SET berth_reason = ? WHERE id = ? AND berth_key = ?",
                arguments: [reason, id, key])
        case .refused(let id, let key, let reason):
            try execute(
                sql: """
                    UPDATE asynctasks SET task_status = 'Failed', last_err_msg = ?, berth_reason = ?, berth_key = NULL
                    WHERE id = ? AND berth_key = ?
                    """, arguments: [reason, reason, id, key])
        case .ended(let id, let result): try write(result, id)
        }
    }

    private func write(_ result: InboxResult, _ id: Int64) throws {
        guard let succeeded = result.succeeded else {
            return try execute(
                sql: "UPDATE asynctasks SET last_err_msg = ? WHERE id = ? AND berth_run = ?",
                arguments: [result.reason, id, result.run])
        }
        var milliseconds: Int64 = 0
        if let start = result.startedAt, let end = result.finishedAt {
            milliseconds = (end - start).microseconds / 1000
        }
        try execute(
            sql: """
                UPDATE asynctasks SET task_status = ?, last_result = ?, last_err_msg = ?, last_run_time = ?,
                last_run_end_time = ?, last_run_duration = ?, retry_time = ?, berth_key = NULL
                WHERE id = ? AND berth_run = ?
                """,
            arguments: [
                succeeded ? "Success" : "Failed", result.output, result.reason, result.startedAt?.inboxText,
                result.finishedAt?.inboxText, milliseconds, result.retries, id, result.run,
            ])
    }
}

extension Instant {
    /// As SQLite writes `CURRENT_TIMESTAMP`: UTC, in whole seconds.
    fileprivate var inboxText: String { rfc3339.prefix(19).split(separator: "T").joined(separator: " ") }
}
