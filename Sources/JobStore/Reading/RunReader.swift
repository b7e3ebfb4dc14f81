import GRDB
import JobModel

/// Reads of runs and their history.
struct RunReader {
    let db: Database
    let blobs: Blobs
    var names = Names()

    init(_ db: Database, _ blobs: Blobs) {
        self.db = db
        self.blobs = blobs
    }

    mutating func run(_ id: RunID) throws -> RunRecord? {
        let sql = "SELECT \(RunRow.columns) FROM runs WHERE id = ?"
        guard let row = try Row.fetchOne(db.cachedStatement(sql: sql), arguments: [id]) else { return nil }
        return try whole(row)
    }

    /// With its output, wherever that is.
    mutating func whole(_ row: Row) throws -> RunRecord {
        var run = try RunRow(row).record(&names, db)
        if let file = try RunRow(row).outputFile { run.output = try blobs.read(file) }
        return run
    }

    mutating func runs(_ query: RunQuery) throws -> [RunRecord] {
        try all(query.sql, query.arguments)
    }

    mutating func newestRuns(ofJobs names: [String]) throws -> [String: RunRecord] {
        let sql = "SELECT \(RunRow.columns) FROM runs WHERE job_name = ? ORDER BY id DESC LIMIT 1"
        var newest: [String: RunRecord] = [:]
        for name in names { newest[name] = try all(sql, [name]).first }
        return newest
    }

    func runs(withKeys keys: [String]) throws -> [String: RunID] {
        let sql = "SELECT id FROM runs WHERE unique_key = ? ORDER BY id DESC LIMIT 1"
        var runs: [String: RunID] = [:]
        for key in keys { runs[key] = try Int64.fetchOne(db.cachedStatement(sql: sql), arguments: [key]) }
        return runs
    }

    mutating func running() throws -> [RunRecord] {
        try all(
            "SELECT \(RunRow.columns) FROM runs INDEXED BY unsettled WHERE state <> 0 AND state <> 3 AND state = 1 ORDER BY id",
            [])
    }

    mutating func oldestPending(queue: String, at now: Instant) throws -> RunRecord? {
        let find = "SELECT id FROM queues WHERE name = ?"
        guard let id = try Int64.fetchOne(db, sql: find, arguments: [queue]) else { return nil }
        var oldest: RunRecord?
        for lane in try Lanes(db).ids(queue: id) {
            let first = try all(
                """
                SELECT \(RunRow.columns) FROM runs WHERE state = 0 AND open_children = 0
                AND queue_id = ? AND component_id = ? AND priority = ? AND due_at <= ? ORDER BY due_at, id LIMIT 1
                """, [lane.queue, lane.component, lane.priority, now.microseconds])
            guard let run = first.first else { continue }
            oldest = oldest.map { ($0.due, $0.id) <= (run.due, run.id) ? $0 : run } ?? run
        }
        return oldest
    }

    func pendingCount(queue: String, atMost limit: Int) throws -> Int {
        try db.pendingCount(queue: queue, atMost: limit)
    }

    func attempts(of run: RunID) throws -> [AttemptRecord] {
        let sql = """
            SELECT number, outcome, code, message, retry_after, started_at, finished_at, guest, cpu, evidence,
                metrics, output_bytes, peak
            FROM attempts WHERE run_id = ? ORDER BY number
            """
        return try Row.fetchAll(db, sql: sql, arguments: [run]).map { try AttemptRecord(row: $0, run: run) }
    }

    func transitions(of run: RunID) throws -> [TransitionRecord] {
        let sql = "SELECT at, from_state, to_state, actor, reason FROM transitions WHERE run_id = ? ORDER BY id"
        return try Row.fetchAll(db, sql: sql, arguments: [run]).map { try TransitionRecord(row: $0, run: run) }
    }

    func counts() throws -> [RunState: Int] {
        var counts: [RunState: Int] = [:]
        for row in try Row.fetchAll(db, sql: "SELECT state, runs FROM totals WHERE runs > 0") {
            let state: RunState = try row.known(RunState.init(rawValue:), 0)
            counts[state] = try row.decode(Int.self, atIndex: 1)
        }
        return counts
    }

    private mutating func all(_ sql: String, _ arguments: StatementArguments) throws -> [RunRecord] {
        var runs: [RunRecord] = []
        let rows = try Row.fetchCursor(db.cachedStatement(sql: sql), arguments: arguments)
        while let row = try rows.next() {
            runs.append(try RunRow(row).record(&names, db))
        }
        return runs
    }
}

extension Database {
    func pendingCount(queue: String, atMost limit: Int) throws -> Int {
        let sql = """
            SELECT count(*) FROM (SELECT 1 FROM runs INDEXED BY ready
            WHERE state = 0 AND open_children = 0 AND queue_id = (SELECT id FROM queues WHERE name = ?) LIMIT ?)
            """
        return try Int.fetchOne(cachedStatement(sql: sql), arguments: [queue, max(limit, 0)]) ?? 0
    }
}

extension AttemptRecord {
    fileprivate init(row: Row, run: RunID) throws {
        let number = try row.decode(Int32.self, atIndex: 0)
        let evidence = try row.decode(String?.self, atIndex: 9).map { text in
            try JSONText.decode(Evidence.self, from: text, what: "evidence of run \(run), attempt \(number)")
        }
        var end = AttemptEnd(
            outcome: try row.known(Outcome.init(stored:), 1), code: try row.decode(Int32.self, atIndex: 2),
            message: try row.decode(String?.self, atIndex: 3),
            retryAfter: try row.decode(Int64?.self, atIndex: 4).map { .microseconds($0) },
            startedAt: try row.instant(5),
            finishedAt: try row.instant(6),
            guest: try row.decode(Int32.self, atIndex: 7),
            cpu: .microseconds(try row.decode(Int64.self, atIndex: 8)),
            peakMemory: try row.decode(Int64.self, atIndex: 12), evidence: evidence)
        end.outputBytes = try row.decode(Int.self, atIndex: 11)
        if let text = try row.decode(String?.self, atIndex: 10) {
            end.metrics = try JSONText.decode(
                [String: Int64].self, from: text, what: "metrics of run \(run), attempt \(number)")
        }
        self.init(run: run, number: number, end: end)
    }
}

extension TransitionRecord {
    fileprivate init(row: Row, run: RunID) throws {
        self.init(
            run: run, at: try row.instant(0),
            from: try row.decode(Int?.self, atIndex: 1).flatMap(RunState.init(rawValue:)),
            to: try row.known(RunState.init(rawValue:), 2), actor: try row.decode(String.self, atIndex: 3),
            reason: try row.decode(String?.self, atIndex: 4))
    }
}
