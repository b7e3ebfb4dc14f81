import Foundation
import TestSupport
import Testing

/// The block and the routes that another scheduler's users know.
struct SchedulerTests {
    struct Jobs: Decodable {
        struct Job: Decodable {
            var id: String?
            var name: String
            var nextRun: String?
            var lastRun: String?
            var error: String?
        }

        var code: Int
        var message: String
        var data: [Job]
        var schedules: String

        subscript(name: String) -> Job? { data.first { $0.name == name } }
    }

    struct Answer: Decodable {
        var code: Int
        var message: String
        var schedules: String
    }

    private static let block = """
        scheduler:
          enabled: true
          jobs:
            - name: "hello_job"
              type: "duration"
              schedule: "1s"
              enabled: true
            - name: "cleanup_job"
              type: "daily"
              schedule: "02:00"
              enabled: false
        aliases: {hello_job: chaos/noop}

        """

    private func home(_ settings: String) throws -> URL {
        let home = temporaryFolder()
        try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
        try Data(settings.utf8).write(to: home.appendingPathComponent("berth.yaml"))
        return home
    }

    private func list(_ host: RunningHost) async throws -> Jobs {
        try await host.get("/api/v1/scheduler/jobs", as: Jobs.self).value
    }

    @Test func `a job of the block runs, and one bad entry affects itself only`() async throws {
        try await RunningHost.with(home: try home(Self.block)) { host in
            let jobs = try await eventually("hello_job has run") {
                let jobs = try await list(host)
                return jobs["hello_job"]?.lastRun == nil ? nil : jobs
            }
            #expect(jobs.code == 200)
            #expect(jobs.message == "success")
            #expect(jobs["hello_job"]?.id != nil)
            #expect(jobs["hello_job"]?.nextRun != nil)
            let bad = try #require(jobs["cleanup_job"])
            #expect(bad.error?.contains("stands for no component") == true)
            #expect(bad.lastRun == nil)
            struct Health: Decodable { var status: String }
            #expect(try await host.get("/healthz", as: Health.self).value.status == "degraded")
            let checked = try await host.berth("config", "check")
            #expect(checked.status == 2)
            #expect(checked.errors.contains("berth.yaml:8: "), "\(checked.errors)")
        }
    }

    @Test func `stop stops, start goes on, and both may be repeated`() async throws {
        try await RunningHost.with(home: try home(Self.block)) { host in
            try await eventually("hello_job has run") { try await list(host)["hello_job"]?.lastRun }
            for _ in 0..<2 {
                let stopped = try await host.post("/api/v1/scheduler/stop", as: Answer.self)
                #expect(stopped.status == 200)
                #expect(stopped.value.code == 200)
                #expect(stopped.value.schedules == "stopped")
            }
            let rest = try await list(host)
            #expect(rest["hello_job"]?.nextRun == nil)
            for _ in 0..<2 {
                let started = try await host.post("/api/v1/scheduler/start", as: Answer.self)
                #expect(started.value.schedules == "running")
            }
            #expect(try await list(host).data.count == rest.data.count, "no job exists twice")
            try await eventually("it runs again") {
                let last = try await list(host)["hello_job"]?.lastRun
                return last == rest["hello_job"]?.lastRun ? nil : true
            }
        }
    }

    @Test func `the block is read again when its file changes`() async throws {
        try await RunningHost.with(home: try home("listen: none\n")) { host in
            #expect(try await list(host).data.isEmpty)
            let file = host.home.appendingPathComponent("berth.yaml")
            try Data(Self.block.utf8).write(to: file)
            try await eventually("the job is there") { try await list(host)["hello_job"]?.id }
            try Data("scheduler: {jobs: 7}\n".utf8).write(to: file)
            let broken = try await eventually("the mistake is told") {
                let jobs = try await list(host)
                return jobs.data.contains { $0.error?.contains("must be a list of jobs") == true } ? jobs : nil
            }
            #expect(broken["hello_job"]?.id != nil, "what was defined before stays")
            try Data("listen: none\n".utf8).write(to: file)
            try await eventually("all are gone") { try await list(host).data.isEmpty ? true : nil }
        }
    }

    @Test(arguments: ["[test, local]", "\"test;local\""])
    func `no schedule fires in a banned environment`(list names: String) async throws {
        let home = try home("environment: \(names)\n" + Self.block)
        try await RunningHost.with(home: home, environment: ["DeployEnvironment": "test"]) { host in
            struct Ready: Decodable {
                var schedules: String
                var environment: String?
            }
            let ready = try await host.get("/readyz", as: Ready.self).value
            #expect(ready.schedules == "banned")
            #expect(ready.environment == "test")
            try await eventually("the job is there") { try await list(host)["hello_job"]?.id }
            let refused = try await host.post("/api/v1/scheduler/start", as: Answer.self)
            #expect(refused.status == 409)
            #expect(refused.value.message.contains("\"test\""))
            #expect(try await host.berth("status").output.contains("banned in the environment test"))
            #expect(try await host.berth("job", "trigger", "hello_job", "--wait").status == 0)
            let runs = try await host.get("/api/v1/runs?job=hello_job", as: JobTests.Runs.self).value.runs
            #expect(runs.count == 1, "only what somebody asked for")
        }
    }

    @Test func `a block that is not enabled waits to be started`() async throws {
        let settings = Self.block.replacingOccurrences(
            of: "scheduler:\n  enabled: true", with: "scheduler:\n  enabled: false")
        try await RunningHost.with(home: try home(settings)) { host in
            #expect(try await list(host).schedules == "stopped")
            _ = try await host.post("/api/v1/scheduler/start", as: Answer.self)
            try await eventually("hello_job has run") { try await list(host)["hello_job"]?.lastRun }
        }
    }
}
