import Foundation
import GRDB
import JobModel
import Testing

@testable import JobStore

struct HistoryTests {
    private let home: TemporaryHome
    private let store: JobStore
    private static let day = Int64(86_400_000_000)
    private let now = Instant(microseconds: 100 * day)

    init() throws {
        home = try TemporaryHome()
        store = try home.open()
    }

    @Test func `Runs go when they are too old for the state they ended in`() async throws {
        try await make(1, .succeeded, endedDaysAgo: 8)
        try await make(2, .failed, endedDaysAgo: 8)
        try await make(3, .failed, endedDaysAgo: 31)
        try await make(4, .succeeded, endedDaysAgo: 6)
        _ = try await store.apply([.insert(old(5))])
        #expect(try await store.prune(HistoryRules(), now: now) == 2)
        #expect(try await left == [2, 4, 5])
        #expect(try await store.counts() == [.failed: 1, .succeeded: 1, .pending: 1])
    }

    @Test func `With a run go its attempts, transitions, log lines and output`() async throws {
        let output = [UInt8](repeating: 7, count: Blobs.threshold + 1)
        try await make(1, .failed, endedDaysAgo: 40, output: output)
        try await make(2, .succeeded, endedDaysAgo: 1, output: output)
        _ = try await store.apply([Sample.reopen(1), Sample.close(1)])
        store.append([1, 2].map { LogLine(run: $0, attempt: 1, at: now, stream: .log, level: 2, text: "line") })
        _ = try await store.logs(of: 1, after: 0, limit: 10)
        #expect(try await store.prune(HistoryRules(), now: now) == 1)
        #expect(try await store.attempts(of: 1).isEmpty)
        #expect(try await store.transitions(of: 1).isEmpty)
        #expect(try await store.logs(of: 1, after: 0, limit: 10).lines.isEmpty)
        #expect(try await store.logs(of: 2, after: 0, limit: 10).lines.count == 1)
        #expect(try FileManager.default.contentsOfDirectory(atPath: home.path + "/blobs") == ["2-1"])
        #expect(try await store.run(2)?.output == output)
    }

    @Test func `A run that was made while the clock was ahead keeps none behind it`() async throws {
        try await make(1, .succeeded, endedDaysAgo: 8)
        try await make(2, .succeeded, endedDaysAgo: -365, job: "short")
        try await make(3, .succeeded, endedDaysAgo: 8)
        try await make(4, .succeeded, endedDaysAgo: 2, job: "short")
        let rules = HistoryRules(jobs: ["short": HistoryPolicy([.succeeded: .init(age: .seconds(86_400))])])
        #expect(try await store.prune(rules, now: now) == 3)
        #expect(try await left == [2])
    }

    @Test func `A job may keep its runs longer or shorter than the host`() async throws {
        try await make(1, .succeeded, endedDaysAgo: 60, job: "long")
        try await make(2, .succeeded, endedDaysAgo: 2, job: "short")
        try await make(3, .succeeded, endedDaysAgo: 2)
        try await make(4, .succeeded, endedDaysAgo: 60, job: "ever")
        let rules = HistoryRules(jobs: [
            "long": HistoryPolicy([.succeeded: .init(age: .seconds(90 * 86_400))]),
            "short": HistoryPolicy([.succeeded: .init(age: .seconds(86_400))]),
            "ever": HistoryPolicy([.succeeded: .init(age: nil)]),
        ])
        #expect(try await store.prune(rules, now: now) == 1)
        #expect(try await left == [1, 3, 4])
    }

    @Test func `A run whose end is owed to a server stays until that is settled`() async throws {
        for (id, job) in [(RunID(1), nil), (2, "short")] as [(RunID, String?)] {
            var run = old(id)
            (run.source, run.actor, run.instance, run.jobName) = (.upstream, "upstream:cluster", "\(id)", job)
            _ = try await store.apply([.insertDispatched(run, Dispatch(upstream: "cluster", instance: "\(id)"))])
            try await finish(id, .succeeded, endedDaysAgo: 60)
        }
        let rules = HistoryRules(
            host: HistoryPolicy([.succeeded: .init(age: .seconds(86_400), count: 0)]),
            jobs: ["short": HistoryPolicy([.succeeded: .init(age: .seconds(3_600))])])
        #expect(try await store.prune(rules, now: now) == 0)
        _ = try await store.apply([.silence(1)])
        #expect(try await store.prune(rules, now: now) == 0)
        _ = try await store.apply([.settle([1, 2])])
        #expect(try await store.prune(rules, now: now) == 2)
    }

    @Test func `Of each job and state only the newest stay where a number is set`() async throws {
        for id in 1...6 { try await make(RunID(id), id % 2 == 0 ? .succeeded : .failed, endedDaysAgo: 1, job: "a") }
        for id in 7...9 { try await make(RunID(id), .succeeded, endedDaysAgo: 1) }
        let rules = HistoryRules(
            host: HistoryPolicy([.succeeded: .init(age: nil, count: 2)]),
            jobs: ["a": HistoryPolicy([.failed: .init(age: nil, count: 0)])])
        #expect(try await store.prune(rules, now: now) == 5)
        #expect(try await left == [4, 6, 8, 9])
    }

