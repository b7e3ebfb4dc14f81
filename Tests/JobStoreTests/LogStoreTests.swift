import GRDB
import JobModel
import Testing

@testable import JobStore

@Suite struct LogStoreTests {
    let home: TemporaryHome
    let store: JobStore

    init() throws {
        home = try TemporaryHome()
        store = try home.open()
    }

    private func line(_ run: RunID, _ text: String, at: Int64 = 5) -> LogLine {
        LogLine(
            run: run, attempt: 2, at: Instant(microseconds: at), stream: .stderr, level: 3, text: text)
    }

    /// Pages until a page is empty.
    private func all(of run: RunID, limit: Int) async throws -> [LogLine] {
        var lines: [LogLine] = []
        var position: Int64 = 0
        while true {
            let page = try await store.logs(of: run, after: position, limit: limit)
            #expect(page.lines.count <= limit)
            if page.lines.isEmpty { return lines }
            lines += page.lines
            position = page.next
        }
    }

    @Test(arguments: [1, 2, 7, 1_000])
    func `what was appended is read at once, page by page`(limit: Int) async throws {
        var expected: [LogLine] = []
        for chunk in 0..<6 {
            let lines = (0..<chunk).map { line(1, "chunk \(chunk) line \($0) ü\u{0}", at: Int64(-chunk)) }
            store.append(lines + [line(2, "someone else's")])
            expected += lines
            _ = try await store.logs(of: 2, after: 0, limit: 1)
        }
        #expect(try await all(of: 1, limit: limit) == expected)
    }

    @Test func `a page ends where the next begins, also for lines that come later`() async throws {
        store.append([line(1, "a"), line(1, "b")])
        let first = try await store.logs(of: 1, after: 0, limit: 10)
        #expect(first.lines.map(\.text) == ["a", "b"])
        let none = try await store.logs(of: 1, after: first.next, limit: 10)
        #expect(none.lines.isEmpty && none.next == first.next)
        store.append([line(1, "c")])
        #expect(try await store.logs(of: 1, after: first.next, limit: 10).lines.map(\.text) == ["c"])
    }

    @Test func `odd positions and limits are harmless`() async throws {
        store.append([line(1, "a")])
        #expect(try await store.logs(of: 1, after: -5, limit: 10).lines.count == 1)
        #expect(try await store.logs(of: 1, after: .max, limit: 10).lines.isEmpty)
        #expect(try await store.logs(of: 1, after: 0, limit: -1).lines.isEmpty)
        #expect(try await store.logs(of: 77, after: 0, limit: 10).lines.isEmpty)
    }

    @Test func `lines of pruned runs go later when they could not go at once`() async throws {
        store.append([line(1, "old"), line(2, "kept")])
        _ = try await store.logs(of: 1, after: 0, limit: 1)
        try home.inFile("logs.db") {
            try $0.execute(
                sql: "CREATE TRIGGER full BEFORE DELETE ON chunks BEGIN SELECT RAISE(ABORT, 'disk full'); END")
        }
        await store.forget(Pruned(runs: [.init(id: 1, starts: 0)]))
        // Flushed with what was to go; lost, because both are one transaction.
        store.append([line(2, "lost")])
        #expect(try await store.logs(of: 1, after: 0, limit: 1).lines.map(\.text) == ["old"])
        try home.inFile("logs.db") { try $0.execute(sql: "DROP TRIGGER full") }
        store.append([line(2, "later")])
        #expect(try await store.logs(of: 2, after: 0, limit: 9).lines.map(\.text) == ["kept", "later"])
        #expect(try await store.logs(of: 1, after: 0, limit: 1).lines.isEmpty)
    }

    @Test func `lines survive closing`() async throws {
        store.append([line(1, "last words")])
        store.close()
        let again = try home.open()
        #expect(try await again.logs(of: 1, after: 0, limit: 10).lines.map(\.text) == ["last words"])
    }

    @Test func `lines are written without anybody asking`() async throws {
        store.append([line(1, "quiet")])
        let deadline = ContinuousClock.now + .seconds(60)
        let path = "\(home.path)/logs.db"
        let readers = try DatabaseFile(path: path, schema: .logs).openReaders(1)
        var count = 0
        while count == 0 && ContinuousClock.now < deadline {
            count = try await readers.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM chunks") ?? 0 }
        }
        #expect(count == 1)
    }

    @Test func `many writers lose nothing and keep their order`() async throws {
        let store = store
        await withTaskGroup(of: Void.self) { group in
            for run in RunID(1)...8 {
                group.addTask {
                    for number in 0..<500 { store.append([self.line(run, "\(number)")]) }
                }
            }
        }
        for run in RunID(1)...8 {
            #expect(try await all(of: run, limit: 333).map(\.text) == (0..<500).map { "\($0)" })
        }
    }
}

@Suite struct LogBufferTests {
    private func line(_ run: RunID, bytes: Int) -> LogLine {
        LogLine(
            run: run, attempt: 1, at: Instant(microseconds: 1), stream: .stdout, level: 2,
            text: String(repeating: "x", count: bytes))
    }

    @Test func `a flood is bounded and what it cost is counted`() {
        var buffer = LogBuffer()
        for _ in 0..<40 { buffer.append(line(1, bytes: 1 << 20)) }
        buffer.append(line(1, bytes: 1))
        buffer.append(line(2, bytes: 1))
        let groups = buffer.take()
        #expect(groups.map(\.run) == [1, 2])
        let kept = groups[0].lines.dropLast()
        #expect(kept.reduce(0) { $0 + $1.text.utf8.count } <= LogBuffer.maximumBytes)
        #expect(groups[0].lines.last?.text.hasPrefix("\(41 - kept.count) lines were dropped") == true)
        #expect(groups[1].lines.map(\.text) == ["x"])
        #expect(buffer.isEmpty)
    }

    @Test func `chunks come back whole`() {
        let lines = (0..<300).map { line(7, bytes: $0) }
        #expect(LogChunk.decode(LogChunk.encode(lines), run: 7) == lines)
        #expect(LogChunk.decode([], run: 7) == [])
    }

    @Test func `mangled chunks never trap`() {
        let bytes = LogChunk.encode((0..<5).map { line(7, bytes: $0 * 3) })
        var random = SplitMix(seed: 11)
        var refused = 0
        for _ in 0..<5_000 where LogChunk.decode(random.mangle(bytes), run: 7) == nil {
            refused += 1
        }
        #expect(refused > 1_000)
    }
}
