import Foundation
import GuestPool
import JobModel
import PluginCatalog
import Synchronization
import TestSupport
import Testing

@testable import JobEngine

/// A plugin is replaced again and again while it works.
///
/// The load is paced: a load without end fills the store's batches until each start waits for long, reloads or not, and
/// that says nothing about reloads. When asked for (`make reloads`) there are a thousand reloads, then
/// as long a time without any under the same load, and pauses in starts may not be longer than 50 ms.
struct ReloadTests {
    private static let isSoak = ProcessInfo.processInfo.environment["BERTH_RELOADS"] != nil
    private static let reloads = isSoak ? 1000 : 20
    private static let runsPerSecond = isSoak ? 6000 : 1000

    @Test func `No run is lost, doubled or failed by reloads under load`() async throws {
        let versions = try ["1.0.0", "1.0.1"].map {
            try Data(
                contentsOf: FixturePlugin.library(
                    "catalog", flags: ["-DPLUGIN_ID=\"busy\"", "-DPLUGIN_VERSION=\"\($0)\"", "-DTELLS_VERSION"]))
        }
        try await RealHost.with(slots: 4, plugins: []) { host in
            try host.drop(versions[0])
            try await host.offers("1.0.0")
            let isOver = Atomic(false)
            let begin = ContinuousClock.now
            let load = Task { try await host.load(Self.runsPerSecond, until: isOver) }
            for number in 1...Self.reloads {
                try host.drop(versions[number % 2])
                try await host.offers("1.0.\(number % 2)")
                // Each version works for a while.
                try await eventually("attempts of version \(number)") {
                    let newest = try await host.engine.runs(RunFilter(states: [.succeeded], limit: 50))
                    return newest.allSatisfy { $0.output == Array("1.0.\(number % 2)".utf8) } ? true : nil
                }
            }
            let (lastReload, time) = (WallClock.now, begin.duration(to: .now))
            if Self.isSoak { try await Task.sleep(for: time) }
            isOver.store(true, ordering: .relaxed)
            let made = try await load.value
            let rate = Int(Double(made) / (Double(begin.duration(to: .now).microseconds) / 1e6))
            try await host.drained(made)
            let status = try await host.engine.status()
            #expect(status.counts.filter { $0.value > 0 } == [.succeeded: made])
            #expect(status.attempts == made)
            #expect(status.crashes == 0)
            let pauses = try await host.pausesInStarts()
            let (during, after) = (pauses.filter { $0.end <= lastReload }, pauses.filter { $0.end > lastReload })
            print(
                "\(Self.reloads) reloads in \(time), \(made) runs, \(rate)/s; pauses in starts while runs were ready:")
            print("with reloads \(during.words); as long without \(after.words)")
            guard Self.isSoak else { return }
            #expect(rate >= 5000)
            #expect(during.allSatisfy { $0.length <= .milliseconds(50) })
        }
    }

    @Test func `a newer version that crashes in its first runs is taken back, and watched again when it is released`()
        async throws
    {
        let good = try version("1.0.0", "-DTELLS_VERSION")
        let bad = try version("2.0.0", "-DCRASHES")
        var once = RunPolicy.standard
        once.retry.crashes = 1
        try await RealHost.with(plugins: []) { [once] host in
            try host.drop(good)
            try await host.offers("1.0.0")
            try host.drop(bad)
            for _ in 0..<2 {
                try await host.offers("2.0.0")
                for _ in 0..<2 { _ = try await host.enqueue("busy/noop", policy: once) }
                try await host.offers("1.0.0")
                let aside = await host.engine.catalog.standings["busy"]?.setAside.values.first
                #expect(aside?.version == "2.0.0" && aside?.ruling.by == "host")
                #expect(aside?.ruling.reason?.contains("crashed in 2 of its first 2 attempts") == true)
                let run = try await host.enqueue("busy/noop").id
                try await eventually("run \(run) in the version before") {
                    try await host.engine.run(run).output == Array("1.0.0".utf8) ? true : nil
                }
                try await host.engine.releasePlugin("busy")
            }
        }
    }

