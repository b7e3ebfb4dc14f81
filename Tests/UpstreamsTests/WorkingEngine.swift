import Foundation
import GuestPool
import JobEngine
import JobModel
import JobStore
import Logging
import PluginCatalog
import TestSupport
import Upstreams

/// An engine with its real store, guests and the fixture plugins, for upstreams to be clients of.
struct WorkingEngine: Sendable {
    let engine: JobEngine
    let store: JobStore
    let home: URL

    /// What an upstream is given.
    var host: UpstreamHost {
        UpstreamHost(
            engine: engine, plugins: home.appendingPathComponent("plugins").path, version: "0.0.0", logger: Self.quiet)
    }

    /// Runs a body while an engine works in `home`, and stops everything after it. A home that is given stays, so that
    /// another engine can go on in it.
    static func with(
        home given: URL? = nil, plugins: [String] = ["basic"], projects: [String] = [], slots: Int = 2,
        drain: Duration = .zero, settings: [String: PluginSettings] = [:],
        _ body: @escaping @Sendable (WorkingEngine) async throws -> Void
    ) async throws {
        let home = given ?? temporaryHome()
        defer { if given == nil { try? FileManager.default.removeItem(at: home) } }
        let built = projects.map { Checkout.root.appendingPathComponent(".build/plugins/\($0).so") }
        try install(
            try plugins.map { try FixturePlugin.library($0) } + built, into: home.appendingPathComponent("plugins"))
        let pool = try GuestPool(
            configuration: .init(
                program: Checkout.products.appendingPathComponent("berth-guest").path,
                scratch: home.appendingPathComponent("scratch").path, marker: UUID().uuidString,
                makesGroups: true),
            logger: quiet)
        let store = try JobStore(home: home.path, logger: quiet)
        let catalog = try PluginCatalog(
            folder: home.appendingPathComponent("plugins").path, staged: home.appendingPathComponent("staged").path,
            pool: pool, logger: quiet)
        let engine = JobEngine(
            store: store, pool: pool, catalog: catalog,
            configuration: .init(slots: slots, drain: drain, plugins: settings), logger: quiet)
        let working = Task { try await engine.run() }
        let watching = Task { await catalog.run() }
        let result = await Task { try await body(WorkingEngine(engine: engine, store: store, home: home)) }.result
        working.cancel()
        let end = await working.result
        watching.cancel()
        await watching.value
        await pool.stop()
        store.close()
        try result.get()
        try end.get()
    }

    static func temporaryHome() -> URL {
        FileManager.default.temporaryDirectory.appendingPathComponent("berth-upstreams-\(UUID().uuidString)")
    }

    private static func install(_ plugins: [URL], into folder: URL) throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for plugin in plugins {
            let target = folder.appendingPathComponent(plugin.lastPathComponent)
            guard !FileManager.default.fileExists(atPath: target.path) else { continue }
            try FileManager.default.copyItem(at: plugin, to: target)
        }
    }

    static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// Waits until an attempt of the run is in a guest.
    func running(_ run: RunID) async throws {
        try await eventually("run \(run) in a guest") {
            await engine.progress().contains { $0.key.run == run } ? true : nil
        }
    }
}