    @Test func `A child stays as long as its parent does, and goes with it`() async throws {
        var parent = old(1)
        parent.children = 2
        let children = (0..<450).map { index in
            var child = old(RunID(2 + index))
            child.parent = 1
            child.childIndex = Int64(index)
            return child
        }
        _ = try await store.apply([.insert(parent), Sample.start(1)])
        let ended = Instant(microseconds: now.microseconds - 40 * Self.day)
        let root = AttemptRecord(
            run: 1, number: 1, end: AttemptEnd(outcome: .succeeded, startedAt: ended, finishedAt: ended))
        _ = try await store.apply([
            .finish(
                Finish(attempt: root, state: .pending, due: ended, counters: RunCounters(starts: 1), children: children)
            )
        ])
        for child in children { try await finish(child.id, .succeeded, endedDaysAgo: 39, parent: 1) }
        // The parent is to go on with their results.
        #expect(try await store.prune(HistoryRules(), now: now) == 0)
        try await finish(1, .failed, number: 2, endedDaysAgo: 20)
        #expect(try await store.prune(HistoryRules(), now: now) == 0)
        #expect(try await store.childCounts(of: 1).total == 450)
        #expect(try await store.prune(HistoryRules(), now: now + .seconds(11 * 86_400)) == 451)
        #expect(try await left.isEmpty)
    }

    @Test func `What goes takes neither watermarks nor numbers along`() async throws {
        var job = Sample.job(1, "nightly")
        job.watermark = Instant(microseconds: 77)
        _ = try await store.apply([.putJob(job), .setWatermark(1, Instant(microseconds: 77))])
        for id in 1...3 { try await make(RunID(id), .succeeded, endedDaysAgo: 9, job: "nightly") }
        #expect(try await store.prune(HistoryRules(), now: now) == 3)
        let start = try store.load()
        #expect(start.lastRunID == 3)
        #expect(start.jobs.first?.watermark?.microseconds == 77)
    }

    @Test func `A run that was given another go after it was found stays`() async throws {
        try await make(1, .failed, endedDaysAgo: 40)
        _ = try await store.apply([Sample.reopen(1)])
        let pruned = try await store.onWriter { try $0.prune([1]) }
        #expect(pruned.runs.isEmpty)
        #expect(try await left == [1])
    }

    @Test func `A policy goes with the last run that has it, and comes back when it is needed`() async throws {
        func policies() async throws -> Int? {
            try await store.onWriter { try Int.fetchOne($0, sql: "SELECT count(*) FROM policies") }
        }
        func insert(_ id: RunID, timeout: Int64, daysAgo: Int64) async throws {
            var run = old(id)
            run.policy.timeout = .seconds(timeout)
            _ = try await store.apply([.insert(run)])
            try await finish(id, .succeeded, endedDaysAgo: daysAgo)
        }
        for id in RunID(1)...4 { try await insert(id, timeout: Int64(id + 1) / 2, daysAgo: id == 4 ? 1 : 9) }
        try await insert(5, timeout: 3, daysAgo: 1)
        #expect(try await policies() == 3)
        #expect(try await store.prune(HistoryRules(), now: now) == 3)
        #expect(try await policies() == 2, "one of them has a run that stays")
        #expect(try await store.run(4)?.policy.timeout == .seconds(2))
        try await insert(6, timeout: 1, daysAgo: 1)
        #expect(try await store.run(6)?.policy.timeout == .seconds(1))
        #expect(try await policies() == 3)
        store.close()
        #expect(try await home.open().run(6)?.policy.timeout == .seconds(1))
    }

    @Test func `Starts go on between the slices`() async throws {
        let ids = RunID(1)...2_000
        _ = try await store.apply(ids.map { .insert(old($0)) } + ids.map { Sample.start($0) })
        _ = try await store.apply(ids.map { .finish(ending($0, .succeeded, 1, daysAgo: 10)) })
        async let pruning = store.prune(HistoryRules(), now: now)
        var between = 0
        while try await !store.runs(RunFilter(states: [.succeeded], limit: 1)).isEmpty, between < 5_000 {
            _ = try await store.apply([.insert(Sample.run(10_000 + RunID(between)))])
            between += 1
        }
        #expect(try await pruning == 2_000)
        #expect(between > 2)
    }

    // MARK: Making runs

    private var left: [RunID] {
        get async throws { try await store.runs(RunFilter(limit: 1_000)).map(\.id).reversed() }
    }

    private func old(_ id: RunID) -> RunRecord {
        var run = Sample.run(id)
        run.createdAt = Instant(microseconds: 1)
        return run
    }

    private func make(
        _ id: RunID, _ state: RunState, endedDaysAgo days: Int64, job: String? = nil, output: [UInt8] = []
    ) async throws {
        var run = old(id)
        run.createdAt = Instant(microseconds: now.microseconds - days * Self.day - 5)
        run.jobName = job
        _ = try await store.apply([.insert(run)])
        try await finish(id, state, endedDaysAgo: days, output: output)
    }

    /// `parent`: of a child, which counts down what its parent waits for.
    private func finish(
        _ id: RunID, _ state: RunState, number: Int32 = 1, endedDaysAgo days: Int64, output: [UInt8] = [],
        parent: RunID? = nil
    ) async throws {
        let ending = ending(id, state, number, daysAgo: days, output: output, parent: parent)
        let words = try await store.words([Sample.start(id, number), .finish(ending)])
        #expect(!words.contains("refused"))
    }

    private func ending(
        _ id: RunID, _ state: RunState, _ number: Int32, daysAgo days: Int64, output: [UInt8] = [],
        parent: RunID? = nil
    ) -> Finish {
        let ended = Instant(microseconds: now.microseconds - days * Self.day)
        let outcome: Outcome = state == .succeeded ? .succeeded : .failed(retryable: false)
        let end = AttemptEnd(outcome: outcome, output: output, startedAt: ended, finishedAt: ended)
        return Finish(
            attempt: AttemptRecord(run: id, number: number, end: end), state: state, due: ended,
            counters: RunCounters(starts: number), parent: parent)
    }
}
