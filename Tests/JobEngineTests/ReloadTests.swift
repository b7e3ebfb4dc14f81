import Foundation
import GuestPool
import JobModel
import PluginCatalog
import Synchronization
import TestSupport
import Testing

@testable import JobEngine

/// A plugin is replaced again and again while it works.
struct ReloadTests {
    /// A thousand when asked for: it takes minutes.
    fileprivate static let reloads = ProcessInfo.processInfo.environment["BERTH_SOAK"] == nil ? 30 : 1000

    @Test func `No run is lost, doubled or failed by reloads under load`() async throws {
        let versions = try ["1.0.0", "1.0.1"].map {
            try Data(
                contentsOf: FixturePlugin.library(
                    "catalog", flags: ["-DPLUGIN_ID=\"busy\"", "-DPLUGIN_VERSION=\"\($0)\"", "-DTELLS_VERSION"]))
        }
        try await RealHost.with(slots: 4, plugins: []) { host in
            try host.drop(versions[0])
            try await host.offers("1.0.0")
            let begin = ContinuousClock.now
            let isOver = Atomic(false)
            let load = Task { try await host.load(until: isOver) }
            for number in 1...Self.reloads {
                try host.drop(versions[number % 2])
                try await host.offers("1.0.\(number % 2)")
                // Each version works for a while.
                try await eventually("attempts of version \(number)") {
                    let newest = try await host.engine.runs(RunFilter(states: [.succeeded], limit: 50))
                    return newest.allSatisfy { $0.output == Array("1.0.\(number % 2)".utf8) } ? true : nil
                }
            }
            isOver.store(true, ordering: .relaxed)
            let made = try await load.value
            try await host.drained(made)
            let time = begin.duration(to: .now)
            let status = try await host.engine.status()
            #expect(status.counts.filter { $0.value > 0 } == [.succeeded: made])
            #expect(status.attempts == made)
            #expect(status.crashes == 0)
            let pauses = try await host.pausesInStarts()
            print(
                "\(Self.reloads) reloads, \(made) runs, \(Int(Double(made) / (Double(time.microseconds) / 1e6)))/s; pauses "
                    + "in starts while runs were ready: longest \(pauses.suffix(5).map(\.milliseconds)), "
                    + "over 50 ms \(pauses.count { $0 > .milliseconds(50) })")
        }
    }

    @Test func `an attempt that outlasts the time to finish in a replaced version is run again in the new one`()
        async throws
    {
        let versions = try ["1.0.0", "1.0.1"].map {
            try Data(
                contentsOf: FixturePlugin.library(
                    "catalog", flags: ["-DPLUGIN_ID=\"busy\"", "-DPLUGIN_VERSION=\"\($0)\"", "-DRUNS_LONG"]))
        }
        var settings = PluginSettings()
        settings.keeping.drain = .milliseconds(10)
        try await RealHost.with(plugins: [], settings: ["busy": settings]) { host in
            try host.drop(versions[0])
            try await host.offers("1.0.0")
            let run = try await host.enqueue("busy/noop").id
            try await host.running(run)
            try host.drop(versions[1])
            try await eventually("it was interrupted and runs again") {
                try await host.engine.attempts(of: run).isEmpty ? nil : true
            }
            try await host.running(run)
            let attempts = try await host.engine.attempts(of: run).map(\.end)
            #expect(attempts.map(\.outcome) == [.interrupted(.replaced)], "\(attempts)")
            let counters = try await host.engine.run(run).counters
            #expect(counters.starts == 2 && counters.failures == 0 && counters.crashes == 0)
        }
    }
}

extension RealHost {
    fileprivate func drop(_ bytes: Data) throws {
        let draft = home.appendingPathComponent(UUID().uuidString)
        try bytes.write(to: draft)
        try #require(rename(draft.path, home.appendingPathComponent("plugins/busy.so").path) == 0)
    }

    fileprivate func offers(_ version: String) async throws {
        try await eventually("version \(version) in use") {
            engine.catalog.standings["busy"]?.lineage.current?.version == version ? true : nil
        }
    }

    /// Keeps runs waiting, as many as are done in a second or so; gives how many were made.
    fileprivate func load(until isOver: borrowing Atomic<Bool>) async throws -> Int {
        let requests = try (0..<500).map { _ in try Self.request("busy/noop") }
        let waiting = ReloadTests.reloads > 100 ? 10_000 : 2000
        var made = 0
        while !isOver.load(ordering: .relaxed) {
            let answers = try await engine.enqueue(requests, actor: "test")
            #expect(answers.allSatisfy { if case .created = $0 { true } else { false } })
            made += answers.count
            while made - (try await engine.status().attempts) > waiting, !isOver.load(ordering: .relaxed) {
                try await Task.sleep(for: .milliseconds(2))
            }
        }
        return made
    }

    /// From short to long: for how long nothing started although a run was ready. Of all attempts, so that none is
    /// hidden by another.
    fileprivate func pausesInStarts() async throws -> [Duration] {
        var runs: [(start: Instant, made: Instant)] = []
        var filter = RunFilter(limit: 1000)
        while true {
            let page = try await engine.runs(filter)
            runs += page.compactMap { run in run.startedAt.map { ($0, run.createdAt) } }
            guard page.count == 1000, let last = page.last else { break }
            filter.before = last.id
        }
        runs.sort { $0.start < $1.start }
        var pauses: [Duration] = []
        var oldest = Instant.distantFuture
        for (run, before) in zip(runs, runs.dropFirst()).reversed().map({ ($1, $0) }) {
            oldest = min(oldest, run.made)
            pauses.append(run.start - max(before.start, oldest))
        }
        return pauses.sorted()
    }
}

extension Duration {
    fileprivate var milliseconds: String { "\(Double(microseconds / 100) / 10) ms" }
}
