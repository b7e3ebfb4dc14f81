import Foundation
import TestSupport
import Testing

/// Crash loops, quarantine and versions that crash, on a real host with real plugins.
struct ReloadCommandTests {
    @Test func `A component that crashes in a row is quarantined, named with its evidence, and released`() async throws
    {
        try await RunningHost.with { host in
            for _ in 0..<5 {
                let body = #"{"component": "chaos/segfault", "retry": {"attempts": 1}}"#
                let run = try await host.post("/api/v1/runs", body, as: RunView.self).value
                let ended = try await host.get("/api/v1/runs/\(run.id)/wait?timeout=60s", as: RunView.self).value
                #expect(ended.outcome == "crashed")
            }
            let waiting = try await host.post(
                "/api/v1/runs", #"{"component": "chaos/segfault"}"#, as: RunView.self
            ).value
            let other = try await host.post(
                "/api/v1/runs", #"{"component": "chaos/sleep", "params": {"seconds": 0}}"#, as: RunView.self
            ).value
            let done = try await host.get("/api/v1/runs/\(other.id)/wait?timeout=60s", as: RunView.self).value
            #expect(done.state == "succeeded")
            let status = try await host.berth(["status"]).output
            #expect(status.contains("chaos/segfault"))
            #expect(status.contains("quarantined"))
            let story = try await host.berth(["plugin", "show", "chaos"]).output
            #expect(story.contains("crashed 5 times in a row") && story.contains("SIGSEGV"))
            let run = try await host.berth(["runs", "show", "\(waiting.id)"]).output
            #expect(run.contains("waits for") && run.contains("is quarantined until"))
            let released = try await host.berth(["plugin", "release", "chaos"])
            #expect(released.status == 0)
            try await eventually("the run that waited is tried at once") {
                let run = try await host.get("/api/v1/runs/\(waiting.id)", as: RunView.self).value
                return run.starts ?? 0 > 0 ? true : nil
            }
        }
    }
}
