import Foundation
import JobModel
import Logging
import Synchronization
import TestSupport

@testable import GuestPool

/// A pool with the real guest program, and what it said so far.
final class PoolFixture: Sendable {
    let pool: GuestPool
    let events: EventLog
    let scratch: String
    let marker: String

    init(
        maximumIdle: Int = 8, lacks: KernelLacks = KernelLacks(), requiresSandbox: Bool = false,
        patience: Duration? = nil, freeSpace: UInt64? = nil,
        program: String = Checkout.products.appendingPathComponent("berth-guest").path
    ) throws {
        marker = UUID().uuidString
        scratch = FileManager.default.temporaryDirectory.appendingPathComponent("berth-\(marker)").path
        var logger = Logger(label: "test")
        logger.logLevel = .error
        var configuration = GuestPool.Configuration(
            program: program, scratch: scratch, marker: marker, maximumIdle: maximumIdle, lacks: lacks,
            makesGroups: true, requiresSandbox: requiresSandbox)
        if let patience { configuration.patience = patience }
        if let freeSpace { configuration.freeSpace = freeSpace }
        pool = try GuestPool(configuration: configuration, logger: logger)
        let events = EventLog()
        self.events = events
        pool.deliver { events.append($0) }
    }

    /// Runs a body with a pool of its own, which is stopped and leaves nothing behind.
    static func with(
        maximumIdle: Int = 8, lacks: KernelLacks = KernelLacks(), requiresSandbox: Bool = false,
        patience: Duration? = nil, freeSpace: UInt64? = nil,
        program: String = Checkout.products.appendingPathComponent("berth-guest").path,
        _ body: (PoolFixture) async throws -> Void
    ) async throws {
        let fixture = try PoolFixture(
            maximumIdle: maximumIdle, lacks: lacks, requiresSandbox: requiresSandbox, patience: patience,
            freeSpace: freeSpace, program: program)
        do {
            try await body(fixture)
        } catch {
            await fixture.pool.stop()
            throw error
        }
        await fixture.pool.stop()
        try? FileManager.default.removeItem(atPath: fixture.scratch)
    }

    func spec(_ plugin: String, grants: Grants = [], limits: GuestLimits = GuestLimits()) throws -> GuestSpec {
        let library = try FixturePlugin.library(plugin).path
        return GuestSpec(library: library, digest: "digest of \(plugin)", grants: grants, limits: limits)
    }

    /// An order for the component of the fixture with this name.
    func order(
        _ run: RunID, _ component: String, of plugin: String = "misbehave", slot: Int32 = 0,
        params: [UInt8] = Array("{}".utf8), limit: Duration? = .seconds(60), grace: Duration = .milliseconds(200),
        outputLimit: UInt32 = 64 << 20, grants: Grants = []
    ) throws -> AttemptOrder {
        let spec = try spec(plugin, grants: grants)
        let known = ["basic": ["echo", "noop", "wait"], "places": ["in-init", "in-destroy"]]
        let ids = known[plugin] ?? Self.misbehaviours
        guard let index = ids.firstIndex(of: component) else { throw FixtureError.notCompiled(component) }
        return AttemptOrder(
            key: AttemptKey(run: run, number: 1), slot: slot, spec: pool.intern(spec), component: UInt32(index),
            rootRun: run, params: params, limit: limit, grace: grace, outputLimit: outputLimit)
    }

    func run(_ orders: [AttemptOrder]) {
        pool.submit(orders.map { .run($0) })
    }

    /// The end of the one attempt.
    func end(of order: AttemptOrder) async throws -> AttemptEnd {
        run([order])
        return try await events.end(of: order.key.run)
    }

    private static let misbehaviours = [
        "noop", "segv", "abort", "exit", "divide", "trap", "spin", "prints", "print-flood", "log-flood", "logs",
        "close-descriptors", "write-garbage", "done-twice", "fails", "leaves-file", "reports", "starts-program",
        "done-at-term", "log-late", "wait-deaf", "print-steadily",
    ]
}

/// What a pool delivered, with waiting for more.
final class EventLog: Sendable {
    struct TimedOut: Error {
        let seen: String
    }

    private let state = Mutex(State())

    private struct State {
        var events: [GuestEvent] = []
        var waiters: [UUID: (isMet: @Sendable ([GuestEvent]) -> Bool, answer: CheckedContinuation<Bool, Never>)] = [:]
    }

    var all: [GuestEvent] { state.withLock { $0.events } }

    func forget() {
        state.withLock { $0.events = [] }
    }

    func append(_ events: [GuestEvent]) {
        let met = state.withLock { state in
            state.events += events
            let met = state.waiters.filter { $0.value.isMet(state.events) }
            for id in met.keys { state.waiters[id] = nil }
            return met.values.map { $0.answer }
        }
        for answer in met { answer.resume(returning: true) }
    }

    /// Returns when the condition is met; throws after the deadline.
    func wait(
        _ deadline: Duration = .seconds(60), until isMet: @escaping @Sendable ([GuestEvent]) -> Bool
    ) async throws {
        let id = UUID()
        let isInTime = await withCheckedContinuation { answer in
            let isMetNow = state.withLock { state in
                if isMet(state.events) { return true }
                state.waiters[id] = (isMet, answer)
                return false
            }
            if isMetNow { answer.resume(returning: true) }
            DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(Int(deadline.microseconds / 1000))) {
                self.state.withLock { $0.waiters.removeValue(forKey: id) }?.answer.resume(returning: false)
            }
        }
        if !isInTime { throw TimedOut(seen: "\(all.suffix(5))") }
    }

    func end(of run: RunID) async throws -> AttemptEnd {
        try await wait { $0.contains { $0.concludes(run) } }
        for case .ended(let key, let end) in all where key.run == run { return end }
        throw TimedOut(seen: "\(run) never started")
    }

    /// Run ids in the order in which their attempts ended.
    func ended() -> [RunID] {
        all.compactMap { if case .ended(let key, _) = $0 { key.run } else { nil } }
    }

    func neverStarted() -> [RunID] {
        all.compactMap { if case .neverStarted(let key) = $0 { key.run } else { nil } }
    }

    func lines(of run: RunID, _ stream: LogLine.Stream) -> [String] {
        all.compactMap { event in
            guard case .log(let line) = event, line.run == run, line.stream == stream else { return nil }
            return line.text
        }
    }

    func waitForAll(_ runs: some Collection<RunID> & Sendable) async throws {
        let count = runs.count
        try await wait { $0.count { $0.isConclusion } >= count }
    }
}

extension GuestEvent {
    var isConclusion: Bool {
        switch self {
        case .ended, .neverStarted: true
        case .asked, .noProcess, .noRoom, .log: false
        }
    }

    func concludes(_ run: RunID) -> Bool {
        switch self {
        case .ended(let key, _), .neverStarted(let key): key.run == run
        case .asked, .noProcess, .noRoom, .log: false
        }
    }
}
