import Foundation
import TestSupport
import Testing

/// Steps before and after runs, as a user meets them.
struct StepTests {
    private struct Page: Decodable {
        var runs: [Run]
    }

    private struct Run: Decodable {
        struct Step: Decodable {
            var id: Int64
            var place: String
            var state: String
        }

        var id: Int64
        var state: String
        var component: String
        var source: String
        var reason: String?
        var cause: Int64?
        var parent: Int64?
        var steps: [Step]?
    }

    private static let jobs = """
        jobs:
          - name: good
            component: chaos/noop
            pre_step: chaos/noop
            post_step: {component: chaos/noop, params: {}}
          - name: skipped
            component: chaos/noop
            pre_step: {component: chaos/fail-permanent, if_fails: skip}
          - name: warned
            component: chaos/noop
            post_step: chaos/fail-permanent
            on_failure: {job: nobody}
        """

    private func ended(_ job: String, on host: RunningHost) async throws -> Run {
        #expect(try await host.berth("job", "trigger", job).status == 0)
        return try await eventually("the run of \(job) and its steps have ended") {
            let page = try await host.get("/api/v1/runs?job=\(job)&limit=1", as: Page.self).value
            guard let id = page.runs.first?.id else { return nil }
            let run = try await host.get("/api/v1/runs/\(id)", as: Run.self).value
            let open = ([run.state] + (run.steps ?? []).map(\.state)).contains { ["pending", "running"].contains($0) }
            return open ? nil : run
        }
    }

    @Test func `steps run before and after, are shown, and say what they did to the run`() async throws {
        try await RunningHost.with { host in
            let file = host.home.appendingPathComponent("jobs.yaml")
            try Data(Self.jobs.utf8).write(to: file)
            let applied = try await host.berth("job", "apply", "-f", file.path)
            #expect(applied.status == 0 && applied.errors.contains("there is no job \"nobody\""), "\(applied.errors)")
            let good = try await ended("good", on: host)
            #expect(good.state == "succeeded" && good.steps?.map(\.place) == ["before", "after"])
            let skipped = try await ended("skipped", on: host)
            #expect(skipped.state == "skipped" && skipped.reason?.contains("its pre-step, run") == true)
            let warned = try await ended("warned", on: host)
            #expect(warned.state == "succeeded")
            let sheet = try await host.berth("runs", "show", "\(warned.id)")
            #expect(
                sheet.output.contains("post-step") && sheet.output.contains("its post-step, run"), "\(sheet.output)")
            #expect(try await host.berth("job", "show", "warned").output.contains("on_failure"))
        }
    }

    @Test func `a queue's pre-step holds a run up, which says so, over a kill`() async throws {
        let home = temporaryFolder()
        var host = try await RunningHost.start(home: home)
        let step = #"{"component": "chaos/sleep", "params": {"seconds": 3600}, "timeout": "2h"}"#
        #expect(try await host.berth("queue", "set", "q", "--slots", "2", "--pre-step", step).status == 0)
        let made = try await host.post("/api/v1/runs", #"{"component": "chaos/noop", "queue": "q"}"#, as: Run.self)
        let id = made.value.id
        for life in 1...2 {
            let why = try await eventually("the step runs in life \(life)") {
                let words = try await host.berth("runs", "explain", "\(id)").output
                return words.contains("which is running") ? words : nil
            }
            #expect(why.contains("It waits for its pre-step, run"))
            guard life == 1 else { break }
            host.kill()
            host = try await RunningHost.start(home: home)
        }
        #expect(try await host.berth("runs", "cancel", "\(id)").status == 0)
        try await eventually("the step was stopped with its run") {
            let run = try await host.get("/api/v1/runs/\(id)", as: Run.self).value
            return run.state == "cancelled" && run.steps?.map(\.state) == ["cancelled"] ? true : nil
        }
        try await host.stop()
    }
}
