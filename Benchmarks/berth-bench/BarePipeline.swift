import GRDBSQLite
import Glibc

/// The ceiling that the engine is measured against: one thread that takes pending rows by index, marks them started,
/// sends small frames to a real child process, reads its answers, marks the rows done and appends an attempt row each.
/// SQLite in WAL mode with FULL durability; two batches in flight. No isolation, no policy, no second thread.
struct BarePipeline {
    static let frameBytes = 40  // a header of 24 bytes and 16 of payload
    static let rowsPerInsert = 1_000

    let database: OpaquePointer
    let child: EchoChild
    let batch: Int

    /// Drains `runs` rows in batches of `batch`.
    static func measure(folder: String, runs: Int, batch: Int) throws -> Drain.Round {
        let database = try open(folder + "/bare.db")
        defer { sqlite3_close_v2(database) }
        try fill(database, runs: runs)
        let pipeline = BarePipeline(database: database, child: try EchoChild.start(), batch: batch)
        let (cpu, children, start) = (Stopwatch.ownCPU(), Stopwatch.guestsCPU(), Stopwatch.nanoseconds())
        do {
            // The child has ended, and its time is known, only then.
            defer { pipeline.child.end() }
            try pipeline.drain()
        }
        let seconds = Double(Stopwatch.nanoseconds() - start) / 1e9
        let used = Stopwatch.ownCPU() - cpu + Stopwatch.guestsCPU() - children
        return Drain.Round(runsPerSecond: Double(runs) / seconds, cpuPerThousand: used / Double(runs) * 1_000)
    }

    private static func open(_ path: String) throws -> OpaquePointer {
        for suffix in ["", "-wal", "-shm"] { unlink(path + suffix) }
        var database: OpaquePointer?
        guard sqlite3_open(path, &database) == SQLITE_OK, let database else {
            throw BenchFailure("cannot open \(path)")
        }
        try execute(
            database,
            """
            PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-65536;
            CREATE TABLE runs(
                id INTEGER PRIMARY KEY, queue INTEGER NOT NULL, state INTEGER NOT NULL, due INTEGER NOT NULL,
                starts INTEGER NOT NULL DEFAULT 0, params BLOB, output BLOB, started INTEGER, finished INTEGER) STRICT;
            CREATE INDEX ready ON runs(queue, due, id) WHERE state = 0;
            CREATE TABLE attempts(
                run INTEGER, number INTEGER, started INTEGER, finished INTEGER, outcome INTEGER,
                PRIMARY KEY(run, number)) WITHOUT ROWID, STRICT;
            """)
        return database
    }

    private static func fill(_ database: OpaquePointer, runs: Int) throws {
        let insert = try Statement(
            database, "INSERT INTO runs(queue, state, due, params) VALUES(1, 0, ?1, zeroblob(16))")
        for start in stride(from: 0, to: runs, by: rowsPerInsert) {
            try execute(database, "BEGIN IMMEDIATE")
            for row in start..<min(start + rowsPerInsert, runs) { try insert.run(Int64(row)) }
            try execute(database, "COMMIT")
        }
    }

    func drain() throws {
        let take = try Statement(
            database, "SELECT id FROM runs WHERE state = 0 AND queue = 1 ORDER BY due, id LIMIT \(batch)")
        let start = try Statement(
            database, "UPDATE runs SET state = 1, starts = starts + 1, started = ?2 WHERE id = ?1 AND state = 0")
        let finish = try Statement(
            database, "UPDATE runs SET state = 3, finished = ?2, output = zeroblob(16) WHERE id = ?1 AND state = 1")
        let attempt = try Statement(database, "INSERT INTO attempts VALUES(?1, 1, ?2, ?2, 0)")
        var inFlight = 0
        while true {
            try execute(database, "BEGIN IMMEDIATE")
            let ids = try take.column()
            for id in ids { try start.run(id, id) }
            try execute(database, "COMMIT")
            try child.send(ids)
            inFlight += ids.count
            guard inFlight > 0 else { return }
            // Leave the batch just sent in flight while an older one is finished.
            let done = try child.receive(ids.isEmpty ? inFlight : min(batch, inFlight))
            try execute(database, "BEGIN IMMEDIATE")
            for id in done {
                try finish.run(id, id)
                try attempt.run(id, id)
            }
            try execute(database, "COMMIT")
            inFlight -= done.count
        }
    }
}

private func execute(_ database: OpaquePointer, _ sql: String) throws {
    guard sqlite3_exec(database, sql, nil, nil, nil) == SQLITE_OK else {
        throw BenchFailure(String(cString: sqlite3_errmsg(database)))
    }
}

/// A prepared statement whose parameters are all integers.
private struct Statement {
    let handle: OpaquePointer

    init(_ database: OpaquePointer, _ sql: String) throws {
        var handle: OpaquePointer?
        guard sqlite3_prepare_v3(database, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &handle, nil) == SQLITE_OK,
            let handle
        else { throw BenchFailure(String(cString: sqlite3_errmsg(database))) }
        self.handle = handle
    }

    func run(_ values: Int64...) throws {
        for (index, value) in values.enumerated() { sqlite3_bind_int64(handle, Int32(index + 1), value) }
        defer { sqlite3_reset(handle) }
        guard sqlite3_step(handle) == SQLITE_DONE else { throw BenchFailure("a statement of the bare pipeline failed") }
    }

    func column() throws -> [Int64] {
        var values: [Int64] = []
        defer { sqlite3_reset(handle) }
        while sqlite3_step(handle) == SQLITE_ROW { values.append(sqlite3_column_int64(handle, 0)) }
        return values
    }
}
