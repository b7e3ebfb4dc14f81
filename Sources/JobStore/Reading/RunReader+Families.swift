import GRDB
import JobModel

/// Reads of a run's children.
extension RunReader {
    func childCounts(of parent: RunID) throws -> ChildCounts {
        var counts: [RunState: Int] = [:]
        let sql = "SELECT state, count(*) FROM runs WHERE parent_id = ? AND child_index IS NOT NULL GROUP BY state"
        for row in try Row.fetchAll(db, sql: sql, arguments: [parent]) {
            counts[try row.known(RunState.init(rawValue:), 0)] = try row.decode(Int.self, atIndex: 1)
        }
        return ChildCounts(states: counts)
    }

    /// The runs that were made to go before and after a run, in the order they were made.
    mutating func steps(of run: RunID) throws -> [RunRecord] {
        let sql = """
            SELECT \(RunRow.columns) FROM runs WHERE parent_id = ?1 AND child_index IS NULL
            UNION ALL SELECT \(RunRow.columns) FROM runs WHERE cause_id = ?1 AND source = \(RunSource.step.rawValue)
            ORDER BY id
            """
        let rows = try Row.fetchCursor(db.cachedStatement(sql: sql), arguments: [run])
        var steps: [RunRecord] = []
        while let row = try rows.next() { steps.append(try RunRow(row).record(&names, db)) }
        return steps
    }

    mutating func childResults(of parent: RunID, from index: Int64, bytes limit: Int) throws -> [ChildResult] {
        let sql = "SELECT \(RunRow.columns) FROM runs WHERE parent_id = ? AND child_index >= ? ORDER BY child_index"
        let rows = try Row.fetchCursor(db.cachedStatement(sql: sql), arguments: [parent, index])
        var results: [ChildResult] = []
        var size = 0
        while size < limit, let row = try rows.next() {
            let run = try whole(row)
            guard run.state.isEnd else { break }
            let result = ChildResult(of: run)
            size += result.bytes.count + 64
            guard results.isEmpty || size <= limit else { break }
            results.append(result)
        }
        return results
    }
}
