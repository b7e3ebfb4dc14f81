import GRDB
import JobModel

extension RunReader {
    /// Of all components that ever had a run.
    mutating func componentFigures() throws -> [ComponentName: RunFigures] {
        var figures: [ComponentName: RunFigures] = [:]
        for row in try Row.fetchAll(db, sql: "\(Self.figures) WHERE kind = 0") {
            figures[try names.component(row.decode(Int64.self, atIndex: 0), db)] = try RunFigures(row: row)
        }
        return figures
    }

    /// Nothing yet where the job has no row.
    func figures(ofJob id: JobID) throws -> RunFigures {
        let sql = "\(Self.figures) WHERE kind = 1 AND subject = ?"
        return try Row.fetchOne(db, sql: sql, arguments: [id]).map(RunFigures.init(row:)) ?? RunFigures()
    }

    private static let figures = """
        SELECT subject, runs_succeeded, runs_failed, runs_cancelled, runs_skipped, runs_expired, succeeded, failed, \
        cancelled, timed_out, crashed, interrupted, durations FROM figures
        """
}

extension RunFigures {
    fileprivate init(row: Row) throws {
        var ends: [RunState: Int64] = [:]
        for (index, state) in RunState.allCases.filter(\.isEnd).enumerated() {
            ends[state] = try row.decode(Int64.self, atIndex: 1 + index)
        }
        let attempts = try (6..<12).map { try row.decode(Int64.self, atIndex: $0) }
        self.init(
            ends: ends, attempts: attempts,
            durations: DurationHistogram(bytes: try row.bytes(12)) ?? DurationHistogram())
    }
}
