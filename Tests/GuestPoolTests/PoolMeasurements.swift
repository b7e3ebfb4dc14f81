import Foundation
import JobModel
import Testing
import TestSupport

@testable import GuestPool

/// Figures for people, made when BERTH_MEASURE is set.
@Suite(.serialized, .enabled(if: ProcessInfo.processInfo.environment["BERTH_MEASURE"] != nil))
struct PoolMeasurements {
    @Test(arguments: [GuestSpecKind.bare, .sandboxed]) func `No-ops through one slot, 256 ahead`(
        kind: GuestSpecKind
    ) async throws {
        try await PoolFixture.with { fixture in
            let total = 300_000
            var template = try fixture.order(0, "noop", of: "basic")
            var spec = try fixture.spec("basic")
            spec.sandbox = kind == .bare ? .none : .standard
            template.spec = fixture.pool.intern(spec)
            _ = try await fixture.end(of: template)
            let feed = Feed(pool: fixture.pool, template: template, total: total)
            fixture.pool.deliver { feed.take($0) }
            let start = ContinuousClock.now
            feed.begin(256)
            await feed.finished()
            let time = ContinuousClock.now - start
            let rate = Double(total) / (Double(time.microseconds) / 1e6)
            print("MEASURED no-op through one slot, \(kind): \(Int(rate))/s")
        }
    }

    @Test(arguments: [SandboxRules.standard, .strict]) func `Entering the sandbox, as the guest sees it`(
        sandbox: SandboxRules
    ) async throws {
        try await PoolFixture.with { fixture in
            var times: [Int64] = []
            for _ in 0..<100 {
                times.append(try await fixture.pool.tryOut(sandbox, grants: []).setup.nanoseconds)
            }
            times.sort()
            print("MEASURED sandbox \(sandbox.words): median \(times[50] / 1000) µs, p95 \(times[95] / 1000) µs")
        }
    }

    @Test func `A cooperative attempt from the ask to its end`() async throws {
        try await PoolFixture.with { fixture in
            var times: [Int64] = []
            for run in 1...300 as ClosedRange<RunID> {
                let order = try fixture.order(run, "reports", grace: .seconds(10))
                fixture.run([order])
                while true {
                    let progress = await fixture.pool.progress().first
                    if progress?.key == order.key, progress?.note == "third" { break }
                }
                let start = ContinuousClock.now
                fixture.pool.submit([.end(order.key, .cancel)])
                _ = try await fixture.events.end(of: run)
                times.append((ContinuousClock.now - start).microseconds)
            }
            times.sort()
            print("MEASURED ask to end: p50 \(times[150]) µs, p99 \(times[297]) µs")
        }
    }

    @Test func `A hung attempt from the end of its grace to being gone`() async throws {
        try await PoolFixture.with { fixture in
            var late: [Int64] = []
            var killed: [Int64] = []
            for run in 1...40 as ClosedRange<RunID> {
                let order = try fixture.order(run, "spin", limit: .milliseconds(100), grace: .milliseconds(100))
                let end = try await fixture.end(of: order)
                late.append((end.finishedAt - end.startedAt).microseconds - 200_000)
                let kill = try #require(end.evidence?.steps.first { $0.kind == .killed })
                killed.append((kill.at - end.startedAt).microseconds - 200_000)
            }
            late.sort()
            killed.sort()
            print(
                "MEASURED gone after limit + grace: p50 \(late[20]) µs, most \(late[39]) µs; "
                    + "of that SIGKILL after: p50 \(killed[20]) µs, most \(killed[39]) µs")
        }
    }

    @Test(arguments: [KernelLacks(), KernelLacks(controlGroups: true)])
    func `Spawn to loaded with the standard sandbox`(lacks: KernelLacks) async throws {
        try await PoolFixture.with(lacks: lacks) { fixture in
            let spec = try fixture.spec("basic")
            var times: [Int64] = []
            for _ in 0..<200 {
                let start = ContinuousClock.now
                guard case .loaded = await fixture.pool.probe(spec, deadline: .seconds(5)) else { continue }
                times.append((ContinuousClock.now - start).microseconds)
            }
            times.sort()
            let median = try #require(times.isEmpty ? nil : times[times.count / 2])
            let groups = lacks.controlGroups ? "without control groups" : "with them where they are"
            print(
                "MEASURED spawn to loaded, \(groups): median \(median) µs, p95 \(times[times.count * 95 / 100]) µs")
        }
    }
}

enum GuestSpecKind: String, Sendable {
    case bare, sandboxed
}

/// Keeps a number of orders ahead of the guest until all have ended.
private final class Feed: @unchecked Sendable {
    // `begin` runs before the first event; from then on only the pool's thread touches these.
    private var next = 1
    private var ended = 0
    private let pool: GuestPool
    private let template: AttemptOrder
    private let total: Int
    private let finish: AsyncStream<Void>.Continuation
    private let stream: AsyncStream<Void>

    init(pool: GuestPool, template: AttemptOrder, total: Int) {
        self.pool = pool
        self.template = template
        self.total = total
        (stream, finish) = AsyncStream.makeStream()
    }

    func begin(_ count: Int) {
        pool.submit((0..<count).map { _ in order() })
    }

    func take(_ events: [GuestEvent]) {
        let count = events.count { if case .ended = $0 { true } else { false } }
        ended += count
        let more = min(count, total + 1 - next)
        if more > 0 { pool.submit((0..<more).map { _ in order() }) }
        if ended == total { finish.finish() }
    }

    func finished() async {
        for await _ in stream {}
    }

    private func order() -> GuestCommand {
        var order = template
        order.key = AttemptKey(run: RunID(next), number: 1)
        next += 1
        return .run(order)
    }
}
