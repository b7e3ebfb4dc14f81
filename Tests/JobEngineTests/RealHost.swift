import Foundation
import GuestPool
import JobModel
import JobStore
import Logging
import PluginCatalog
import TestSupport

@testable import JobEngine

/// An engine with its real store, pool, guests and plugins, in a folder of its own.
struct RealHost: Sendable {
    let engine: JobEngine
    let store: JobStore
    let pool: GuestPool
    let home: URL

    /// Runs a body while the engine works, and stops everything after it.
    static func with(
        slots: Int = 2, home given: URL? = nil, plugins: [String] = ["basic"], drain: Duration = .zero,
        settings: [String: PluginSettings] = [:],
        _ body: @escaping @Sendable (RealHost) async throws -> Void
    ) async throws {
        let home = given ?? temporaryFolder()
        defer { if given == nil { try? FileManager.default.removeItem(at: home) } }
        try install(plugins, into: home.appendingPathComponent("plugins"))
        var logger = Logger(label: "test")
        logger.logLevel = .error
        let pool = try makePool(home, logger)
        let store = try JobStore(home: home.path, logger: logger)
        let catalog = try PluginCatalog(
            folder: home.appendingPathComponent("plugins").path, staged: home.appendingPathComponent("staged").path,
            pool: pool, logger: logger)
        let engine = JobEngine(
            store: store, pool: pool, catalog: catalog,
            configuration: JobEngine.Configuration(slots: slots, drain: drain, plugins: settings), logger: logger)
        let host = RealHost(engine: engine, store: store, pool: pool, home: home)
        try await host.work(catalog, body)
    }

    private func work(
        _ catalog: PluginCatalog, _ body: @escaping @Sendable (RealHost) async throws -> Void
    ) async throws {
        // As in a host that has just started: nobody waits for the first look at the plugins but who needs one of them.
        let working = Task { [engine] in try await engine.run() }
        let asking = Task { try await body(self) }
        let watching = Task { await catalog.run() }
        let result = await asking.result
        working.cancel()
        let end = await working.result
        watching.cancel()
        await watching.value
        await pool.stop()
        store.close()
        try result.get()
        try end.get()
    }

    static func temporaryFolder() -> URL {
        FileManager.default.temporaryDirectory.appendingPathComponent("berth-\(UUID().uuidString)")
    }

    private static func install(_ plugins: [String], into folder: URL) throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for plugin in plugins {
            let target = folder.appendingPathComponent("\(plugin).so")
            guard !FileManager.default.fileExists(atPath: target.path) else { continue }
            try FileManager.default.copyItem(at: FixturePlugin.library(plugin), to: target)
        }
    }

    private static func makePool(_ home: URL, _ logger: Logger) throws -> GuestPool {
        try GuestPool(
            configuration: GuestPool.Configuration(
                program: Checkout.products.appendingPathComponent("berth-guest").path,
                scratch: home.appendingPathComponent("scratch").path, marker: UUID().uuidString,
                makesGroups: true),
            logger: logger)
    }

    // MARK: Shorthands

    static func request(_ component: String, params: String = "{}", policy: RunPolicy = .standard) throws -> RunRequest
    {
        guard let name = ComponentName(component) else { throw HostError.noComponent(component) }
        return RunRequest(component: name, params: Array(params.utf8), policy: policy, hasOwnTimeout: true)
    }

    func enqueue(_ component: String, params: String = "{}", policy: RunPolicy = .standard) async throws -> RunRecord {
        let request = try Self.request(component, params: params, policy: policy)
        guard case .created(let record) = try await engine.enqueue([request], actor: "test").first else {
            throw HostError.notCreated
        }
        return record
    }

    /// Waits until an attempt of the run is in a guest.
    func running(_ run: RunID) async throws {
        try await eventually("run \(run) in a guest") {
            await engine.progress().contains { $0.key.run == run } ? true : nil
        }
    }

    /// Waits until this many runs have succeeded.
    func drained(_ count: Int) async throws {
        try await eventually("\(count) runs to succeed", within: .seconds(60)) {
            try await store.counts()[.succeeded, default: 0] >= count ? true : nil
        }
    }

    enum HostError: Error {
        case noComponent(String), notCreated
    }
}
