import Foundation
import JobModel
import JobStore
import PluginCatalog
import Testing
import TestSupport

@testable import JobEngine

/// Figures for people, made when BERTH_MEASURE is set.
@Suite(.serialized, .enabled(if: ProcessInfo.processInfo.environment["BERTH_MEASURE"] != nil))
struct EngineMeasurements {
    @Test(arguments: [2, 4]) func `drain of 100,000 pending no-op runs`(slots: Int) async throws {
        let total = 100_000
        try await RealHost.with(slots: slots) { host in
            _ = try await host.engine.setQueue("default", QueueChange(slots: nil, paused: true), actor: "test")
            let requests = try (0..<1000).map { _ in try RealHost.request("basic/noop") }
            for _ in 0..<(total / 1000) { _ = try await host.engine.enqueue(requests, actor: "test") }
            let news = host.engine.announcements()
            let cpu = Self.processorTime()
            let start = ContinuousClock.now
            _ = try await host.engine.setQueue("default", QueueChange(slots: nil, paused: false), actor: "test")
            try await eventually("the drain", within: .seconds(60)) {
                await host.engine.ask(.figures).attempts == total ? true : nil
            }
            try await eventually("the last commit") {
                try await host.store.counts()[.succeeded] == total ? true : nil
            }
            let time = ContinuousClock.now - start
            let used = Self.processorTime() - cpu
            withExtendedLifetime(news) {}
            print(
                "MEASURED drain, \(slots) slots: \(Self.rate(total, time))/s,",
                "CPU \(used / Double(total / 1000)) s per 1,000")
        }
    }

    @Test func `state that plugins keep`() async throws {
        try await RealHost.with(plugins: ["measure"]) { host in
            let run = try await host.enqueue("measure/state")
            let ended = try await host.engine.waitForEnd(of: run.id)
            print("MEASURED \(String(decoding: ended.output, as: UTF8.self))")
        }
    }

    @Test func `a family of 100,000 children`() async throws {
        try await RealHost.with(plugins: ["measure"]) { host in
            let before = Self.residentMemory()
            let start = ContinuousClock.now
            let run = try await host.enqueue("measure/family")
            try await eventually("the children are there", within: .seconds(120)) {
                try await host.engine.run(run.id).children > 0 ? true : nil
            }
            let born = ContinuousClock.now - start
            let attempt = try await host.engine.attempts(of: run.id).first
            let emitted = attempt.map { $0.end.finishedAt - $0.end.startedAt } ?? .zero
            let most = Self.residentMemory()
            try await eventually("the family ends", within: .seconds(300)) {
                try await host.engine.run(run.id).state.isEnd ? true : nil
            }
            print(
                "MEASURED family of 100,000: emitted in \(emitted), stored after \(born), host grew by",
                "\((most - before) >> 20) MiB, all ended after \(ContinuousClock.now - start)")
        }
    }

    /// In bytes.
    private static func residentMemory() -> Int {
        let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
        return (text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * 4096
    }

    @Test func `durable enqueue, 64 callers`() async throws {
        try await RealHost.with { host in
            _ = try await host.engine.setQueue("default", QueueChange(slots: nil, paused: true), actor: "test")
            let request = try RealHost.request("basic/noop")
            let each = 1000
            let start = ContinuousClock.now
            try await withThrowingTaskGroup { group in
                for _ in 0..<64 {
                    group.addTask {
                        for _ in 0..<each { _ = try await host.engine.enqueue([request], actor: "test") }
                    }
                }
                try await group.waitForAll()
            }
            print("MEASURED enqueue, 64 callers: \(Self.rate(64 * each, ContinuousClock.now - start))/s")
        }
    }

    @Test func `durable enqueue in batches of 1,000`() async throws {
        try await RealHost.with { host in
            _ = try await host.engine.setQueue("default", QueueChange(slots: nil, paused: true), actor: "test")
            let requests = try (0..<1000).map { _ in try RealHost.request("basic/noop") }
            let start = ContinuousClock.now
            for _ in 0..<200 { _ = try await host.engine.enqueue(requests, actor: "test") }
            print("MEASURED enqueue, batches of 1,000: \(Self.rate(200_000, ContinuousClock.now - start))/s")
        }
    }

    @Test func `enqueue to first instruction, idle host`() async throws {
        try await RealHost.with { host in
            var latencies: [Int64] = []
            for _ in 0..<500 {
                let start = WallClock.now
                let run = try await host.enqueue("basic/noop")
                _ = try await host.engine.waitForEnd(of: run.id)
                guard let end = try await host.engine.attempts(of: run.id).first?.end else { continue }
                latencies.append((end.startedAt - start).microseconds)
            }
            latencies.sort()
            let half = latencies[latencies.count / 2]
            let most = latencies[latencies.count * 99 / 100]
            print("MEASURED enqueue to start: p50 \(half) µs, p99 \(most) µs")
        }
    }

    private static func rate(_ count: Int, _ time: Duration) -> Int {
        Int(Double(count) / (Double(time.microseconds) / 1e6))
    }

    private static func processorTime() -> Double {
        var usage = rusage()
        var total = 0.0
        for who in [RUSAGE_SELF, RUSAGE_CHILDREN] {
            getrusage(__rusage_who_t(who.rawValue), &usage)
            total += Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
            total += Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6
        }
        return total
    }
}

extension Reply {
    fileprivate var attempts: Int {
        if case .figures(let figures) = self { figures.attempts } else { 0 }
    }
}
