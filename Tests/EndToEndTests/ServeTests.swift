import Foundation
import TestSupport
import Testing

/// The host as a program: its home, its doors, its end.
struct ServeTests {
    @Test func `SIGTERM drains and exits 0`() async throws {
        let host = try await RunningHost.start()
        let body = "{\"component\": \"chaos/sleep\", \"params\": {\"seconds\": 0.3}}"
        let run = try await host.post("/api/v1/runs", body, as: RunView.self).value
        #expect(try await host.stop() == 0)
        try await RunningHost.with(home: host.home) { again in
            let view = try await again.get("/api/v1/runs/\(run.id)/wait?timeout=20s", as: RunView.self).value
            #expect(view.state == "succeeded")
        }
    }

    @Test func `SIGTERM while a large store is taken up exits 0`() async throws {
        let home = temporaryFolder()
        let jobs = (0..<2000).map { "{\"name\": \"job-\($0)\", \"component\": \"chaos/noop\", \"every\": \"1d\"}" }
        try await RunningHost.with(home: home) { host in
            let body = "{\"jobs\": [\(jobs.joined(separator: ", "))]}"
            let applied = try await host.post("/api/v1/jobs/apply", body, as: Anything.self)
            #expect(applied.status == 200)
        }
        for _ in 0..<2 {
            let host = try RunningHost.launch(home: home)
            try await eventually("a door is open") {
                FileManager.default.fileExists(atPath: home.appendingPathComponent("berth.sock").path) ? true : nil
            }
            #expect(try await host.stop() == 0, "\(host.printed)")
        }
    }

    @Test func `a second host on the same home is refused`() async throws {
        try await RunningHost.with { host in
            let second = try await Shell.run(
                RunningHost.program, "serve", "--home", host.home.path, "--listen", "none")
            #expect(second.status != 0)
            #expect(second.errors.contains(host.home.path))
        }
    }

    @Test func `TCP asks for the token, health does not`() async throws {
        try await RunningHost.with { host in
            let refused = try await host.call("GET", "/api/v1/runs", body: nil, as: Anything.self, token: "wrong")
            #expect(refused.status == 401)
            let health = try await host.call("GET", "/healthz", body: nil, as: Anything.self, token: "wrong")
            #expect(health.status == 200)
            let listed = try await host.get("/api/v1/runs", as: Anything.self)
            #expect(listed.status == 200)
        }
    }

    @Test func `private files stay private`() async throws {
        try await RunningHost.with { host in
            for (name, mode) in [("token", 0o600), ("berth.sock", 0o600), ("berth.db", 0o600)] {
                let path = host.home.appendingPathComponent(name).path
                let found = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
                #expect(found == mode, "\(name)")
            }
        }
    }

    @Test func `clients without a host say so`() async throws {
        let nobody = try await Shell.run(RunningHost.program, "status", "--home", temporaryFolder().path)
        #expect(nobody.status == 3)
        #expect(!nobody.errors.isEmpty)
    }
}
