import Foundation
import GuestPool
import Logging
import PluginCatalog

/// How long plugins take to come: a guest until it has loaded one, and a file that is dropped until its components can run.
enum GuestStart {
    static func report(_ options: BenchOptions) async throws {
        try await guest(options)
        for (file, words) in [("chaos.so", "C"), ("checksum.so", "Swift")] {
            let library = URL(fileURLWithPath: options.plugins).appendingPathComponent(file)
            guard let bytes = try? Data(contentsOf: library) else { continue }
            try await dropped(bytes, words, options)
        }
    }

    /// From spawning it to its word that the plugin is loaded, and its descriptor read; the guest is fresh each time.
    private static func guest(_ options: BenchOptions) async throws {
        let pool = try pool(options, options.scratch.appendingPathComponent("guests"))
        let spec = GuestSpec(
            library: URL(fileURLWithPath: options.plugins).appendingPathComponent("chaos.so").standardizedFileURL.path,
            digest: "bench")
        var readings = Readings()
        for round in 0..<220 {
            let start = Stopwatch.nanoseconds()
            if case .failed(let failure) = await pool.probe(spec, deadline: .seconds(10)) { throw failure }
            if round >= 20 { readings.values.append(Double(Stopwatch.nanoseconds() - start) / 1e6) }
        }
        await pool.stop()
        Bench.row("guest start to ready, C plugin, sandboxed, ms", readings, floor: "2", digits: 2)
    }

    /// The same plugin again and again, each time with other bytes at its end, which makes it one nobody has seen.
    private static func dropped(_ bytes: Data, _ language: String, _ options: BenchOptions) async throws {
        let home = options.scratch.appendingPathComponent("drop-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: home) }
        let folder = home.appendingPathComponent("plugins")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let pool = try pool(options, home.appendingPathComponent("scratch"))
        let catalog = try PluginCatalog(
            folder: folder.path, staged: home.appendingPathComponent("staged").path, pool: pool,
            logger: Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() })
        let running = Task { await catalog.run() }
        await catalog.firstScan()
        var readings = Readings()
        for round in 0..<20 {
            let beside = home.appendingPathComponent("dropped")
            try (bytes + Data("\(round)".utf8)).write(to: beside)
            let start = Stopwatch.nanoseconds()
            try FileManager.default.moveItem(at: beside, to: folder.appendingPathComponent("dropped.so"))
            await catalog.waits { !$0.components.isEmpty }
            readings.values.append(Double(Stopwatch.nanoseconds() - start) / 1e6)
            try FileManager.default.removeItem(at: folder.appendingPathComponent("dropped.so"))
            await catalog.waits { $0.components.isEmpty }
        }
        running.cancel()
        await running.value
        await pool.stop()
        Bench.row("file dropped → component runnable, \(language), ms", readings, floor: "1,000")
    }

    private static func pool(_ options: BenchOptions, _ scratch: URL) throws -> GuestPool {
        let pool = try GuestPool(
            configuration: .init(program: options.guest, scratch: scratch.path, marker: UUID().uuidString),
            logger: Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() })
        pool.deliver { _ in }
        return pool
    }
}

extension PluginCatalog {
    fileprivate func waits(until isSo: (CatalogSnapshot) -> Bool) async {
        for await snapshot in snapshots() where isSo(snapshot) { return }
    }
}
