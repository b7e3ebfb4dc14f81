import Foundation
import TestSupport
import Testing

/// How runs are ended, as their users see it.
struct EndingServeTests {
    @Test func `a run that was cancelled before the host died is not run again`() async throws {
        let host = try await RunningHost.start()
        let body = "{\"component\": \"chaos/loop\", \"timeout\": \"none\", \"grace\": \"60s\"}"
        let run = try await host.post("/api/v1/runs", body, as: RunView.self).value
        // A run counts as running from the commit of its start; its guest may still be loading then.
        try await eventually("it is in its guest") {
            try await host.get("/api/v1/runs/\(run.id)", as: InGuest.self).value.progress == nil ? nil : true
        }
        let asked = try await host.post(
            "/api/v1/runs/\(run.id)/cancel", "{\"reason\": \"enough\"}", as: RunView.self
        ).value
        #expect(asked.state == "running")
        host.kill()
        try await RunningHost.with(home: host.home) { again in
            let view = try await again.get("/api/v1/runs/\(run.id)/wait?timeout=30s", as: RunView.self).value
            #expect(view.state == "cancelled")
            #expect(view.reason?.contains("enough") == true, "\(view.reason ?? "")")
            #expect((view.starts ?? .max) <= 1)
        }
    }

    @Test func `a limit that was hit is named, and each step of an ending is shown with its time`() async throws {
        try await RunningHost.with { host in
            let leak = """
                {"component": "chaos/leak", "limits": {"memory": "64MiB"}, "retry": {"attempts": 1, "crashes": 1}}
                """
            let taken = try await end(of: leak, on: host)
            #expect(taken.reason?.contains("memory limit of 64 MiB") == true, "\(taken.reason ?? "")")
            let page = try await host.berth("runs", "show", "\(taken.id)").output
            #expect(page.contains("memory limit of 64 MiB") && page.contains("64MiB"), "\(page)")
            let loop = """
                {"component": "chaos/loop", "timeout": "200ms", "grace": "100ms", "retry": {"attempts": 1}}
                """
            let ended = try await end(of: loop, on: host)
            let sheet = try await host.berth("runs", "show", "\(ended.id)").output
            for step in ["asked to end: timeout, wall time 200 ms", "last time", "SIGTERM", "SIGKILL", "gone"] {
                #expect(sheet.contains("attempt 1") && sheet.contains(step), "\(step): \(sheet)")
            }
        }
    }

    @Test func `the operator caps what jobs may ask for`() async throws {
        let home = temporaryFolder()
        try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
        let words = "plugins:\n  chaos:\n    components: {leak: {limits: {memory: 48MiB, timeout: 20s}}}\n"
        try Data(words.utf8).write(to: home.appendingPathComponent("berth.yaml"))
        try await RunningHost.with(home: home) { host in
            let greedy = """
                {"component": "chaos/leak", "limits": {"memory": "1GiB"}, "retry": {"attempts": 1, "crashes": 1}}
                """
            let ended = try await end(of: greedy, on: host)
            #expect(ended.reason?.contains("memory limit of 48 MiB") == true, "\(ended.reason ?? "")")
        }
    }

    @Test func `what a shutdown interrupts goes again at the next start and has lost no attempt`() async throws {
        let home = temporaryFolder()
        let host = try await RunningHost.start(home: home, environment: ["BERTH_DRAIN": "100ms"])
        let body = """
            {"component": "chaos/sleep", "params": {"seconds": 2}, "retry": {"attempts": 1}}
            """
        let run = try await host.post("/api/v1/runs", body, as: RunView.self).value
        try await eventually("it runs") {
            try await host.get("/api/v1/runs/\(run.id)", as: RunView.self).value.state == "running" ? true : nil
        }
        #expect(try await host.stop() == 0)
        try await RunningHost.with(home: home) { again in
            let view = try await again.get("/api/v1/runs/\(run.id)/wait?timeout=30s", as: RunView.self).value
            #expect(view.state == "succeeded" && view.starts == 2 && view.interruptions == 1, "\(view)")
        }
    }

    @Test func `logs are followed to the end of the run`() async throws {
        try await RunningHost.with { host in
            let body = "{\"component\": \"chaos/print-flood\", \"params\": {\"lines\": 50}}"
            let run = try await host.post("/api/v1/runs", body, as: RunView.self).value
            let lines = try await host.berth("runs", "logs", "\(run.id)", "--follow").output
            #expect(lines.contains("flood line 1 of 50") && lines.contains("flood line 50 of 50"), "\(lines)")
        }
    }

    @Test func `a child that runs while its parent is cancelled is ended for that, and says so`() async throws {
        let plugins = temporaryFolder("plugins")
        defer { try? FileManager.default.removeItem(at: plugins) }
        try FileManager.default.createDirectory(at: plugins, withIntermediateDirectories: true)
        try FileManager.default.copyItem(
            at: FixturePlugin.library("families"), to: plugins.appendingPathComponent("families.so"))
        try await RunningHost.with(plugins: plugins) { host in
            let body = #"{"component": "families/squares", "params": {"count": 1, "ms": 600000}}"#
            let parent = try await host.post("/api/v1/runs", body, as: RunView.self).value.id
            let child = try await eventually("its child is in a guest") {
                try await host.get("/api/v1/runs?parent=\(parent)", as: Children.self).value.runs.first?.id
            }
            try await eventually("the child is in its guest") {
                try await host.get("/api/v1/runs/\(child)", as: InGuest.self).value.progress == nil ? nil : true
            }
            _ = try await host.post("/api/v1/runs/\(parent)/cancel", as: RunView.self)
            let ended = try await host.get("/api/v1/runs/\(child)/wait?timeout=60s", as: InGuest.self).value
            #expect(ended.state == "cancelled")
            let attempt = try #require(ended.attempts?.first)
            #expect(attempt.outcome == "cancelled")
            #expect(attempt.evidence?.endedFor == "parent_cancelled")
            #expect(attempt.evidence?.steps?.first?.step == "asked")
            let page = try await host.berth("runs", "show", "\(child)").output
            #expect(page.contains("asked to end: parent cancelled"), "\(page)")
            let whole = try await host.get("/api/v1/runs/\(parent)/wait?timeout=60s", as: RunView.self).value
            #expect(whole.state == "cancelled")
        }
    }

    private struct Children: Decodable {
        var runs: [RunView]
    }

    private struct InGuest: Decodable {
        struct Progress: Decodable {}
        struct Attempt: Decodable {
            struct Evidence: Decodable {
                struct Step: Decodable { var step: String }
                var endedFor: String?
                var steps: [Step]?
            }
            var outcome: String
            var evidence: Evidence?
        }
        var state: String
        var progress: Progress?
        var attempts: [Attempt]?
    }

    private func end(of body: String, on host: RunningHost) async throws -> RunView {
        let run = try await host.post("/api/v1/runs", body, as: RunView.self).value
        return try await host.get("/api/v1/runs/\(run.id)/wait?timeout=60s", as: RunView.self).value
    }
}
