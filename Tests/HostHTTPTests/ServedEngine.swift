import Foundation
import GuestPool
import Hummingbird
import HummingbirdTesting
import JobEngine
import JobModel
import JobStore
import Logging
import PluginCatalog
import TestSupport

@testable import HostHTTP

/// The API over a real engine with the fixture plugins `basic` and `params`, in a folder of its own.
enum ServedEngine {
    static func with(
        door: Door = .socket(path: ""), upstreams: [UpstreamStatus] = [], policy: PluginPolicy = PluginPolicy(),
        _ body: @escaping @Sendable (any TestClientProtocol) async throws -> Void
    ) async throws {
        try await withAPI(upstreams: upstreams, policy: policy) { api, logger in
            try await Application(router: api.router(for: door), logger: logger).test(.router, body)
        }
    }

    /// The routes themselves.
    static func withAPI(
        upstreams: [UpstreamStatus] = [], policy: PluginPolicy = PluginPolicy(),
        _ body: @escaping @Sendable (HostAPI, Logger) async throws -> Void
    ) async throws {
        let home = FileManager.default.temporaryDirectory.appendingPathComponent("berth-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: home) }
        let plugins = home.appendingPathComponent("plugins")
        try FileManager.default.createDirectory(at: plugins, withIntermediateDirectories: true)
        for name in ["basic", "params"] {
            try FileManager.default.copyItem(
                at: FixturePlugin.library(name), to: plugins.appendingPathComponent("\(name).so"))
        }
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let pool = try GuestPool(
            configuration: .init(
                program: Checkout.products.appendingPathComponent("berth-guest").path,
                scratch: home.appendingPathComponent("scratch").path, marker: UUID().uuidString),
            logger: logger)
        let store = try JobStore(home: home.path, logger: logger)
        let catalog = try PluginCatalog(
            folder: plugins.path, staged: home.appendingPathComponent("staged").path, pool: pool,
            policy: policy, logger: logger)
        let engine = JobEngine(
            store: store, pool: pool, catalog: catalog, configuration: .init(slots: 2, drain: .zero), logger: logger)
        let watching = Task { await catalog.run() }
        await catalog.firstScan()
        let working = Task { try await engine.run() }
        let feed = EventFeed(engine: engine, startedAt: SystemClock.now)
        let feeding = Task { await feed.run() }
        let api = HostAPI(engine: engine, feed: feed, version: "0.0.0", upstreams: { upstreams })
        let result = await Task {
            try await body(api, logger)
        }.result
        feeding.cancel()
        working.cancel()
        _ = await working.result
        watching.cancel()
        await watching.value
        await pool.stop()
        store.close()
        try result.get()
    }
}

extension TestClientProtocol {
    /// Status and JSON of an answer.
    func ask(
        _ method: HTTPRequest.Method, _ path: String, _ body: String? = nil, type: String = "application/json",
        headers: HTTPFields = [:]
    ) async throws -> (status: Int, json: JSONValue) {
        var headers = headers
        headers[.contentType] = type
        return try await execute(uri: path, method: method, headers: headers, body: body.map { ByteBuffer(string: $0) })
        {
            let bytes = $0.body.readableBytesView
            return ($0.status.code, bytes.isEmpty ? .null : try JSONParser.parse(bytes))
        }
    }
}
