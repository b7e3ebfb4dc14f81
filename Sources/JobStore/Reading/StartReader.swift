import GRDB
import JobModel

/// Reads what the engine needs to begin, from one snapshot.
struct StartReader {
    let db: Database

    func state(blobs: Blobs) throws -> StartState {
        var runs = RunReader(db, blobs)
        return StartState(
            lastRunID: try mark("run"), lastJobID: try mark("job"), jobs: try jobs(), queues: try queues(),
            lanes: try lanes(), running: try runs.running(), openRuns: try openRuns(), lastSeen: try lastSeen(),
            limits: try limits(), cancels: try runs.cancels(), streaks: try db.streaks(), loans: try db.loans())
    }

    private func mark(_ name: String) throws -> Int64 {
        try Int64.fetchOne(db, sql: "SELECT value FROM marks WHERE name = ?", arguments: [name]) ?? 0
    }

    private func jobs() throws -> [JobRecord] {
        let sql = "SELECT id, name, definition, source, paused, watermark, anchor, created_at FROM jobs ORDER BY id"
        var jobs: [JobRecord] = []
        let rows = try Row.fetchCursor(db, sql: sql)
        while let row = try rows.next() {
            jobs.append(try JobRecord(row: row))
        }
        return jobs
    }

    private func queues() throws -> [QueueRecord] {
        let sql = "SELECT name, slots, paused, settings FROM queues WHERE slots IS NOT NULL ORDER BY name"
        return try Row.fetchAll(db, sql: sql).map { row in
            let name = try row.decode(String.self, atIndex: 0)
            let settings = try row.decode(String?.self, atIndex: 3).map { text in
                try JSONText.decode(QueueSettings.self, from: text, what: "settings of the queue \(name)")
            }
            return QueueRecord(
                name: name, slots: try row.decode(Int.self, atIndex: 1),
                mode: try row.known(QueueMode.init(rawValue:), 2), settings: settings ?? QueueSettings())
        }
    }

    private func limits() throws -> [ComponentName: Int] {
        var limits: [ComponentName: Int] = [:]
        for row in try Row.fetchAll(db, sql: "SELECT name, at_once FROM components WHERE at_once IS NOT NULL") {
            guard let name = ComponentName(try row.decode(String.self, atIndex: 0)) else { continue }
            limits[name] = try row.decode(Int.self, atIndex: 1)
        }
        return limits
    }

    private func lanes() throws -> [LaneKey] {
        var names = Names()
        return try Lanes(db).ids().map { lane in
            LaneKey(
                queue: try names.queue(lane.queue, db), component: try names.component(lane.component, db),
                priority: Int(lane.priority))
        }
    }

    private func openRuns() throws -> [JobID: [OpenRun]] {
        let sql = """
            SELECT job_id, id, starts > 0 OR gate > 0 FROM runs INDEXED BY open_of_job
            WHERE job_id IS NOT NULL AND state < 3 AND parent_id IS NULL
            """
        var open: [JobID: [OpenRun]] = [:]
        let rows = try Row.fetchCursor(db, sql: sql)
        while let row = try rows.next() {
            let run = OpenRun(
                id: try row.decode(RunID.self, atIndex: 1), hasStarted: try row.decode(Bool.self, atIndex: 2))
            open[try row.decode(JobID.self, atIndex: 0), default: []].append(run)
        }
        return open
    }

    private func lastSeen() throws -> Instant {
        let sql = """
            SELECT max(created_at, coalesce(started_at, created_at), coalesce(finished_at, created_at)) FROM runs
            ORDER BY id DESC LIMIT 1
            """
        return try Row.fetchOne(db, sql: sql)?.instantIfAny(0) ?? .distantPast
    }
}

extension JobRecord {
    fileprivate init(row: Row) throws {
        let name = try row.decode(String.self, atIndex: 1)
        self.init(
            id: try row.decode(JobID.self, atIndex: 0),
            definition: try JSONText.decode(
                JobDefinition.self, from: try row.decode(String.self, atIndex: 2), what: "the definition of job \(name)"
            ),
            source: try row.decode(String.self, atIndex: 3), paused: try row.decode(Bool.self, atIndex: 4),
            watermark: try row.instantIfAny(5),
            anchor: try row.instant(6),
            createdAt: try row.instant(7))
    }
}
