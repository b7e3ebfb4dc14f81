import Foundation
import GRDB
import JobModel
import Testing

@testable import JobStore

@Suite struct InboxDatabaseTests {
    let home: TemporaryHome
    let inbox: InboxDatabase

    init() throws {
        home = try TemporaryHome()
        inbox = InboxDatabase(path: "\(home.path)/inbox.db")
    }

    /// What another program does with the file.
    private func elsewhere<Value>(_ body: (Database) throws -> Value) throws -> Value {
        try home.inFile("inbox.db", body)
    }

    private func insertTables() throws {
        try elsewhere { try InboxTables.make($0) }
    }

    private func insertJob(_ columns: String = "", _ values: String = "") throws {
        try elsewhere {
            try $0.execute(
                sql: """
                    INSERT INTO `job_center` (`job_name`, `job_type`, `cron_expr`\(columns))
                    VALUES ('a', 'cron_job', '0 * * * * *'\(values))
                    """)
        }
    }

    private func insertTask(_ columns: String = "", _ values: String = "") throws {
        try elsewhere {
            try $0.execute(
                sql: """
                    INSERT INTO asynctasks (service_name, method_name, task_name, arg, system_name\(columns))
                    VALUES ('text', 'wordcount', 't', '{}', 's'\(values))
                    """)
        }
    }

    private func task(_ id: Int64 = 1) throws -> Row {
        try elsewhere {
            try #require(try Row.fetchOne($0, sql: "SELECT * FROM asynctasks WHERE id = ?", arguments: [id]))
        }
    }

    @Test func `rows are read once for each change by others`() async throws {
        #expect(try await inbox.changedJobs() == [])
        #expect(try await inbox.changedJobs() == nil)
        try insertJob()
        let rows = try #require(try await inbox.changedJobs())
        #expect(rows.map(\.name) == ["a"])
        #expect(rows.first?.timeout == 300)
        #expect(rows.first?.isEnabled == true)
        try await inbox.write([.job(1, refusal: "because"), .jobRun(1, isRunning: true, last: nil)])
        #expect(try await inbox.changedJobs() == nil, "our own notes are no news")
        await inbox.readAgain()
        #expect(try await inbox.changedJobs()?.first?.reason == "because")
        let status = try elsewhere { try String.fetchOne($0, sql: "SELECT run_status FROM job_center") }
        #expect(status == "运行中")
    }

    @Test func `values of any type are read without harm`() async throws {
        _ = try await inbox.changedJobs()
        try elsewhere {
            try $0.execute(
                sql: """
                    INSERT INTO job_center (job_name, job_type, cron_expr, args, timeout, enabled)
                    VALUES (7, x'00ff80', 1.5, x'ff', 'soon', 'yes'), ('', '', '', NULL, 1e300, NULL)
                    """)
        }
        let rows = try #require(try await inbox.changedJobs())
        #expect(rows.count == 2)
        #expect(rows[0].name == "7")
        #expect(rows[0].timeout == 0)
        #expect(rows[1].isEnabled)
    }

    @Test func `tables that somebody else made get what they lack`() async throws {
        try elsewhere {
            try $0.execute(
                sql: """
                    CREATE TABLE job_center (id INTEGER PRIMARY KEY, job_name TEXT, job_type TEXT, cron_expr TEXT,
                        hook_url TEXT, service_name TEXT, service_method TEXT, args TEXT, timeout INT, enabled INT);
                    INSERT INTO job_center (job_name, job_type, cron_expr) VALUES ('old', 'cron_job', '@daily');
                    """)
        }
        #expect(try await inbox.changedJobs()?.map(\.name) == ["old"])
        try await inbox.write([.job(1, refusal: nil)])
        #expect(try elsewhere { try String.fetchOne($0, sql: "SELECT berth_state FROM job_center") } == "active")
    }

