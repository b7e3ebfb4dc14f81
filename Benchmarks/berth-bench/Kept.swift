import Foundation
import GRDBSQLite

/// What millions of finished runs that are kept cost the runs of today.
enum Kept {
    /// Of which the others are copies.
    private static let seed = 10_000

    static func report(_ options: BenchOptions) async throws {
        guard options.kept >= seed else { return }
        var few = options
        few.runs = seed
        let full = try BenchHome(options)
        defer { full.remove() }
        _ = try await Drain.measure(few, full)
        try multiply(full.url.path + "/berth.db", to: options.kept)
        var (empty, kept) = (Readings(), Readings())
        var (emptyCPU, keptCPU) = (Readings(), Readings())
        for _ in 0..<options.rounds {
            let home = try BenchHome(options)
            defer { home.remove() }
            let (alone, among) = (try await Drain.measure(options, home), try await Drain.measure(options, full))
            empty.values.append(alone.runsPerSecond)
            emptyCPU.values.append(alone.cpuPerThousand)
            kept.values.append(among.runsPerSecond)
            keptCPU.values.append(among.cpuPerThousand)
        }
        let count = "\(options.kept) finished runs kept"
        Bench.row("drain with \(count), runs/s", kept)
        Bench.line("drain with \(count) : empty store", Bench.text(kept.median / empty.median, 2), floor: "0.90")
        Bench.row("CPU seconds per 1,000 with \(count)", keptCPU, digits: 4)
        Bench.row("CPU seconds per 1,000 with an empty store", emptyCPU, digits: 4)
    }

    /// Copies the rows of the runs and attempts that are there, with new numbers, until there are so many.
    private static func multiply(_ path: String, to count: Int) throws {
        let database = try Rows(path)
        try database.run("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -262144")
        let runs = try database.columns(of: "runs").filter { $0 != "id" }.joined(separator: ", ")
        let attempts = try database.columns(of: "attempts").filter { $0 != "run_id" }.joined(separator: ", ")
        var have = seed
        while have < count {
            let more = min(have, count - have)
            try database.run(
                """
                INSERT INTO runs (id, \(runs)) SELECT id + \(have), \(runs) FROM runs WHERE id <= \(more);
                INSERT INTO attempts (run_id, \(attempts))
                    SELECT run_id + \(have), \(attempts) FROM attempts WHERE run_id <= \(more);
                """)
            have += more
        }
        try database.run(
            """
            UPDATE totals SET runs = \(count) WHERE runs = \(seed);
            UPDATE marks SET value = \(count) WHERE name = 'run';
            """)
    }
}

/// A store between hosts.
private final class Rows {
    private var database: OpaquePointer?

    init(_ path: String) throws {
        guard sqlite3_open_v2(path, &database, SQLITE_OPEN_READWRITE, nil) == SQLITE_OK else {
            throw BenchFailure("cannot open \(path)")
        }
    }

    deinit { sqlite3_close_v2(database) }

    func run(_ sql: String) throws {
        guard sqlite3_exec(database, sql, nil, nil, nil) == SQLITE_OK else {
            throw BenchFailure(String(cString: sqlite3_errmsg(database)))
        }
    }

    func columns(of table: String) throws -> [String] {
        var statement: OpaquePointer?
        defer { sqlite3_finalize(statement) }
        let sql = "SELECT name FROM pragma_table_info('\(table)')"
        guard sqlite3_prepare_v2(database, sql, -1, &statement, nil) == SQLITE_OK else {
            throw BenchFailure(String(cString: sqlite3_errmsg(database)))
        }
        var names: [String] = []
        while sqlite3_step(statement) == SQLITE_ROW { names.append(String(cString: sqlite3_column_text(statement, 0))) }
        return names
    }
}
