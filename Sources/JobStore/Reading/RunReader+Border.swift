import GRDB
import JobModel

extension RunReader {
    /// A clock that is put right makes ids and times disagree for a while: for fewer runs than this, mostly.
    private static let doubt = 10_000

    /// No run with a lower id was made at or after an instant, so that a list of what is new need not look at all that is
    /// old. Ids rise with time where clocks do; as long as there is one among the runs before the border that was made
    /// later all the same, the border is there instead.
    func border(of instant: Instant) throws -> RunID {
        var border = try guessedBorder(of: instant)
        let sql = """
            SELECT min(id) FROM (SELECT id, created_at FROM runs WHERE id < ? ORDER BY id DESC LIMIT \(Self.doubt))
            WHERE created_at >= ?
            """
        let before = try db.cachedStatement(sql: sql)
        while let earlier = try Int64.fetchOne(before, arguments: [border, instant.microseconds]) { border = earlier }
        return border
    }

    private func guessedBorder(of instant: Instant) throws -> RunID {
        var low = try Int64.fetchOne(db, sql: "SELECT min(id) FROM runs") ?? 0
        var high = (try Int64.fetchOne(db, sql: "SELECT max(id) FROM runs") ?? 0) + 1
        let next = try db.cachedStatement(sql: "SELECT id, created_at FROM runs WHERE id >= ? ORDER BY id LIMIT 1")
        while low < high {
            let middle = low + (high - low) / 2
            guard let row = try Row.fetchOne(next, arguments: [middle]), try row.instant(1) < instant else {
                high = middle
                continue
            }
            low = try row.decode(Int64.self, atIndex: 0) + 1
        }
        return low
    }
}
