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

    /// From spawning it to its word that the plugin is loaded, and its descriptor read; the guest is fresh each time. In turn
    /// with control groups, where this host may make them, and without.
    private static func guest(_ options: BenchOptions) async throws {
        let scratch = options.scratch.appendingPathComponent("guests")
        let grouped = try GuestPool(options, scratch: scratch)
        let alone = try GuestPool(
            options, scratch: options.scratch.appendingPathComponent("guests-alone"),
            lacks: KernelLacks(controlGroups: true))
        // A pool whose guests have groups leaves word of where they are.
        let note = scratch.path + ".groups"
        let hasGroups = (try? FileManager.default.destinationOfSymbolicLink(atPath: note)) != nil
        var readings = (grouped: Readings(), alone: Readings())
        let spec = GuestSpec(options, "chaos.so")
        for round in 0..<220 {
            let times = (try await start(spec, in: grouped), try await start(spec, in: alone))
            guard round >= 20 else { continue }
            readings.grouped.values.append(times.0)
            readings.alone.values.append(times.1)
        }
        await grouped.stop()
        await alone.stop()
        let what = "guest start to ready, C plugin, sandboxed"
        if hasGroups { Bench.row("\(what), with control groups, ms", readings.grouped, floor: "2", digits: 2) }
        Bench.row("\(what), without control groups, ms", readings.alone, floor: "2", digits: 2)
    }

    private static func start(_ spec: GuestSpec, in pool: GuestPool) async throws -> Double {
        let start = Stopwatch.nanoseconds()
        if case .failed(let failure) = await pool.probe(spec, deadline: .seconds(10)) { throw failure }
        return Double(Stopwatch.nanoseconds() - start) / 1e6
    }

    /// The same plugin again and again, each time with other bytes at its end, which makes it one nobody has seen.
    private static func dropped(_ bytes: Data, _ language: String, _ options: BenchOptions) async throws {
        let home = options.scratch.appendingPathComponent("drop-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: home) }
        let folder = home.appendingPathComponent("plugins")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let pool = try GuestPool(options, scratch: home.appendingPathComponent("scratch"))
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
}

extension PluginCatalog {
    fileprivate func waits(until isSo: (CatalogSnapshot) -> Bool) async {
        for await snapshot in snapshots() where isSo(snapshot) { return }
    }
}
