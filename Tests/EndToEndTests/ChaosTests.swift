import Foundation
import TestSupport
import Testing

/// Each way a plugin can misbehave, on one host that goes on as if nothing happened.
struct ChaosTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var component: String
        var params = "{}"
        var policy = "\"retry\": {\"attempts\": 1}"
        var state: String
        var outcome: String
        /// A text the run's reason has to contain.
        var reason: String
        var testDescription: String { component }
    }

    static let cases = [
        Case(component: "segfault", state: "failed", outcome: "crashed", reason: "SIGSEGV, last breadcrumb \"row 7\""),
        Case(component: "abort", state: "failed", outcome: "crashed", reason: "SIGABRT"),
        Case(component: "exit", state: "failed", outcome: "crashed", reason: "exit"),
        Case(
            component: "loop", policy: "\"timeout\": \"200ms\", \"grace\": \"200ms\", \"retry\": {\"attempts\": 1}",
            state: "failed", outcome: "timed_out", reason: "killed after"),
        Case(
            component: "sleep", params: "{\"seconds\": 60}",
            policy: "\"timeout\": \"200ms\", \"retry\": {\"attempts\": 1}",
            state: "failed", outcome: "timed_out", reason: "limit 200 ms"),
        Case(component: "fail-retry", state: "failed", outcome: "failed", reason: ""),
        Case(
            component: "fail-permanent", policy: "\"retry\": {\"attempts\": 5}", state: "failed", outcome: "failed",
            reason: ""),
    ]

    @Test(arguments: cases)
    func `ends as it must`(expected: Case) async throws {
        try await RunningHost.with { host in
            let body = """
                {"component": "chaos/\(expected.component)", "params": \(expected.params), \(expected.policy)}
                """
            let run = try await host.post("/api/v1/runs", body, as: RunView.self).value
            let ended = try await host.get("/api/v1/runs/\(run.id)/wait?timeout=30s", as: RunView.self).value
            #expect(ended.state == expected.state)
            #expect(ended.outcome == expected.outcome)
            #expect(
                expected.reason.isEmpty || ended.reason?.contains(expected.reason) == true, "\(ended.reason ?? "–")")
            try await Self.servesOn(host)
        }
    }

    @Test func `a retried failure is tried as often as its policy says`() async throws {
        try await RunningHost.with { host in
            let body = "{\"component\": \"chaos/fail-retry\", \"retry\": {\"attempts\": 3, \"delay\": \"10ms\"}}"
            let run = try await host.post("/api/v1/runs", body, as: RunView.self).value
            let ended = try await host.get("/api/v1/runs/\(run.id)/wait?timeout=30s", as: RunView.self).value
            #expect(ended.state == "failed")
            #expect(ended.starts == 3)
        }
    }

    @Test func `floods and leaks hurt nobody else`() async throws {
        try await RunningHost.with { host in
            for component in ["print-flood", "leak"] {
                let body = "{\"component\": \"chaos/\(component)\", \"timeout\": \"10s\", \"retry\": {\"attempts\": 1}}"
                _ = try await host.post("/api/v1/runs", body, as: RunView.self)
            }
            try await Self.servesOn(host)
        }
    }

    @Test func `the host's memory map names no plugin`() async throws {
        try await RunningHost.with { host in
            try await Self.servesOn(host)
            let map = try String(contentsOfFile: "/proc/\(host.pid)/maps", encoding: .utf8)
            #expect(map.contains("berth"))
            for name in ["plugin.so", "text.so", "chaos.so", "checksum.so", "command.so", "/staged/"] {
                #expect(!map.contains(name))
            }
        }
    }

    /// Another plugin's run succeeds while all this goes on.
    private static func servesOn(_ host: RunningHost) async throws {
        let run = try await host.post("/api/v1/runs", "{\"component\": \"chaos/noop\"}", as: RunView.self).value
        let ended = try await host.get("/api/v1/runs/\(run.id)/wait?timeout=20s", as: RunView.self).value
        #expect(ended.state == "succeeded")
    }
}
