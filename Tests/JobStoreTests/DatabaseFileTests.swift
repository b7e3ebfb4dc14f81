import Foundation
import GRDB
import JobModel
import Testing

@testable import JobStore

@Suite struct DatabaseFileTests {
    let home: TemporaryHome

    init() throws {
        home = try TemporaryHome()
    }

    private var path: String { "\(home.path)/berth.db" }

    @Test func `the writer is at FULL and in WAL mode`() async throws {
        let store = try home.open()
        let facts = try await store.facts()
        #expect(facts.synchronous == "FULL")
        #expect(facts.journalMode == "wal")
        #expect(facts.schemaVersion == Schema.runs.version)
        #expect(facts.databaseBytes > 0)
        #expect(try await store.onWriter { try Int.fetchOne($0, sql: "PRAGMA synchronous") } == 2)
        _ = try await store.apply([.insert(Sample.run(1))])
        #expect(try await store.facts().synchronous == "FULL")
    }

    @Test func `readers can neither write nor checkpoint`() async throws {
        let store = try home.open()
        _ = try await store.apply([.insert(Sample.run(1))])
        let before = try await store.facts().walBytes
        #expect(before > 0)
        let readers = try DatabaseFile(path: path, schema: .runs).openReaders(1)
        for sql in ["DELETE FROM runs", "PRAGMA wal_checkpoint(TRUNCATE)", "PRAGMA user_version = 9"] {
            _ = try? await readers.read { db in
                try db.execute(sql: "PRAGMA query_only = 0")
                try db.execute(sql: sql)
            }
        }
        #expect(throws: DatabaseError.self) { try readers.read { try $0.checkpoint(.truncate) } }
        try readers.close()
        let after = try await store.facts()
        #expect(after.walBytes == before)
        #expect(after.schemaVersion == Schema.runs.version)
        #expect(try await store.run(1) != nil)
    }

    @Test func `the files are private`() async throws {
        let store = try home.open()
        _ = try await store.apply([.insert(Sample.run(1))])
        for name in ["berth.db", "berth.db-wal", "berth.db-shm", "logs.db"] {
            let attributes = try FileManager.default.attributesOfItem(atPath: "\(home.path)/\(name)")
            #expect(attributes[.posixPermissions] as? Int == 0o600, "\(name)")
        }
    }

    @Test func `another program's database is refused and left alone`() throws {
        try home.inFile { try $0.execute(sql: "CREATE TABLE theirs (x); PRAGMA application_id = 7") }
        let before = FileManager.default.contents(atPath: path)
        #expect(throws: StoreError.notOurs(path: path)) { try home.open() }
        #expect(FileManager.default.contents(atPath: path) == before)
    }

    @Test func `tables without an owner are refused`() throws {
        try home.inFile { try $0.execute(sql: "CREATE TABLE theirs (x)") }
        #expect(throws: StoreError.notOurs(path: path)) { try home.open() }
    }

    @Test func `a file that is no database is refused`() throws {
        try Data(repeating: 0x41, count: 5_000).write(to: URL(fileURLWithPath: path))
        #expect(throws: StoreError.notOurs(path: path)) { try home.open() }
    }

    @Test func `a newer schema is refused`() throws {
        try home.open().close()
        try home.inFile { try $0.execute(sql: "PRAGMA user_version = 99") }
        let expected = StoreError.newerSchema(path: path, found: 99, supported: Schema.runs.version)
        #expect(throws: expected) { try home.open() }
    }

    @Test func `a folder that is not there is an error with its path`() {
        #expect {
            try JobStore(home: "/nonexistent/berth", logger: quietLogger)
        } throws: { error in
            guard case StoreError.cannotOpen(let path, _) = error else { return false }
            return path.hasPrefix("/nonexistent/berth")
        }
    }

    @Test func `an older schema is backed up, then migrated`() throws {
        let old = Schema(applicationID: 42, migrations: ["CREATE TABLE a (x); INSERT INTO a VALUES (1)"])
        let new = Schema(applicationID: 42, migrations: old.migrations + ["ALTER TABLE a ADD COLUMN y"])
        try DatabaseFile(path: path, schema: old).openWriter(.full).close()
        #expect(!FileManager.default.fileExists(atPath: "\(path).v1"), "a new file needs no backup")
        try DatabaseFile(path: path, schema: new).openWriter(.full).close()
        #expect(try home.inFile { try Row.fetchAll($0, sql: "SELECT x, y FROM a").count } == 1)
        #expect(try home.inFile("berth.db.v1") { try Int.fetchOne($0, sql: "PRAGMA user_version") } == 1)
        #expect(try home.inFile("berth.db.v1") { try Int.fetchOne($0, sql: "SELECT x FROM a") } == 1)
    }

    @Test func `a migration that fails leaves the version before it`() throws {
        let old = Schema(applicationID: 42, migrations: ["CREATE TABLE a (x)"])
        let broken = Schema(applicationID: 42, migrations: old.migrations + ["CREATE TABLE b (y); nonsense"])
        try DatabaseFile(path: path, schema: old).openWriter(.full).close()
        #expect(throws: StoreError.self) { try DatabaseFile(path: path, schema: broken).openWriter(.full) }
        #expect(try home.inFile { try Int.fetchOne($0, sql: "PRAGMA user_version") } == 1)
        #expect(try home.inFile { try String.fetchAll($0, sql: "SELECT name FROM sqlite_schema") } == ["a"])
    }

    @Test func `what a killed host left in the log is moved when the next one opens it`() async throws {
        let store = try home.open()
        _ = try await store.apply([.insert(Sample.run(1))])
        let killed = try TemporaryHome()
        for name in ["berth.db", "berth.db-wal"] {
            try FileManager.default.copyItem(atPath: "\(home.path)/\(name)", toPath: "\(killed.path)/\(name)")
        }
        let next = try killed.open()
        let alone = try TemporaryHome()
        try FileManager.default.copyItem(atPath: "\(killed.path)/berth.db", toPath: "\(alone.path)/berth.db")
        #expect(try await alone.open().run(1) != nil, "without the log")
        #expect(try await next.run(1) != nil)
    }

    @Test func `closing leaves one file and answers those who come later`() async throws {
        let store = try home.open()
        _ = try await store.apply([.insert(Sample.run(1))])
        store.close()
        #expect(!FileManager.default.fileExists(atPath: "\(path)-wal"))
        await #expect(throws: StoreError.closed) { try await store.apply([.insert(Sample.run(2))]) }
        await #expect(throws: StoreError.closed) { try await store.run(1) }
        await #expect(throws: StoreError.closed) { try await store.facts() }
        await #expect(throws: StoreError.closed) { try await store.logs(of: 1, after: 0, limit: 1) }
        #expect(throws: StoreError.closed) { try store.load() }
        store.append([])
        store.close()
        #expect(try await home.open().run(1) != nil)
    }
}
