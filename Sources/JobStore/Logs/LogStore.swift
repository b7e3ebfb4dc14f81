import Foundation
import GRDB
import JobModel
import Logging

/// `logs.db`: lines of runs, written in chunks by a thread of its own.
final class LogStore: Sendable {
    private let thread: LogThread
    private let readers: DatabasePool

    init(path: String, logger: Logger) throws(StoreError) {
        let file = DatabaseFile(path: path, schema: .logs)
        let connection = try file.openWriter(.normal)
        readers = try file.openReaders(2)
        thread = LogThread(connection: connection, logger: logger)
    }

    func append(_ lines: [LogLine]) {
        thread.append(lines)
    }

    /// The lines of these runs go soon.
    func forget(_ runs: [RunID]) {
        thread.forget(runs)
    }

    /// What was appended before is among the lines.
    func lines(
        of run: RunID, after position: Int64, limit: Int
    ) async throws(StoreError) -> (lines: [LogLine], next: Int64) {
        guard await thread.flush() else { throw .closed }
        do {
            return try await readers.finishedRead { db in
                try LogPage(db, run: run, after: position, limit: min(max(limit, 0), RunQuery.maximumLimit)).read()
            }.get()
        } catch {
            throw thread.isClosed ? .closed : StoreError(error)
        }
    }

    func close() {
        try? readers.close()
        thread.close()
    }
}

/// A position is the chunk's id above 16 bits that count the lines read of it.
private struct LogPage {
    private let db: Database
    private let run: RunID
    private let limit: Int
    private var position: Int64
    private var lines: [LogLine] = []

    init(_ db: Database, run: RunID, after position: Int64, limit: Int) {
        self.db = db
        self.run = run
        self.position = max(position, 0)
        self.limit = limit
    }

    consuming func read() throws -> (lines: [LogLine], next: Int64) {
        let sql = "SELECT id, lines FROM chunks WHERE run_id = ? AND id >= ? ORDER BY id"
        let rows = try Row.fetchCursor(db, sql: sql, arguments: [run, position >> 16])
        while lines.count < limit, let row = try rows.next() {
            try add(chunk: try row.decode(Int64.self, atIndex: 0), bytes: try row.bytes(1))
        }
        return (lines, position)
    }

    private mutating func add(chunk: Int64, bytes: [UInt8]) throws {
        guard let all = LogChunk.decode(bytes, run: run) else {
            throw StoreError.failed(reason: "log chunk \(chunk) of run \(run) is damaged")
        }
        let start = position >> 16 == chunk ? Int(position & 0xffff) : 0
        let taken = all.dropFirst(start).prefix(limit - lines.count)
        guard !taken.isEmpty else { return }
        lines += taken
        position = chunk << 16 | Int64(start + taken.count)
    }
}
