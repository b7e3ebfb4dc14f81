import Foundation
import TestSupport
import Testing

/// Jobs from YAML, on a host with real plugins.
struct JobTests {
    struct Runs: Decodable {
        var runs: [RunView]
    }

    @Test func `a job fires on its grid, pauses, resumes, is triggered and deleted`() async throws {
        try await RunningHost.with { host in
            let file = host.home.appendingPathComponent("jobs.yaml")
            try Data(
                """
                jobs:
                  - name: tick
                    component: chaos/noop
                    schedule: {every: 1s}
                """.utf8
            ).write(to: file)
            let applied = try await host.berth("job", "apply", "-f", file.path)
            #expect(applied.status == 0, "\(applied.errors)")
            try await eventually("it fired three times") {
                let page = try await host.get("/api/v1/runs?job=tick&state=succeeded", as: Runs.self).value
                return page.runs.count >= 3 ? true : nil
            }
            #expect(try await host.berth("job", "pause", "tick").status == 0)
            #expect(try await host.berth("job", "trigger", "tick").status == 0)
            #expect(try await host.berth("job", "resume", "tick").status == 0)
            #expect(try await host.berth("job", "delete", "tick").status == 0)
            #expect(try await host.berth("job", "show", "tick").status == 4)
            let kept = try await host.get("/api/v1/runs?job=tick", as: Runs.self).value
            #expect(kept.runs.count >= 3, "deleting a job keeps its runs")
        }
    }

    @Test func `a bad file is refused whole, with line and reason`() async throws {
        try await RunningHost.with { host in
            let file = host.home.appendingPathComponent("jobs.yaml")
            try Data(
                """
                jobs:
                  - name: fine
                    component: chaos/noop
                  - name: broken
                    component: chaos/noop
                    schedule: {cron: "61 * * * *"}
                """.utf8
            ).write(to: file)
            let refused = try await host.berth("job", "apply", "-f", file.path)
            #expect(refused.status == 2)
            #expect(refused.errors.contains("6"), "names the line: \(refused.errors)")
            #expect(refused.errors.contains("61"), "names the value: \(refused.errors)")
            #expect(try await host.berth("job", "show", "fine").status == 4)
        }
    }
}
