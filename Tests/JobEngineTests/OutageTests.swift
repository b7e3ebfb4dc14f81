import Foundation
import JobModel
import JobStore
import Logging
import TestSupport
import Testing

@testable import JobEngine

/// A host that was down makes up for what each job's policy says, and for nothing else.
@Suite(.serialized, .timeLimit(.minutes(3))) struct OutageTests {
    private static func instant(_ text: String) -> Instant { Instant(rfc3339: text) ?? .distantPast }

    private func hourly(_ missed: MissedPolicy, overlap: OverlapPolicy = .skip) -> JobDefinition {
        JobDefinition(
            name: "hourly", component: "basic/noop", schedule: .cron("0 * * * *", zone: nil), overlap: overlap,
            missed: missed)
    }

    /// The hours of the runs that were made, by planned instant.
    private func hours(_ runs: some Sequence<RunRecord>) -> [String] {
        runs.filter { $0.state != .skipped }.compactMap { $0.fireAt?.rfc3339.dropFirst(11).prefix(5) }.map(String.init)
            .sorted()
    }

    @Test(arguments: [
        (MissedPolicy(.once), ["01:00", "05:00"], ["01:00", "05:00", "06:00"]),
        (MissedPolicy(.all(2)), ["01:00", "04:00", "05:00"], ["01:00", "04:00", "05:00", "06:00"]),
        (MissedPolicy(.skip), ["01:00"], ["01:00", "06:00"]),
    ])
    func `an hourly job, and a host that was down from half past one to ten past five`(
        missed: MissedPolicy, atOnce: [String], later: [String]
    ) {
        var first = HotWorld(now: Self.instant("2024-05-01T00:30:00Z"))
        first.call(.apply([hourly(missed)], source: "file", prune: false))
        first.settle()
        first.pass(.seconds(1800))
        finishAll(&first)
        first.pass(.seconds(1800))
        #expect(first.now == Self.instant("2024-05-01T01:30:00Z"))
        var second = HotWorld(rows: first.rows, now: Self.instant("2024-05-01T05:10:00Z"))
        second.settle()
        finishAll(&second)
        #expect(hours(second.rows.runs.values) == atOnce)
        let made = second.rows.runs.values.filter { $0.createdAt == second.now && $0.state != .skipped }
        #expect(made.allSatisfy { $0.due == second.now })
        #expect(second.rows.runs.values.compactMap(\.passedOver?.count) == [4 - made.count])
        second.pass(.seconds(50 * 60))
        #expect(hours(second.rows.runs.values) == later)
    }

    private func finishAll(_ world: inout HotWorld) {
        while let run = world.running.first {
            world.end(run)
            world.settle()
        }
    }

    /// Berlin, 27 October 2024: the hour from two to three comes twice. Down from half past midnight to five.
    @Test func `an outage across a clock change makes up for the instants there were`() {
        let daily = JobDefinition(
            name: "daily", component: "basic/noop", schedule: .cron("30 2 * * *", zone: "Europe/Berlin"),
            missed: MissedPolicy(.all(5)))
        let half = JobDefinition(
            name: "half", component: "basic/noop", schedule: .cron("*/30 * * * *", zone: "Europe/Berlin"),
            missed: MissedPolicy(.all(99)))
        var first = HotWorld(now: Self.instant("2024-10-27T00:30:00+02:00"), zones: ZoneFiles().rules)
        first.call(.apply([daily, half], source: "file", prune: false))
        first.settle()
        let now = Self.instant("2024-10-27T05:00:10+01:00")
        var second = HotWorld(rows: first.rows, now: now, zones: ZoneFiles().rules)
        second.settle()
        finishAll(&second)
        let runs = second.rows.runs.values
        #expect(runs.filter { $0.jobName == "daily" }.compactMap(\.fireAt) == [Self.instant("2024-10-27T00:30:00Z")])
        #expect(runs.filter { $0.jobName == "half" }.count == 11, "five and a half hours by the sun")
    }

    // MARK: From the end of the last run

    private func fromEnd(_ missed: MissedPolicy = MissedPolicy(), at now: Instant? = nil) -> HotWorld {
        var world = HotWorld(now: now)
        let job = JobDefinition(
            name: "poll", component: "basic/slow", schedule: .every(.seconds(600), from: .end), missed: missed)
        world.call(.apply([job], source: "file", prune: false))
        world.settle()
        return world
    }

    @Test func `an interval from the end begins when the run has ended`() {
        var world = fromEnd()
        world.pass(.seconds(600))
        #expect(world.running == [1])
        world.pass(.seconds(5000))
        #expect(world.rows.runs.count == 1, "it goes on")
        world.end(1)
        world.settle()
        world.pass(.seconds(599))
        #expect(world.rows.runs.count == 1)
        world.pass(.seconds(2))
        #expect(world.running == [2])
        _ = world.cancel(2)
        world.end(2, .cancelled)
        world.settle()
        world.pass(.seconds(601))
        #expect(world.running == [3])
    }

    @Test func `a run that is tried again has not ended`() {
        var world = fromEnd()
        world.pass(.seconds(600))
        world.end(1, .failed(retryable: true))
        world.settle()
        world.pass(.seconds(3))
        let before = world.state.nextTurn(after: world.now)
        #expect(before.map { $0 < world.now + .seconds(10) } == true, "the retry, not the schedule")
        world.pass(.seconds(10))
        #expect(world.running == [1])
    }

    @Test(arguments: [MissedPolicy(.skip), MissedPolicy(.once), MissedPolicy(.all(5))])
    func `after an outage an interval from the end is over once`(missed: MissedPolicy) {
        var first = fromEnd(missed)
        first.pass(.seconds(600))
        first.end(1)
        first.settle()
        var second = HotWorld(rows: first.rows, now: first.now + .seconds(7 * 86_400))
        second.settle()
        #expect(second.running.count == (missed.rule == .skip ? 0 : 1))
        #expect(second.rows.runs.values.compactMap(\.passedOver?.count) == (missed.rule == .skip ? [1] : []))
        finishAll(&second)
        second.pass(.seconds(601))
        #expect(second.running.count == 1)
    }

    /// The real store, engine and clock: a job last dealt with hours ago.
    @Test(arguments: [MissedPolicy(.once), MissedPolicy(.all(2)), MissedPolicy(.skip)])
    func `a real host makes up for hours it was not there`(missed: MissedPolicy) async throws {
        let home = RealHost.temporaryFolder()
        try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: home) }
        // On a grid whose last instant was five minutes ago.
        let anchor = WallClock.now + .seconds(-5 * 3600 - 300)
        var job = hourly(missed)
        job.schedule = .every(.seconds(3600))
        let store = try JobStore(home: home.path, logger: .init(label: "test"))
        let record = JobRecord(
            id: 1, definition: job, source: "file", watermark: anchor + .seconds(3600), anchor: anchor,
            createdAt: anchor)
        await withCheckedContinuation { done in store.submit([.putJob(record)]) { _ in done.resume() } }
        store.close()
        let expected = missed.rule == .skip ? 0 : missed.rule == .once ? 1 : 2
        try await RealHost.with(home: home) { host in
            try await host.drained(expected)
            let runs = try await eventually("the row about the others") {
                let runs = try await host.store.runs(RunFilter(job: "hourly"))
                return runs.contains { $0.passedOver != nil } ? runs : nil
            }
            let made = runs.filter { $0.state == .succeeded }.compactMap(\.fireAt)
            #expect(Set(made) == Set((0..<expected).map { anchor + .seconds(3600 * (5 - $0)) }))
            #expect(runs.compactMap(\.passedOver?.count) == [4 - expected])
            #expect(try await host.engine.job("hourly").nextFire == anchor + .seconds(6 * 3600))
        }
    }
}
