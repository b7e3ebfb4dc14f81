import GRDB
import JobModel

/// Which running runs are lent, and to whom.
extension Database {
    /// The start of the attempt is in the same batch, before this.
    func putLoan(_ id: RunID, _ number: Int32, host: String) throws -> Answer {
        guard try isRunning(id, number) else { return try refusal(id, wanted: "running with \(number) starts") }
        try execute(
            sql: "INSERT OR REPLACE INTO loans (run_id, number, host) VALUES (?, ?, ?)", arguments: [id, number, host])
        return .applied
    }

    func dropLoan(_ id: RunID, _ number: Int32) throws -> Answer {
        try execute(sql: "DELETE FROM loans WHERE run_id = ? AND number <= ?", arguments: [id, number])
        return .applied
    }

    /// The borrower of each running run that is lent.
    func loans() throws -> [RunID: String] {
        let sql = """
            SELECT loans.run_id, loans.host FROM loans
            JOIN runs ON runs.id = loans.run_id AND runs.state = 1 AND runs.starts = loans.number
            """
        return Dictionary(
            try Row.fetchAll(self, sql: sql).map { row in
                (try row.decode(Int64.self, atIndex: 0), try row.decode(String.self, atIndex: 1))
            }, uniquingKeysWith: { first, _ in first })
    }
}
