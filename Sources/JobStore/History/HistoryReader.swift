import GRDB
import JobModel

/// Finds runs that history has no more room for. Every call reads one page, so that no read holds up a checkpoint for
/// long. What it finds is looked at again before it goes.
///
/// A child is never found while its parent is there: what reads a family's results, or makes it go again, finds it whole.
struct HistoryReader {
    /// Rows looked at in one call.
    static let page = 2_000

    /// A server has not acknowledged its end: the report is made from the run. Only runs of servers are looked up.
    static let isOwed = "(instance IS NOT NULL AND EXISTS (SELECT 1 FROM dispatches WHERE run_id = runs.id))"

    let db: Database
    let rules: HistoryRules
    let now: Instant

    struct Page {
        var found: [RunID] = []
        /// Where to go on; nil: there is nothing behind it.
        var next: RunID?
    }

    /// By age, over all runs from old to young: what is younger than the least age of all is not looked at, and what is
    /// older is mostly gone.
    func tooOld(after id: RunID) throws -> Page {
        guard let age = rules.host.leastAge else { return Page() }
        let sql = """
            SELECT id, state, finished_at, created_at, job_name,
                parent_id IS NOT NULL AND EXISTS (SELECT 1 FROM runs AS parent WHERE parent.id = runs.parent_id)
                OR \(Self.isOwed)
            FROM runs WHERE id > ? ORDER BY id LIMIT \(Self.page)
            """
        return try walk(try Row.fetchCursor(db.cachedStatement(sql: sql), arguments: [id]), leastAge: age)
    }

    /// By age, over the runs of a job that keeps them for a shorter time than the host.
    func tooOld(ofJob name: String, after id: RunID) throws -> Page {
        guard let age = rules.policy(ofJob: name).leastAge, age < rules.host.leastAge ?? .seconds(Int64.max / 2) else {
            return Page()
        }
        let sql = """
            SELECT id, state, finished_at, created_at, job_name, \(Self.isOwed)
            FROM runs WHERE job_name = ? AND id > ? ORDER BY id LIMIT \(Self.page)
            """
        return try walk(try Row.fetchCursor(db.cachedStatement(sql: sql), arguments: [name, id]), leastAge: age)
    }

    private func walk(_ rows: RowCursor, leastAge: Duration) throws -> Page {
        var page = Page()
        var seen = 0
        while let row = try rows.next() {
            seen += 1
            page.next = try row.decode(Int64.self, atIndex: 0)
            let made = try row.instant(3)
            // One from the future was made by a clock that was set back since, and says nothing about those behind it.
            if made <= now, made + leastAge > now { return Page(found: page.found) }
            if try isOver(row), let id = page.next { page.found.append(id) }
        }
        if seen < Self.page { page.next = nil }
        return page
    }

    private func isOver(_ row: Row) throws -> Bool {
        guard try !row.decode(Bool.self, atIndex: 5), let ended = try row.instantIfAny(2),
            let state = RunState(rawValue: try row.decode(Int.self, atIndex: 1)), state.isEnd
        else { return false }
        return rules.policy(ofJob: try row.decode(String?.self, atIndex: 4)).isOver(state, endedAt: ended, now: now)
    }

    /// The oldest runs of a job, or of none, beyond the number that its policy keeps of a state.
    func tooMany(ofJob name: String?, _ state: RunState) throws -> [RunID] {
        guard let count = rules.policy(ofJob: name).said[state]?.count, try total(of: state) > count else { return [] }
        let which = Self.which(ofJob: name, state)
        let newest = "SELECT id FROM runs \(which) ORDER BY id DESC LIMIT 1 OFFSET :count"
        let facts: StatementArguments = ["name": name, "state": state.rawValue]
        guard let last = try Int64.fetchOne(db, sql: newest, arguments: facts + ["count": count]) else { return [] }
        let sql = "SELECT id FROM runs \(which) AND id <= :last ORDER BY id LIMIT \(Self.page)"
        return try Int64.fetchAll(db, sql: sql, arguments: facts + ["last": last])
    }

    /// With the smallest index there is. Runs of no job that succeeded are in none.
    static func which(ofJob name: String?, _ state: RunState) -> String {
        let rest = "parent_id IS NULL AND NOT \(isOwed)"
        // `IS ?` would not use the index of the runs of jobs.
        if name != nil { return "WHERE job_name = :name AND +state = :state AND \(rest)" }
        guard state != .succeeded else { return "WHERE job_name IS :name AND state = :state AND \(rest)" }
        return
            "INDEXED BY unsettled WHERE state <> 0 AND state <> 3 AND state = :state AND job_name IS :name AND \(rest)"
    }

    /// How many runs have ever ended in each state.
    func ends() throws -> [RunState: Int64] {
        var ends: [RunState: Int64] = [:]
        for state in RunState.allCases where state.isEnd {
            let sql = "SELECT sum(runs_\(state.word)) FROM figures WHERE kind = 0"
            ends[state] = try Int64.fetchOne(db, sql: sql) ?? 0
        }
        return ends
    }

    private func total(of state: RunState) throws -> Int {
        let sql = "SELECT runs FROM totals WHERE state = ?"
        return try Int.fetchOne(db, sql: sql, arguments: [state.rawValue]) ?? 0
    }

    /// The names of all jobs that have runs, found by jumping through their index.
    func jobNames() throws -> [String] {
        let next = try db.cachedStatement(
            sql: "SELECT job_name FROM runs WHERE job_name IS NOT NULL AND job_name > ? ORDER BY job_name LIMIT 1")
        var names: [String] = []
        while let name = try String.fetchOne(next, arguments: [names.last ?? ""]) { names.append(name) }
        return names
    }
}
