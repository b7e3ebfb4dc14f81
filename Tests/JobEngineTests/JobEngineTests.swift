import Foundation
import GuestPool
import JobModel
import JobStore
import PluginCatalog
import Testing
import TestSupport

@testable import JobEngine

/// The engine with everything it stands on: store, pool, guests, plugins.
@Suite(.serialized, .timeLimit(.minutes(5))) struct JobEngineTests {
    private let quickRetry = RunPolicy(retry: RetryPolicy(attempts: 3, delay: .fixed(.milliseconds(20)), crashes: 2))

    @Test func `an enqueued run succeeds and has its output`() async throws {
        try await RealHost.with { host in
            let run = try await host.enqueue("basic/echo", params: "{\"a\":1}")
            let end = try await host.engine.waitForEnd(of: run.id)
            #expect(end.state == .succeeded)
            #expect(String(decoding: end.output, as: UTF8.self) == "{\"a\":1}")
            #expect(try await host.engine.attempts(of: run.id).count == 1)
            #expect(try await host.engine.lastRun() == end)
        }
    }

    @Test func `many runs all succeed, each once`() async throws {
        try await RealHost.with(slots: 3) { host in
            let requests = try (0..<5000).map { _ in try RealHost.request("basic/noop") }
            let accepted = try await host.engine.enqueue(requests, actor: "test")
            #expect(accepted.count == 5000)
            try await host.drained(5000)
            let status = try await host.engine.status()
            #expect(status.counts == [.succeeded: 5000])
            #expect(status.attempts == 5000)
            #expect(status.store.synchronous == "FULL")
        }
    }

    @Test func `a run that crashes is tried again and fails in the end`() async throws {
        let policy = quickRetry
        try await RealHost.with(plugins: ["basic", "misbehave"]) { host in
            let run = try await host.enqueue("misbehave/segv", policy: policy)
            let end = try await host.engine.waitForEnd(of: run.id)
            #expect(end.state == .failed)
            #expect(end.counters == RunCounters(starts: 2, crashes: 2))
            #expect(end.outcome == .crashed(.memoryFault))
            #expect(try await host.engine.status().crashes == 2)
            let other = try await host.enqueue("basic/noop")
            #expect(try await host.engine.waitForEnd(of: other.id).state == .succeeded)
        }
    }

    @Test func `a running run is cancelled`() async throws {
        try await RealHost.with { host in
            let run = try await host.enqueue("basic/wait")
            try await host.running(run.id)
            _ = try await host.engine.cancel(run.id, actor: "test", reason: "enough")
            let end = try await host.engine.waitForEnd(of: run.id)
            #expect(end.state == .cancelled)
            #expect(end.reason == "cancelled by test: enough")
            await #expect(throws: EngineError.wrongState(run.id, .cancelled, wanted: "pending, running or held")) {
                try await host.engine.cancel(run.id, actor: "test", reason: nil)
            }
            _ = try await host.engine.retry(run.id, actor: "test")
            try await host.running(run.id)
        }
    }

    @Test func `a pending run is cancelled without an attempt`() async throws {
        try await RealHost.with { host in
            _ = try await host.engine.setQueue("default", QueueChange(slots: nil, paused: true), actor: "test")
            let run = try await host.enqueue("basic/noop")
            let end = try await host.engine.cancel(run.id, actor: "test", reason: nil)
            #expect(end.state == .cancelled)
            #expect(try await host.engine.attempts(of: run.id).isEmpty)
            #expect(try await host.engine.transitions(of: run.id).last?.actor == "test")
        }
    }

    @Test func `an attempt over its limit is ended and counts as a failure`() async throws {
        let policy = RunPolicy(timeout: .milliseconds(100), retry: RetryPolicy(attempts: 1))
        try await RealHost.with(plugins: ["misbehave"]) { host in
            var impatient = policy
            impatient.grace = .milliseconds(50)
            let run = try await host.enqueue("misbehave/spin", policy: impatient)
            let end = try await host.engine.waitForEnd(of: run.id)
            #expect(end.state == .failed)
            #expect(end.outcome == .timedOut)
        }
    }

    @Test func `a job fires each second`() async throws {
        try await RealHost.with { host in
            let job = JobDefinition(name: "tick", component: "basic/noop", schedule: .every(.seconds(1)))
            let report = try await host.engine.apply([job], source: "file", prune: true, actor: "test")
            #expect(report.added == ["tick"])
            try await host.drained(2)
            let runs = try await host.engine.runs(RunFilter(job: "tick"))
            let fires = runs.compactMap(\.fireAt)
            #expect(fires.count == runs.count)
            // A machine that stalls may skip a second; it never fires beside the grid, twice, or early.
            for (newer, older) in zip(fires, fires.dropFirst()) {
                #expect(newer > older)
                #expect((newer - older).microseconds % 1_000_000 == 0)
            }
            for run in runs where run.startedAt != nil {
                #expect(try #require(run.startedAt) >= (try #require(run.fireAt)))
            }
            let status = try await host.engine.job("tick")
            #expect(status.obstacle == nil)
            #expect(status.nextFire != nil)
        }
    }

    @Test func `jobs are listed by name, each with its newest run`() async throws {
        try await RealHost.with { host in
            let jobs = ["b", "a", "never"].map { JobDefinition(name: $0, component: "basic/noop") }
            _ = try await host.engine.apply(jobs, source: "file", prune: true, actor: "test")
            _ = try await host.engine.trigger(job: "a", actor: "test")
            let ofB = try await host.engine.trigger(job: "b", actor: "test")
            let ofA = try await host.engine.trigger(job: "a", actor: "test")
            let statuses = try await host.engine.jobs()
            #expect(statuses.map(\.job.definition.name) == ["a", "b", "never"])
            #expect(statuses.map(\.lastRun?.id) == [ofA.id, ofB.id, nil])
        }
    }

    @Test func `a unique key gives the run that has it`() async throws {
        try await RealHost.with { host in
            var request = try RealHost.request("basic/wait")
            request.uniqueKey = "one"
            let first = try await host.engine.enqueue([request], actor: "test")
            let second = try await host.engine.enqueue([request], actor: "test")
            guard case .created(let run) = first.first, case .existing(let same) = second.first else {
                Issue.record("\(first) \(second)")
                return
            }
            #expect(run.id == same.id)
        }
    }

    @Test func `what cannot be run is refused with what can`() async throws {
        try await RealHost.with { host in
            let unknown = try RealHost.request("basic/nothing")
            var text = try RealHost.request("basic/noop", params: " [1]")
            let answers = try await host.engine.enqueue([unknown, text], actor: "test")
            guard case .refused(.componentNotFound(_, let known)) = answers[0], case .refused(.invalid) = answers[1]
            else {
                Issue.record("\(answers)")
                return
            }
            #expect(known == ["basic/echo", "basic/noop", "basic/wait"])
            text.queue = "nowhere"
            text.params = Array("{}".utf8)
            guard case .refused(.queueNotFound("nowhere")) = try await host.engine.enqueue([text], actor: "test").first
            else {
                Issue.record("an unknown queue was taken")
                return
            }
        }
    }

    @Test func `a run that was running when its host died goes again`() async throws {
        let home = RealHost.temporaryFolder()
        let copy = RealHost.temporaryFolder()
        defer { for folder in [home, copy] { try? FileManager.default.removeItem(at: folder) } }
        try await RealHost.with(home: home) { host in
            let run = try await host.enqueue("basic/wait")
            try await host.running(run.id)
            try FileManager.default.copyItem(at: home, to: copy)
        }
        try await RealHost.with(home: copy) { host in
            try await host.running(1)
            let attempts = try await host.engine.attempts(of: 1)
            #expect(attempts.map(\.end.outcome) == [.interrupted(.hostDied)])
            #expect(try await host.engine.run(1).counters == RunCounters(starts: 2, interruptions: 1))
        }
    }

    @Test func `a stopping host interrupts what outlasts the drain, and the next host goes on`() async throws {
        let home = RealHost.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: home) }
        try await RealHost.with(home: home) { host in
            let run = try await host.enqueue("basic/wait")
            try await host.running(run.id)
        }
        try await RealHost.with(home: home) { host in
            try await host.running(1)
            let attempts = try await host.engine.attempts(of: 1).map(\.end)
            #expect(attempts.map(\.outcome) == [.interrupted(.shutdown)], "\(attempts)")
        }
    }

    @Test func `a store that fails is trouble, and does not keep the engine alive`() async throws {
        try await RealHost.with { host in
            let first = try await host.enqueue("basic/noop")
            _ = try await host.engine.waitForEnd(of: first.id)
            host.store.close()
            let request = try RealHost.request("basic/noop")
            await #expect(throws: EngineError.store(.closed)) {
                try await host.engine.enqueue([request], actor: "test")
            }
            await #expect(throws: EngineError.store(.closed)) {
                try await host.engine.setQueue("default", QueueChange(slots: 3, paused: nil), actor: "test")
            }
            guard case .figures(let figures) = await host.engine.ask(.figures) else { return }
            #expect(figures.trouble != nil)
        }
    }

    @Test func `the engine's thread has its name`() async throws {
        try await RealHost.with { host in
            _ = try await host.engine.status()
            let threads = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")
            let names = threads.compactMap {
                try? String(contentsOfFile: "/proc/self/task/\($0)/comm", encoding: .utf8)
            }
            #expect(names.contains("berth-engine\n"), "\(names)")
        }
    }

    @Test func `calls after the end are refused`() async throws {
        let kept = Kept()
        try await RealHost.with { host in kept.engine = host.engine }
        let engine = try #require(kept.engine)
        await #expect(throws: EngineError.stopping) {
            try await engine.setQueue("a", QueueChange(slots: 1, paused: nil), actor: "t")
        }
    }

    /// Unchecked: written by the body, read after it has returned.
    private final class Kept: @unchecked Sendable {
        var engine: JobEngine?
    }
}
