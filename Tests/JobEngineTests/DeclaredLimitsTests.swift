import GuestPool
import JobModel
import PluginCatalog
import TestSupport
import Testing

@testable import JobEngine

/// Limits that components declare in their plugin, and what operators and jobs make of them.
@Suite(.serialized, .timeLimit(.minutes(5))) struct DeclaredLimitsTests {
    private static let hits: KeyValuePairs = [
        "processor": "processor time 100 ms", "memory": "memory 32 MiB", "file": "file size 1 MiB",
        "scratch": "scratch 2 MiB", "descriptors": "open files 32", "threads": "processes 30", "output": "output 1 KiB",
        "log-lines": "log 4 KiB",
    ]

    @Test func `A component is held to what it declares, and the limit is named with its value`() async throws {
        try await RealHost.with(plugins: ["declared"]) { host in
            for (component, limit) in Self.hits {
                let attempt = try await host.attempt(of: "declared/\(component)", params: #"{"wait": true}"#)
                #expect(attempt.end.evidence?.limit == limit, "\(component): \(attempt.end)")
                // Lines beyond a limit are lost and the run goes on.
                guard component != "log-lines" else { continue }
                #expect(attempt.end.outcome != .succeeded)
                let words = limit.split(separator: " ")
                let value = words.drop { Int($0) == nil }.joined(separator: " ")
                #expect(attempt.end.message?.contains("limit of \(value)") == true, "\(component): \(attempt.end)")
            }
        }
    }

    @Test func `What the operator says takes the place of what is declared`() async throws {
        let settings = PluginSettings(
            limits: AttemptLimits(
                cpu: .seconds(600), memory: 1 << 30, fileSize: 1 << 30, scratch: 1 << 30, openFiles: 1024,
                processes: 512, output: 1 << 20),
            componentLimits: ["log-lines": AttemptLimits(log: 1 << 20)])
        try await RealHost.with(plugins: ["declared"], settings: ["declared": settings]) { host in
            for (component, _) in Self.hits {
                let attempt = try await host.attempt(of: "declared/\(component)")
                #expect(attempt.end.outcome == .succeeded, "\(component): \(attempt.end)")
                #expect(attempt.end.evidence?.limit == nil, "\(component): \(attempt.end)")
            }
        }
    }

    @Test func `What is declared makes the host's less, the operator's stands for both, a job asks for less`() {
        let declared = Self.limits(AttemptLimits(memory: 8 << 30, openFiles: 20))
        #expect(
            declared.memory == AttemptLimits.standard.memory && declared.openFiles == 20 && declared.processes == 1024)
        let settings = PluginSettings(
            limits: AttemptLimits(memory: 1 << 30, openFiles: 40),
            componentLimits: ["noop": AttemptLimits(openFiles: 60)])
        let allowed = Self.limits(AttemptLimits(memory: 8 << 30, openFiles: 20), settings)
        #expect(allowed.memory == 1 << 30 && allowed.openFiles == 60)
        #expect(allowed.tightened(by: AttemptLimits(memory: 2 << 30, openFiles: 30)).memory == 1 << 30)
        #expect(allowed.tightened(by: AttemptLimits(memory: 2 << 30, openFiles: 30)).openFiles == 30)
    }

    @Test func `A limit is the operator's alone to raise`() {
        let greedy = AttemptLimits(output: 1 << 32, log: 1 << 40)
        let limits = Self.limits(greedy)
        #expect(limits.output == AttemptLimits.standard.output && limits.log == AttemptLimits.standard.log)
        let raised = Self.limits(
            AttemptLimits(output: 1024, log: 1024), PluginSettings(limits: AttemptLimits(output: 1 << 30, log: 1 << 30))
        )
        #expect(raised.output == 1 << 30 && raised.log == 1 << 30)
    }

    private static func limits(
        _ declared: AttemptLimits, _ settings: PluginSettings = PluginSettings()
    ) -> AttemptLimits {
        var component = HotWorld.noop
        component.descriptor.limits = declared
        return component.limits(HotWorld(plugins: [component.name.plugin: settings]).state.surroundings)
    }
}

extension RealHost {
    /// The one attempt of a run that has ended.
    fileprivate func attempt(of component: String, params: String = "{}") async throws -> AttemptRecord {
        var policy = RunPolicy.standard
        policy.retry = RetryPolicy(attempts: 1, delay: .fixed(.zero), crashes: 1)
        let run = try await enqueue(component, params: params, policy: policy)
        _ = try await engine.waitForEnd(of: run.id)
        return try #require(try await engine.attempts(of: run.id).last)
    }
}
