import Foundation
import GRDB
import TestSupport
import Testing

/// Another program, which is this one, writes into the inbox of a running host.
struct SQLDoorTests {
    /// A foreign connection to the inbox of a home; it waits for locks as any program should.
    private func foreign(_ home: URL) async throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.busyMode = .timeout(20)
        configuration.allowsUnsafeTransactions = true
        let path = home.appendingPathComponent("inbox.db").path
        return try await eventually("the inbox is there") {
            guard FileManager.default.fileExists(atPath: path) else { return nil }
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            let isReady = try await queue.read { try $0.tableExists("job_center") && $0.tableExists("asynctasks") }
            return isReady ? queue : nil
        }
    }

    private func insertJob(_ queue: DatabaseQueue, _ name: String, _ cron: String, enabled: Int = 1) async throws {
        try await queue.write {
            try $0.execute(
                sql: """
                    INSERT INTO `job_center` (`job_name`, `job_type`, `cron_expr`, `service_name`, `service_method`, `args`,
                    `timeout`, `enabled`) VALUES (?, 'cron_job', ?, 'chaos', 'noop', '{"date":"auto"}', 20, ?)
                    """, arguments: [name, cron, enabled])
        }
    }

    private func insertTasks(_ queue: DatabaseQueue, _ count: Int, service: String = "chaos", arg: String = "{}")
        async throws
    {
        try await queue.write { db in
            for _ in 0..<count {
                try db.execute(
                    sql: """
                        INSERT INTO asynctasks (service_name, method_name, task_name, arg, system_name)
                        VALUES (?, 'noop', 'a task', ?, 'orders')
                        """, arguments: [service, arg])
            }
        }
    }

    private func text(_ queue: DatabaseQueue, _ sql: String) async throws -> String? {
        try await queue.read { try String.fetchOne($0, sql: sql) }
    }

    private func jobs(_ host: RunningHost) async throws -> JobFolderTests.Jobs {
        try await host.get("/api/v1/jobs", as: JobFolderTests.Jobs.self).value
    }

    @Test func `a row of job_center runs, is switched off and on, and goes`() async throws {
        try await RunningHost.with { host in
            let queue = try await foreign(host.home)
            try await insertJob(queue, "每日报表", "*/1 * * * * *", enabled: 0)
            try await eventually("the row is in force") {
                try await text(queue, "SELECT berth_state FROM job_center") == "active" ? true : nil
            }
            #expect(try await jobs(host).jobs.first?.source == "inbox:1")
            #expect(try await host.get("/api/v1/runs?job=inbox.1", as: JobTests.Runs.self).value.runs.isEmpty)
            try await queue.write { try $0.execute(sql: "UPDATE job_center SET enabled = 1") }
            struct Run: Decodable { var id: Int64 }
            let run = try await eventually("it has run") {
                let page = try await host.get("/api/v1/runs?job=inbox.1&state=succeeded", as: JobTests.Runs.self)
                return page.value.runs.first
            }
            struct Params: Decodable { var params: [String: String] }
            #expect(try await host.get("/api/v1/runs/\(run.id)", as: Params.self).value.params == ["date": "auto"])
            try await eventually("the row says when") {
                try await text(queue, "SELECT last_run_time FROM job_center")?.isEmpty == false ? true : nil
            }
            try await queue.write { try $0.execute(sql: "DELETE FROM job_center") }
            try await eventually("the job is gone") { try await jobs(host).jobs.isEmpty ? true : nil }
            let kept = try await host.get("/api/v1/runs?job=inbox.1", as: JobTests.Runs.self).value
            #expect(!kept.runs.isEmpty, "its runs stay")
        }
    }

    @Test func `a row that cannot be says why, and heals when it is corrected`() async throws {
        try await RunningHost.with { host in
            let queue = try await foreign(host.home)
            try await insertJob(queue, "bad", "nonsense")
            try await insertJob(queue, "hook", "0 * * * * *")
            try await queue.write { try $0.execute(sql: "UPDATE job_center SET job_type = 'cron_hook' WHERE id = 2") }
            try await eventually("both say why") {
                let bad = try await text(queue, "SELECT berth_reason FROM job_center WHERE id = 1") ?? ""
                let hook = try await text(queue, "SELECT berth_reason FROM job_center WHERE id = 2") ?? ""
                return bad.contains("nonsense") && hook.contains("hook_url") ? true : nil
            }
            let refused = try await jobs(host).refused.map(\.source)
            #expect(Set(refused) == ["inbox:1", "inbox:2"])
            try await queue.write {
                try $0.execute(sql: "UPDATE job_center SET cron_expr = '* * * * * *' WHERE id = 1")
            }
            try await eventually("it runs") {
                let runs = try await host.get("/api/v1/runs?job=bad&state=succeeded", as: JobTests.Runs.self)
                return runs.value.runs.isEmpty ? nil : true
            }
            #expect(try await text(queue, "SELECT berth_reason FROM job_center WHERE id = 1") == nil)
        }
    }

    @Test func `a hook posts to its URL, and follows the row as it changes`() async throws {
        let server = try await CalledServer()
        let home = temporaryFolder()
        defer { try? FileManager.default.removeItem(at: home) }
        try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
        try Data("plugins: {http: {grants: [network]}}".utf8).write(to: home.appendingPathComponent("berth.yaml"))
        try await RunningHost.with(home: home) { host in
            let queue = try await foreign(host.home)
            func runs(_ state: String) async throws -> [RunView] {
                try await host.get("/api/v1/runs?job=hook&state=\(state)", as: JobTests.Runs.self).value.runs
            }
            try await queue.write {
                try $0.execute(
                    sql: """
                        INSERT INTO job_center (job_name, job_type, cron_expr, hook_url, args)
                        VALUES ('hook', 'cron_hook', '* * * * * *', ?, '{"n": 1.50}')
                        """, arguments: ["\(server.plain)/echo"])
            }
            try await eventually("it was posted") { try await runs("succeeded").isEmpty ? nil : true }
            try await queue.write {
                try $0.execute(sql: "UPDATE job_center SET hook_url = ?", arguments: ["\(server.plain)/status/410"])
            }
            let failed = try await eventually("another status is a failure") { try await runs("failed").first }
            #expect(failed.reason?.contains("answered 410") == true, "\(failed.reason ?? "")")
        }
    }

    @Test func `rows of asynctasks run once and hear how it ended`() async throws {
        try await RunningHost.with { host in
            let queue = try await foreign(host.home)
            try await insertTasks(queue, 20)
            try await insertTasks(queue, 1, service: "missing")
            try await insertTasks(queue, 1, arg: "[1]")
            try await eventually("all have ended") {
                let open = try await text(
                    queue, "SELECT count(*) FROM asynctasks WHERE task_status NOT IN ('Success', 'Failed')")
                return open == "1" ? true : nil
            }
            #expect(try await text(queue, "SELECT count(*) FROM asynctasks WHERE task_status = 'Success'") == "20")
            #expect(try await text(queue, "SELECT count(DISTINCT berth_run) FROM asynctasks") == "20")
            let missing = try await text(queue, "SELECT berth_reason FROM asynctasks WHERE id = 21")
            #expect(missing?.contains("missing/noop") == true, "it waits for a plugin: \(missing ?? "")")
            let wrong = try await text(queue, "SELECT last_err_msg FROM asynctasks WHERE id = 22")
            #expect(wrong?.contains("must be a JSON object") == true)
        }
    }

    @Test func `a foreign writer that holds the file up holds up nothing else`() async throws {
        try await RunningHost.with { host in
            let queue = try await foreign(host.home)
            try await queue.writeWithoutTransaction { db in
                try db.execute(sql: "BEGIN EXCLUSIVE")
                try db.execute(
                    sql: """
                        INSERT INTO asynctasks (service_name, method_name, task_name, system_name)
                        VALUES ('chaos', 'noop', 't', 's')
                        """)
            }
            let started = ContinuousClock.now
            var served = 0
            while ContinuousClock.now - started < .seconds(3) {
                let run = try await host.post(
                    "/api/v1/runs?wait=30s", #"{"component": "chaos/noop"}"#, as: RunView.self)
                #expect(run.value.state == "succeeded")
                served += 1
            }
            #expect(served > 0)
            try await queue.writeWithoutTransaction { try $0.execute(sql: "COMMIT") }
            try await eventually("the row ran") {
                try await text(queue, "SELECT task_status FROM asynctasks") == "Success" ? true : nil
            }
        }
    }

    @Test func `a host that stops while a foreign writer holds the file up does not complain of it`() async throws {
        let host = try await RunningHost.with { host in
            let queue = try await foreign(host.home)
            try await insertTasks(queue, 10)
            // Before the host has taken the rows in, or else before it has written how they ended.
            try await queue.writeWithoutTransaction { try $0.execute(sql: "BEGIN EXCLUSIVE") }
            try await host.stop()
            try await queue.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
            return host
        }
        #expect(!host.printed.contains("cannot be used now"), "\(host.printed)")
    }

    @Test func `a host that is killed while it takes rows in loses none and doubles none`() async throws {
        let home = temporaryFolder()
        let rows = 60
        for life in 0..<3 {
            let host = try await RunningHost.start(home: home)
            let queue = try await foreign(home)
            try await insertTasks(queue, rows / 3)
            try await insertJob(queue, "job-\(life)", "0 0 1 1 *")
            // Somewhere between the rows' commit and the end of the last run.
            try await eventually("some row is on its way") {
                try await text(queue, "SELECT 1 FROM asynctasks WHERE berth_key IS NOT NULL OR berth_run IS NOT NULL")
            }
            host.kill()
            try queue.close()
        }
        try await RunningHost.with(home: home) { host in
            let queue = try await foreign(home)
            try await eventually("all have ended well") {
                let done = try await text(queue, "SELECT count(*) FROM asynctasks WHERE task_status = 'Success'")
                return done == "\(rows)" ? true : nil
            }
            let runs = try await host.get("/api/v1/runs?limit=1000", as: JobTests.Runs.self).value.runs
            #expect(runs.count == rows, "one run for each row")
            try await eventually("every job is there once") {
                try await jobs(host).names == ["job-0", "job-1", "job-2"] ? true : nil
            }
        }
    }
}