    @Test func `a waiting row keeps its key until it was taken and has ended`() async throws {
        _ = try await inbox.changedJobs()
        try insertTask()
        let first = try await inbox.waitingTasks(after: .min, limit: 10)
        let again = try await inbox.waitingTasks(after: .min, limit: 10)
        #expect(first == again)
        let key = try #require(first.first?.key)
        #expect(key.count == 32)
        try await inbox.write([.taken(1, key: key, run: 77)])
        #expect(try await inbox.waitingTasks(after: .min, limit: 10).isEmpty)
        #expect(try await inbox.runningTasks() == [77: 1])
        let end = InboxResult(
            run: 77, succeeded: true, output: #"{"n":1}"#, reason: nil, startedAt: Instant(microseconds: 1_000_000),
            finishedAt: Instant(microseconds: 3_500_000), retries: 1)
        try await inbox.write([.ended(1, end)])
        let row = try task()
        #expect(row["task_status"] == "Success")
        #expect(row["last_result"] == #"{"n":1}"#)
        #expect(row["last_run_time"] == "1970-01-01 00:00:01")
        #expect(row["last_run_duration"] == 2500)
        #expect(row["retry_time"] == 1)
        try elsewhere { try $0.execute(sql: "UPDATE asynctasks SET task_status = 'Wait'") }
        let anew = try await inbox.waitingTasks(after: .min, limit: 10)
        #expect(anew.first?.key != key, "a row that waits again is a new run")
    }

    @Test func `a note about a row that was changed meanwhile is not written`() async throws {
        _ = try await inbox.changedJobs()
        try insertTask()
        _ = try await inbox.waitingTasks(after: .min, limit: 10)
        try await inbox.write([.taken(1, key: "another", run: 5), .refused(1, key: "another", reason: "no")])
        let row = try task()
        #expect(row["task_status"] == "Wait")
        #expect(row["berth_run"] == nil as Int64?)
        try await inbox.write([.taken(99, key: "none", run: 5), .jobRun(99, isRunning: true, last: nil)])
    }

    @Test func `rows are handed out in pages, and without a status too`() async throws {
        _ = try await inbox.changedJobs()
        for status in ["NULL", "''", "'Wait'", "'Retry'", "'Success'"] {
            try insertTask(", task_status", ", \(status)")
        }
        let first = try await inbox.waitingTasks(after: .min, limit: 3)
        #expect(first.map(\.id) == [1, 2, 3])
        #expect(try await inbox.waitingTasks(after: 3, limit: 3).map(\.id) == [4])
    }

    @Test func `rows that somebody else called running are let go`() async throws {
        _ = try await inbox.changedJobs()
        try insertTask(", task_status", ", 'Running'")
        #expect(try await inbox.strangeTasks() == [1])
        try await inbox.release([1, 2])
        #expect(try await inbox.strangeTasks().isEmpty)
        #expect(try await inbox.waitingTasks(after: .min, limit: 3).map(\.id) == [1])
    }

    @Test func `a file that was put in the place of one nobody had written to is read`() async throws {
        try insertTables()
        try insertJob()
        try FileManager.default.moveItem(atPath: "\(home.path)/inbox.db", toPath: "\(home.path)/other.db")
        #expect(try await inbox.changedJobs() == [])
        #expect(rename("\(home.path)/other.db", "\(home.path)/inbox.db") == 0)
        #expect(try await inbox.changedJobs()?.map(\.name) == ["a"])
    }

    @Test func `a file that was replaced is opened again`() async throws {
        _ = try await inbox.changedJobs()
        try insertJob()
        _ = try await inbox.changedJobs()
        unlink("\(home.path)/inbox.db")
        #expect(try await inbox.changedJobs() == [])
        try insertJob()
        #expect(try await inbox.changedJobs()?.count == 1)
    }

    @Test func `what is no database is an error and stays as it is`() async throws {
        let url = URL(fileURLWithPath: "\(home.path)/inbox.db")
        let text = Data(String(repeating: "this is a diary, not a database. ", count: 100).utf8)
        try text.write(to: url)
        await #expect(throws: StoreError.self) { try await inbox.changedJobs() }
        #expect(try Data(contentsOf: url) == text)
        try FileManager.default.removeItem(at: url)
        #expect(try await inbox.changedJobs() == [])
    }
}
