import Foundation
import GuestPool
import JobEngine
import JobModel
import JobStore
import Logging
import PluginCatalog
import ServiceLifecycle

/// The host's own store, pool, catalog and engine, put together as `berth serve` does, without its doors.
struct BenchHost {
    let engine: JobEngine

    static func with<T>(
        _ options: BenchOptions, _ home: BenchHome, _ body: @Sendable @escaping (BenchHost) async throws -> T
    ) async throws -> T where T: Sendable {
        let home = home.url
        var logger = Logger(label: "bench")
        logger.logLevel = .error
        let store = try JobStore(home: home.path, logger: logger)
        let pool = try GuestPool(
            configuration: .init(
                program: options.guest, scratch: home.appendingPathComponent("scratch").path,
                marker: UUID().uuidString, makesGroups: true),
            logger: logger)
        let catalog = try PluginCatalog(
            folder: options.plugins, staged: home.appendingPathComponent("staged").path, pool: pool, logger: logger)
        let engine = JobEngine(
            store: store, pool: pool, catalog: catalog, configuration: .init(slots: options.slots), logger: logger)
        defer { store.close() }
        return try await run(engine, catalog: catalog, logger: logger) {
            try await body(BenchHost(engine: engine))
        }
    }

    private static func run<T: Sendable>(
        _ engine: JobEngine, catalog: PluginCatalog, logger: Logger, _ body: @Sendable @escaping () async throws -> T
    ) async throws -> T {
        let group = ServiceGroup(services: [engine], logger: logger)
        return try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { await catalog.run() }
            tasks.addTask { try await group.run() }
            await catalog.firstScan()
            let result = try await body()
            await group.triggerGracefulShutdown()
            tasks.cancelAll()
            try await tasks.waitForAll()
            return result
        }
    }

    func request(_ component: String, params: String, write: [String] = []) throws -> RunRequest {
        guard let name = ComponentName(component) else { throw BenchFailure("bad component \(component)") }
        return RunRequest(
            component: name, params: Array(params.utf8), policy: RunPolicy(access: FileAccess(write: write)))
    }

    /// In batches of a thousand.
    func enqueue(_ request: RunRequest, _ runs: Int) async throws {
        for start in stride(from: 0, to: runs, by: 1_000) {
            let requests = Array(repeating: request, count: min(1_000, runs - start))
            _ = try await engine.enqueue(requests, actor: "bench")
        }
    }

    /// Runs that wait until they are let go; answers the number of the first.
    func enqueuePaused(_ request: RunRequest, _ runs: Int) async throws -> RunID {
        try await pause()
        guard case .created(let first)? = try await engine.enqueue([request], actor: "bench").first else {
            throw BenchFailure("a run was refused")
        }
        try await enqueue(request, runs - 1)
        return first.id
    }

    func pause() async throws {
        _ = try await engine.setQueue("default", QueueChange(slots: nil, paused: true), actor: "bench")
    }

    func letGo() async throws {
        _ = try await engine.setQueue("default", QueueChange(slots: nil, paused: false), actor: "bench")
    }

    func succeeded() async throws -> Int { try await engine.status().counts[.succeeded, default: 0] }

    /// Waits until nothing is pending or running. Looks again and again, as listening to every run's announcements would be
    /// part of what is measured.
    func drained() async throws {
        while true {
            let counts = try await engine.status().counts
            if counts[.pending, default: 0] + counts[.running, default: 0] == 0 { return }
            try await Task.sleep(for: .milliseconds(5))
        }
    }
}
