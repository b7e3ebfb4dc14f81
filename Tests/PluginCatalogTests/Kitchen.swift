import Foundation
import GuestPool
import JobModel
import Logging
import Synchronization
import Testing

@testable import PluginCatalog

/// A plugins folder with a catalog that watches it. Without a real pool, "probing" reads a mark in the staged file.
final class Kitchen: Sendable {
    let home: URL
    var folder: URL { home.appendingPathComponent("plugins") }
    var staged: URL { home.appendingPathComponent("staged") }
    private let probed = Mutex<[String]>([])
    /// Digests in the order in which they were probed.
    var probes: [String] { probed.withLock { $0 } }
    static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    init() throws {
        home = URL(fileURLWithPath: "/tmp/berth-catalog-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: home) }

    /// What becomes of the next probes, in order, before marks are read again.
    let failures = Mutex<[ProbeFailure]>([])

    /// Stands in for a pool.
    var probe: PluginCatalog.Probe {
        { [self] spec in
            probed.withLock { $0.append(spec.digest) }
            if let failure = failures.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) { return .failed(failure) }
            return await Kitchen.readMark(spec.library)
        }
    }

    /// Runs a catalog for as long as `body` takes.
    func serve(
        policy: PluginPolicy = PluginPolicy(), _ body: (PluginCatalog) async throws -> Void
    ) async throws {
        try await serve(
            PluginCatalog(
                folder: folder.path, staged: staged.path, probe: probe, policy: policy, logger: Kitchen.logger), body)
    }

    func serve(_ catalog: PluginCatalog, _ body: (PluginCatalog) async throws -> Void) async throws {
        let running = Task { await catalog.run() }
        try await catalog.reach("the first scan") { $0.isComplete }
        do {
            try await body(catalog)
        } catch {
            running.cancel()
            await running.value
            throw error
        }
        running.cancel()
        await running.value
    }

    /// Renames a complete file to `name`, as a careful copy program does.
    func drop(_ bytes: [UInt8], _ name: String, mode: mode_t = 0o644) throws {
        let draft = home.appendingPathComponent(UUID().uuidString)
        try Data(bytes).write(to: draft)
        try #require(chmod(draft.path, mode) == 0)
        try #require(rename(draft.path, path(name)) == 0)
    }

    /// Opens, writes and closes the file at `name` itself.
    func overwrite(_ bytes: [UInt8], _ name: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: path(name)))
    }

    func remove(_ name: String) { unlink(path(name)) }

    func path(_ name: String) -> String { "\(folder.path)/\(name)" }

    private static func readMark(_ library: String) async -> ProbeResult {
        guard let data = FileManager.default.contents(atPath: library), let mark = data.range(of: Data("MARK ".utf8))
        else {
            return .failed(ProbeFailure(stage: .entry, message: "no mark"))
        }
        let words = String(decoding: data[mark.upperBound...].prefix(80), as: UTF8.self).split(separator: " ")
        if words[0] == "stuck" { await untilCancelled() }
        let descriptor = PluginDescriptor(
            id: String(words[0]), version: String(words[1]), vendor: "", abiVersion: 1 << 16,
            components: [ComponentDescriptor(id: "noop", kind: .handler)])
        let report = SandboxReport()
        return .loaded(descriptor, report)
    }

    /// A probe that never comes back.
    private static func untilCancelled() async {
        let (stream, continuation) = AsyncStream<Never>.makeStream()
        for await _ in stream {}
        continuation.finish()
    }
}

extension PluginCatalog {
    /// Waits for a snapshot that `condition` likes and gives it.
    @discardableResult
    func reach(
        _ what: String, within limit: Duration = .seconds(60), sourceLocation: SourceLocation = #_sourceLocation,
        _ condition: @escaping @Sendable (CatalogSnapshot) -> Bool
    ) async throws -> CatalogSnapshot {
        let found: CatalogSnapshot? = await withTaskGroup(of: CatalogSnapshot?.self) { group in
            group.addTask { await self.snapshots().first(where: condition) }
            group.addTask {
                try? await Task.sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
        guard let found else {
            Issue.record("never reached \(what): \(snapshot.plugins)", sourceLocation: sourceLocation)
            throw NotReached()
        }
        return found
    }

    /// Waits until the newest record of `name` is in `state`.
    @discardableResult
    func reach(
        _ name: String, _ state: PluginRecord.State, digest: String? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> PluginRecord {
        let snapshot = try await reach("\(name) \(state)", sourceLocation: sourceLocation) { snapshot in
            snapshot.record(name).map { $0.state == state && (digest == nil || $0.digest == digest) } ?? false
        }
        return try #require(snapshot.record(name))
    }
}

extension CatalogSnapshot {
    func component(_ name: String) -> CatalogComponent? { components.first { $0.key.description == name }?.value }

    /// The record of the newest bytes of a file.
    func record(_ name: String) -> PluginRecord? { plugins.last { $0.path.hasSuffix("/\(name)") } }
}

struct NotReached: Error {}
