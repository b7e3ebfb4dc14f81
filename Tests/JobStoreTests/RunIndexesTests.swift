import Foundation
import GRDB
import Testing

@testable import JobStore

@Suite struct RunIndexesTests {
    let home: TemporaryHome
    let store: JobStore

    init() throws {
        home = try TemporaryHome()
        store = try home.open()
    }

    @Test func `no insert, start or end of a run makes SQLite build a table`() async throws {
        let programs = try await store.onWriter { db in
            let statements = try WriteStatements(db)
            let hot = [
                statements.insertRun, statements.startRun, statements.unstartRun, statements.finishRun,
                statements.insertAttempt,
            ]
            return try hot.map { statement in
                let sql = statement.sql.replacingOccurrences(of: "?", with: "0")
                return try Row.fetchAll(db, sql: "EXPLAIN \(sql)").map { $0["opcode"] as String }
            }
        }
        for program in programs {
            #expect(program.contains { $0 == "Insert" || $0 == "IdxInsert" })
            #expect(!program.contains { $0.hasPrefix("OpenEphemeral") || $0.hasPrefix("OpenAutoindex") })
        }
    }

    @Test func `what waits in a batch is small`() {
        // A batch is thousands of these, and each is copied more than once.
        #expect(MemoryLayout<Mutation>.size <= 64)
        #expect(MemoryLayout<Answer>.size <= 32)
    }
}
