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
    let home: URL
    let engine: JobEngine

    static func with<T>(
        _ options: BenchOptions, _ body: @Sendable @escaping (BenchHost) async throws -> T
    ) async throws -> T where T: Sendable {
        let home = options.scratch.appendingPathComponent("home-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: home) }
        for folder in ["scratch", "staged"] {
            try FileManager.default.createDirectory(
                at: home.appendingPathComponent(folder), withIntermediateDirectories: true)
        }
        var logger = Logger(label: "bench")
        logger.logLevel = .error
        let store = try JobStore(home: home.path, logger: logger)
        let pool = try GuestPool(
            configuration: .init(
                program: options.guest, scratch: home.appendingPathComponent("scratch").path,
                marker: UUID().uuidString),
            logger: logger)
        let catalog = try PluginCatalog(
            folder: options.plugins, staged: home.appendingPathComponent("staged").path, pool: pool, logger: logger)
        let engine = JobEngine(
            store: store, pool: pool, catalog: catalog, configuration: .init(slots: options.slots), logger: logger)
        defer { store.close() }
        return try await run(engine, catalog: catalog, logger: logger) {
            try await body(BenchHost(home: home, engine: engine))
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

    /// Waits until nothing is pending or running.
    func drained() async throws {
        for await _ in engine.announcements() {
            let counts = try await engine.status().counts
            if counts[.pending, default: 0] + counts[.running, default: 0] == 0 { return }
        }
    }
}

struct BenchOptions: Sendable {
    var guest = ""
    /// Beside the benchmark unless said otherwise.
    var berth = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().path + "/berth"
    var plugins = ""
    var scratch = URL(fileURLWithPath: ".build/bench")
    var slots = 4
    var runs = 100_000
    var rounds = 5
    /// Dispatched instances a second, in place of everything else; for how long.
    var rate: Int?
    var seconds = 60

    init(arguments: [String]) throws {
        var words = arguments.dropFirst().makeIterator()
        while let word = words.next() {
            guard let value = words.next() else { throw BenchFailure("\(word) needs a value") }
            try set(word, to: value)
        }
        for path in [guest, plugins] where path.isEmpty {
            throw BenchFailure("usage: berth-bench --guest FILE --plugins DIR [--runs N] [--rounds N] [--slots N]")
        }
    }

    private mutating func set(_ word: String, to value: String) throws {
        switch word {
        case "--guest": guest = URL(fileURLWithPath: value).standardizedFileURL.path
        case "--berth": berth = URL(fileURLWithPath: value).standardizedFileURL.path
        case "--plugins": plugins = URL(fileURLWithPath: value).standardizedFileURL.path
        case "--runs": runs = Int(value) ?? runs
        case "--rounds": rounds = Int(value) ?? rounds
        case "--rate": rate = Int(value)
        case "--seconds": seconds = Int(value) ?? seconds
        case "--slots": slots = Int(value) ?? slots
        default: throw BenchFailure("unknown option \(word)")
        }
    }
}