    private func version(_ version: String, _ vice: String) throws -> Data {
        try Data(
            contentsOf: FixturePlugin.library(
                "catalog", flags: ["-DPLUGIN_ID=\"busy\"", "-DPLUGIN_VERSION=\"\(version)\"", vice]))
    }

    @Test func `an attempt in a replaced version says until when it may go on`() async throws {
        var settings = PluginSettings()
        settings.keeping.drain = .seconds(3600)
        let versions = [try version("1.0.0", "-DRUNS_LONG"), try version("1.0.1", "-DRUNS_LONG")]
        try await RealHost.with(plugins: [], settings: ["busy": settings]) { host in
            try host.drop(versions[0])
            try await host.offers("1.0.0")
            let run = try await host.enqueue("busy/noop").id
            try await host.running(run)
            #expect(try await host.engine.explain(run).sentence.contains("not the active one") == false)
            try host.drop(versions[1])
            let words = try await eventually("its version is left") {
                let words = try await host.engine.explain(run).sentence
                return words.contains("not the active one any more; it is asked to end at") ? words : nil
            }
            let progress = try #require(await host.engine.progress().first { $0.key.run == run })
            #expect(try #require(progress.timeLeft) > .zero && progress.isLeaving, "\(words)")
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
    func drop(_ bytes: Data) throws {
        let draft = home.appendingPathComponent(UUID().uuidString)
        try bytes.write(to: draft)
        try #require(rename(draft.path, home.appendingPathComponent("plugins/busy.so").path) == 0)
    }

    func offers(_ version: String) async throws {
        try await eventually("version \(version) in use") {
            await engine.catalog.standings["busy"]?.lineage.current?.version == version ? true : nil
        }
    }

    /// Makes so many runs a second, as long as the host keeps up; gives how many were made.
    fileprivate func load(_ runsPerSecond: Int, until isOver: borrowing Atomic<Bool>) async throws -> Int {
        let request = try Self.request("busy/noop")
        let clock = ContinuousClock()
        let begin = clock.now
        var made = 0
        while !isOver.load(ordering: .relaxed) {
            let due = Int(begin.duration(to: clock.now).microseconds) * runsPerSecond / 1_000_000
            let waiting = made - (try await engine.status().attempts)
            let count = min(due - made, runsPerSecond - waiting)
            if count > 0 {
                let answers = try await engine.enqueue(Array(repeating: request, count: count), actor: "test")
                #expect(answers.allSatisfy { if case .created = $0 { true } else { false } })
                made += answers.count
            }
            try await clock.sleep(for: .milliseconds(5))
        }
        return made
    }

    /// For how long nothing started although a run was ready, each time. Of all attempts, so that none is hidden by
    /// another.
    fileprivate func pausesInStarts() async throws -> [Pause] {
        var runs: [(start: Instant, made: Instant)] = []
        var filter = RunFilter(limit: 1000)
        while true {
            let page = try await engine.runs(filter)
            runs += page.compactMap { run in run.startedAt.map { ($0, run.createdAt) } }
            guard page.count == 1000, let last = page.last else { break }
            filter.before = last.id
        }
        runs.sort { $0.start < $1.start }
        var pauses: [Pause] = []
        var oldest = Instant.distantFuture
        for (before, run) in zip(runs, runs.dropFirst()).reversed() {
            oldest = min(oldest, run.made)
            pauses.append(Pause(end: run.start, length: run.start - max(before.start, oldest)))
        }
        return pauses
    }
}

/// A time in which nothing started although a run was ready.
private struct Pause {
    var end: Instant
    var length: Duration
}

extension [Pause] {
    fileprivate var words: String {
        let lengths = map(\.length).sorted()
        let longest = lengths.suffix(5).map { "\(Double($0.microseconds / 100) / 10) ms" }
        return "longest \(longest), over 50 ms: \(lengths.count { $0 > .milliseconds(50) })"
    }
}
