import Dispatch
import Foundation
import JobModel
import Testing

@testable import JobStore

/// Not tests: figures for people, with `BERTH_MEASURE=1` in a release build.
@Suite(.serialized, .enabled(if: ProcessInfo.processInfo.environment["BERTH_MEASURE"] != nil))
struct StoreMeasurements {
    private static let runs = 200_000
    let home: TemporaryHome
    let store: JobStore

    init() throws {
        home = try TemporaryHome()
        store = try home.open()
    }

    @Test func `insert in batches`() async throws {
        for round in 0..<3 {
            let first = round * Self.runs
            try await measure("insert, batches of 1,000") {
                try await self.inBatches(of: 1_000) { .insert(Self.run(RunID(first + $0 + 1))) }
            }
        }
        let clock = ContinuousClock()
        print("load with \(3 * Self.runs) pending: \(try clock.measure { _ = try store.load() })")
    }

    @Test func `drain in batches of 64`() async throws { try await drains(64) }
    @Test func `drain in batches of 256`() async throws { try await drains(256) }
    @Test func `drain in batches of 1000`() async throws { try await drains(1_000) }

    private func drains(_ size: Int) async throws {
        try await inBatches(of: 1_000) { .insert(Self.run(RunID($0 + 1))) }
        try await measure("lane + start, finish + attempt, batches of \(size)") { try await self.drain(size) }
    }

    /// As the engine does it: a batch finishes what the batch before started, starts the next and reads on in the lane.
    private func drain(_ size: Int) async throws {
        let window = Pipeline(depth: 2)
        var started = 0
        while started < Self.runs {
            let next = (started..<min(started + size, Self.runs)).map { RunID($0 + 1) }
            let batch = next.map { Sample.start($0) }
            let ends = next.map { Sample.finish($0) }
            let place = LanePlace(due: Instant(microseconds: 100), id: next.last ?? 0)
            await window.enter()
            store.submit([.readLane(Sample.lane, after: place, limit: size)] + batch) { _ in }
            store.submit(ends) { _ in window.leave() }
            started += next.count
        }
        await window.drain()
    }

    private func inBatches(of size: Int, _ make: (Int) -> Mutation) async throws {
        let window = Pipeline(depth: 2)
        for first in stride(from: 0, to: Self.runs, by: size) {
            let batch = (first..<min(first + size, Self.runs)).map(make)
            await window.enter()
            store.submit(batch) { _ in window.leave() }
        }
        await window.drain()
    }

    private static func run(_ id: RunID) -> RunRecord {
        var run = Sample.run(id)
        run.params = Array(repeating: 0x61, count: 100)
        return run
    }

    private func measure(_ what: String, _ body: () async throws -> Void) async throws {
        let time = try await ContinuousClock().measure(body)
        let seconds = Double(time.microseconds) / 1e6
        print("\(what): \(Int(Double(Self.runs) / seconds))/s")
    }
}

/// Lets a few batches be under way at once.
private final class Pipeline: Sendable {
    private let slots: DispatchSemaphore
    private let depth: Int

    init(depth: Int) {
        self.depth = depth
        slots = DispatchSemaphore(value: depth)
    }

    func enter() async {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                self.slots.wait()
                continuation.resume()
            }
        }
    }

    func leave() {
        slots.signal()
    }

    func drain() async {
        for _ in 0..<depth { await enter() }
        for _ in 0..<depth { leave() }
    }
}
