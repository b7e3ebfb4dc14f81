import Foundation
import TestSupport
import Testing

/// Copies of a store and of its jobs, by command line.
struct KeepTests {
    @Test func `a backup of a working host replaces a store that was damaged`() async throws {
        let home = temporaryFolder()
        let backup = temporaryFolder("backup")
        try await RunningHost.with(home: home) { host in
            let run = try await host.post("/api/v1/runs", "{\"component\": \"chaos/noop\"}", as: RunView.self).value
            let ended = try await host.get("/api/v1/runs/\(run.id)/wait?timeout=60s", as: RunView.self).value
            #expect(ended.state == "succeeded")
            let made = try await host.berth("backup", backup.path)
            #expect(made.status == 0 && made.output.contains("1 runs"), "\(made)")
            #expect(try await host.berth("backup", backup.path).status == 5, "it is there already")
            #expect(try await host.berth("restore", backup.path, "--force").status == 5, "the host owns the home")
        }
        try damage(home.appendingPathComponent("berth.db"))
        let doctor = try await Shell.run(RunningHost.program, "doctor", "--home", home.path)
        #expect(doctor.status == 6 && doctor.output.contains("berth restore"), "\(doctor.output)")
        let refused = try await restore(backup, home)
        #expect(refused.status == 5 && refused.errors.contains("--force"), "\(refused)")
        let restored = try await restore(backup, home, "--force")
        #expect(restored.status == 0, "\(restored)")
        try await RunningHost.with(home: home) { host in
            let run = try await host.get("/api/v1/runs/1", as: RunView.self).value
            #expect(run.state == "succeeded")
        }
        #expect(try await Shell.run(RunningHost.program, "doctor", "--home", home.path).status == 0)
    }

    @Test func `exported jobs come back as they were`() async throws {
        try await RunningHost.with { host in
            let jobs = host.home.appendingPathComponent("mine.yaml")
            try Data(
                """
                jobs:
                  - {name: nightly, component: chaos/noop, cron: "0 2 * * 1-5", zone: Europe/Berlin,
                     description: "says: \\"hé\\" # no comment", retry: {attempts: 5, delay: [1s, 5s]}}
                  - {name: often, component: chaos/effect, every: 1d, params: {path: "/tmp/a: b", line: "on"},
                     overlap: queue(3), missed: all(20), enabled: false, access: {read: [/etc]}}
                """.utf8
            ).write(to: jobs)
            let applied = try await host.berth("import", jobs.path)
            #expect(applied.status == 0, "\(applied)")
            #expect(try await host.berth("job", "pause", "nightly").status == 0)
            let first = try await host.berth("export")
            #expect(first.output.contains("# Paused there: nightly."), "\(first)")
            for name in ["nightly", "often"] { #expect(try await host.berth("job", "delete", name).status == 0) }
            let file = host.home.appendingPathComponent("exported.yaml")
            try Data(first.output.utf8).write(to: file)
            #expect(try await host.berth("import", file.path).status == 0)
            let second = try await host.berth("export")
            let lines = { (text: String) in text.split(separator: "\n").filter { !$0.hasPrefix("#") } }
            #expect(lines(first.output) == lines(second.output) && lines(first.output).count > 10)
            let json = host.home.appendingPathComponent("exported.json")
            try Data(try await host.berth("export", "--json").output.utf8).write(to: json)
            let again = try await host.berth("import", json.path)
            #expect(again.output.contains("unchanged: nightly, often"), "\(again)")
        }
    }

    private func restore(_ backup: URL, _ home: URL, _ options: String...) async throws -> Finished {
        try await Shell.run([RunningHost.program, "restore", backup.path, "--home", home.path] + options)
    }

    private func damage(_ file: URL) throws {
        let handle = try FileHandle(forUpdating: file)
        for page in 1..<UInt64(4) {
            try handle.seek(toOffset: page * 4096)
            try handle.write(contentsOf: Data(repeating: 0xAB, count: 200))
        }
        try handle.close()
    }
}
