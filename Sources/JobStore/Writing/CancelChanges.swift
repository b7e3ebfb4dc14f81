import GRDB
import JobModel

/// Cancels of runs that run. A row counts for the attempt it names, and for nothing once that attempt has ended.
extension Database {
    func putCancel(_ id: RunID, _ number: Int32, at: Instant, actor: String, reason: String?) throws -> Answer {
        guard try isRunning(id, number) else { return try refusal(id, wanted: "running with \(number) starts") }
        // Looked up by id: a list of what is open would be read from the whole history.
        try execute(
            sql: """
                DELETE FROM cancels WHERE NOT EXISTS
                (SELECT 1 FROM runs WHERE runs.id = cancels.run_id AND runs.state IN (0, 1))
                """)
        try execute(
            sql: "INSERT OR REPLACE INTO cancels (run_id, number, at, actor, reason) VALUES (?, ?, ?, ?, ?)",
            arguments: [id, number, at.microseconds, actor, reason])
        return .applied
    }
}

extension RunReader {
    /// Those whose run still runs, or waits because the attempt never started.
    mutating func cancels() throws -> [CancelRecord] {
        let rows = try Row.fetchAll(db, sql: "SELECT run_id, number, actor, reason FROM cancels ORDER BY run_id")
        var cancels: [CancelRecord] = []
        for row in rows {
            guard let run = try run(row.decode(Int64.self, atIndex: 0)) else { continue }
            let number = try row.decode(Int32.self, atIndex: 1)
            let isOpen =
                run.state == .running && run.counters.starts == number
                || run.state == .pending && run.counters.starts == number - 1
            guard isOpen else { continue }
            cancels.append(
                CancelRecord(
                    run: run, actor: try row.decode(String.self, atIndex: 2),
                    reason: try row.decode(String?.self, atIndex: 3)))
        }
        return cancels
    }
}
