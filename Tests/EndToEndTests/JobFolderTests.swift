import Foundation
import TestSupport
import Testing

/// Job files of the jobs folder, edited while the host runs.
struct JobFolderTests {
    struct Jobs: Decodable {
        struct Job: Decodable {
            var name: String
            var source: String
            var nextFire: String?
        }

        struct Refused: Decodable {
            var source: String
            var line: Int?
            var job: String?
            var reason: String
        }

        var jobs: [Job]
        var refused: [Refused]

        var names: [String] { jobs.map(\.name) }
    }

    private func jobs(_ host: RunningHost) async throws -> Jobs {
        try await host.get("/api/v1/jobs", as: Jobs.self).value
    }

    private func write(_ host: RunningHost, _ name: String, _ text: String) throws {
        let folder = host.home.appendingPathComponent("jobs")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: folder.appendingPathComponent(name))
    }

    @Test func `files take effect as they come, change, break, heal and go`() async throws {
        try await RunningHost.with { host in
            try write(
                host, "a.yaml",
                """
                jobs:
                  - {name: hourly, component: chaos/noop, every: 1h}
                  - {name: tick, component: chaos/noop, every: 1s}
                """)
            let first = try await eventually("both jobs are there") {
                let jobs = try await jobs(host)
                return jobs.names == ["hourly", "tick"] ? jobs : nil
            }
            #expect(first.jobs.allSatisfy { $0.source == "file:a.yaml" })
            try await eventually("one fired") {
                let runs = try await host.get("/api/v1/runs?job=tick&state=succeeded", as: JobTests.Runs.self)
                return runs.value.runs.isEmpty ? nil : true
            }

            try write(
                host, "a.yaml",
                """
                jobs:
                  - {name: hourly, component: chaos/noop, every: 1h}
                  - name: zoned
                    component: chaos/noop
                    cron: "0 3 * * *"
                    zone: Europe/Berlni
                """)
            let broken = try await eventually("the mistake is told") {
                let jobs = try await jobs(host)
                return jobs.refused.isEmpty ? nil : jobs
            }
            #expect(broken.names == ["hourly", "tick"], "the last good version stays")
            let refused = try #require(broken.refused.first)
            #expect(refused.source == "file:a.yaml")
            #expect(refused.line == 6)
            #expect(refused.job == "zoned")
            #expect(refused.reason.contains("Europe/Berlni"))
            for words in [["job", "list"], ["status"]] {
                let shown = try await Shell.run([RunningHost.program] + words + ["--home", host.home.path])
                #expect(shown.output.contains("Europe/Berlni"), "\(words): \(shown.output)")
            }
            #expect(host.printed.contains("a definition is refused"))

            try write(
                host, "a.yaml",
                """
                jobs:
                  - {name: hourly, component: chaos/noop, every: 1h}
                  - {name: zoned, component: chaos/noop, cron: "0 3 * * *", zone: Europe/Berlin}
                """)
            let healed = try await eventually("it is healed") {
                let jobs = try await jobs(host)
                return jobs.refused.isEmpty && jobs.names == ["hourly", "zoned"] ? jobs : nil
            }
            #expect(healed.jobs.first?.nextFire == first.jobs.first?.nextFire, "what did not change keeps its next run")

            try FileManager.default.removeItem(at: host.home.appendingPathComponent("jobs/a.yaml"))
            try await eventually("all are gone") { try await jobs(host).jobs.isEmpty ? true : nil }
        }
    }

    @Test func `only its file changes a job, and everybody may pause and trigger it`() async throws {
        try await RunningHost.with { host in
            try write(host, "a.yaml", "- {name: mine, component: chaos/noop, every: 1h}")
            try await eventually("the job is there") { try await jobs(host).names == ["mine"] ? true : nil }
            #expect(try await host.berth("job", "pause", "mine").status == 0)
            #expect(try await host.berth("job", "resume", "mine").status == 0)
            #expect(try await host.berth("job", "trigger", "mine", "--wait").status == 0)
            let deleted = try await host.berth("job", "delete", "mine")
            #expect(deleted.status == 5)
            #expect(deleted.errors.contains("the job file \"a.yaml\""), "\(deleted.errors)")
            let file = host.home.appendingPathComponent("other.yaml")
            try Data("- {name: mine, component: chaos/noop}".utf8).write(to: file)
            let applied = try await host.berth("job", "apply", "-f", file.path)
            #expect(applied.status == 5)
            #expect(applied.errors.contains("a file that was applied"), "names both: \(applied.errors)")

            try write(host, "b.yaml", "- {name: mine, component: chaos/noop}")
            try await eventually("the clash is told") {
                let refused = try await jobs(host).refused.first
                return refused?.source == "file:b.yaml" && refused?.reason.contains("\"a.yaml\"") == true ? true : nil
            }
            try FileManager.default.removeItem(at: host.home.appendingPathComponent("jobs/a.yaml"))
            try await eventually("the other file has it now") {
                let now = try await jobs(host)
                return now.refused.isEmpty && now.jobs.map(\.source) == ["file:b.yaml"] ? true : nil
            }
        }
    }

    @Test func `files that went while no host was there take their jobs with them`() async throws {
        let home = temporaryFolder()
        try await RunningHost.with(home: home) { host in
            try write(host, "a.yaml", "- {name: a, component: chaos/noop, every: 1h}")
            try write(host, "b.yaml", "- {name: b, component: chaos/noop, every: 1h}")
            try await eventually("both are there") { try await jobs(host).names == ["a", "b"] ? true : nil }
        }
        try FileManager.default.removeItem(at: home.appendingPathComponent("jobs/a.yaml"))
        try Data("nonsense: [".utf8).write(to: home.appendingPathComponent("jobs/b.yaml"))
        try await RunningHost.with(home: home) { host in
            let now = try await eventually("the folder has been read") {
                let now = try await jobs(host)
                return now.refused.isEmpty || now.names.contains("a") ? nil : now
            }
            #expect(now.names == ["b"], "a broken file keeps its jobs")
        }
    }

    @Test func `a named folder that cannot be read takes no job away`() async throws {
        let home = temporaryFolder()
        let folder = temporaryFolder("jobs")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data("- {name: a, component: chaos/noop, every: 1h}".utf8).write(
            to: folder.appendingPathComponent("a.yaml"))
        let options = ["--jobs", folder.path]
        try await RunningHost.with(home: home, options: options) { host in
            _ = try await eventually("the job is there") { try await jobs(host).names == ["a"] ? true : nil }
        }
        try FileManager.default.removeItem(at: folder)
        try await RunningHost.with(home: home, options: options) { host in
            let refused = try await eventually("the folder is missed") { try await jobs(host).refused.first }
            #expect(refused.reason.contains(folder.path))
            #expect(try await jobs(host).names == ["a"])
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try await eventually("an empty folder is no jobs") {
                let now = try await jobs(host)
                return now.jobs.isEmpty && now.refused.isEmpty ? true : nil
            }
        }
    }

    @Test func `a mistake that only the host can see has its line in a file that is applied`() async throws {
        try await RunningHost.with { host in
            let file = host.home.appendingPathComponent("other.yaml")
            try Data("- name: a\n  component: chaos/noop\n  cron: '@daily'\n  zone: Mars/X\n".utf8).write(to: file)
            let refused = try await host.berth("job", "apply", "-f", file.path)
            #expect(refused.status == 2)
            #expect(refused.errors.contains("other.yaml:4: "), "\(refused.errors)")
        }
    }
}
