import Foundation
import GuestPool
import JobModel
import Logging
import PluginCatalog

/// How long a host looks at a thousand plugins before it takes work: when it has never seen them, and when it knows them.
enum CatalogStart {
    private static let plugins = 1000

    static func report(_ options: BenchOptions) async throws {
        let home = options.scratch.appendingPathComponent("catalog-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: home) }
        try fill(home.appendingPathComponent("plugins"), from: options.plugins)
        var first = Readings()
        var known = Readings()
        for _ in 0..<options.rounds {
            try? FileManager.default.removeItem(at: home.appendingPathComponent("staged"))
            first.values.append(try await start(home, options))
            for _ in 0..<3 { known.values.append(try await start(home, options)) }
        }
        Bench.row("first start with \(plugins) plugins, ms", first)
        Bench.row("restart with \(plugins) known plugins, ms", known, floor: "100")
    }

    /// Milliseconds until every file has been judged.
    private static func start(_ home: URL, _ options: BenchOptions) async throws -> Double {
        var logger = Logger(label: "bench")
        logger.logLevel = .error
        let pool = try GuestPool(
            configuration: .init(
                program: options.guest, scratch: home.appendingPathComponent("scratch").path,
                marker: UUID().uuidString, makesGroups: true),
            logger: logger)
        pool.deliver { _ in }
        let start = ContinuousClock.now
        let catalog = try PluginCatalog(
            folder: home.appendingPathComponent("plugins").path, staged: home.appendingPathComponent("staged").path,
            pool: pool, logger: logger)
        let running = Task { await catalog.run() }
        await catalog.firstScan()
        let time = ContinuousClock.now - start
        guard catalog.snapshot.plugins.allSatisfy({ $0.state == .active }) else {
            throw BenchFailure("not every plugin is active: \(catalog.snapshot.plugins.first?.reason ?? "")")
        }
        running.cancel()
        await running.value
        await pool.stop()
        return Double(time.components.seconds) * 1e3 + Double(time.components.attoseconds) / 1e15
    }

    /// Copies of `chaos.so`, each with an id of its own, written long enough ago to be taken at once.
    private static func fill(_ folder: URL, from plugins: String) throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let whole = try Data(contentsOf: URL(fileURLWithPath: plugins).appendingPathComponent("chaos.so"))
        guard let place = whole.range(of: Data("\0chaos\0".utf8)) else { throw BenchFailure("chaos.so has no id") }
        for number in 0..<Self.plugins {
            var copy = whole
            copy.replaceSubrange(place, with: Data("\0c\(1000 + number)\0".utf8))
            let file = folder.appendingPathComponent("c\(1000 + number).so")
            try copy.write(to: file)
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSinceNow: -60)], ofItemAtPath: file.path)
        }
    }
}
