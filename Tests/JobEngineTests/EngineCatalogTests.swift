import Foundation
import JobModel
import PluginCatalog
import Synchronization
import TestSupport
import Testing

@testable import JobEngine

/// What is told of plugins is what the engine does, however late it comes to do it.
struct EngineCatalogTests {
    private static func version(_ text: String) throws -> Data {
        try Data(
            contentsOf: FixturePlugin.library(
                "catalog", flags: ["-DPLUGIN_ID=\"busy\"", "-DPLUGIN_VERSION=\"\(text)\"", "-DTELLS_VERSION"]))
    }

    @Test func `A version is told of when runs go to it, and not before`() async throws {
        let versions = try ["1.0.0", "1.0.1"].map(Self.version)
        try await RealHost.with { host in
            try host.drop(versions[0])
            try await host.offers("1.0.0")
            let hold = try await EngineHold(host)
            defer { hold.release() }
            try host.drop(versions[1])
            try await host.sees("version 1.0.1") { $0.standings["busy"]?.lineage.current?.version == "1.0.1" }
            #expect(await host.engine.catalog.standings["busy"]?.lineage.current?.version == "1.0.0")
            #expect(await host.engine.catalog.plugins.compactMap(\.descriptor?.version).contains("1.0.1") == false)
            hold.release()
            try await host.offers("1.0.1")
            let run = try await host.enqueue("busy/noop").id
            let ended = try await host.engine.waitForEnd(of: run)
            #expect(ended.output == Array("1.0.1".utf8))
        }
    }

    @Test func `What people do about a plugin is answered when the engine does so`() async throws {
        try await RealHost.with { host in
            await host.engine.takeUpPlugins()
            let hold = try await EngineHold(host)
            defer { hold.release() }
            async let disabled = {
                try await host.engine.disablePlugin("basic", actor: "test", reason: nil)
                return await host.engine.catalog.plugins.map(\.state)
            }()
            try await host.sees("basic is disabled") { $0.plugins.map(\.state) == [.disabled] }
            // The catalog answers in order: who heard of nothing but the catalog is answered before these.
            for digit in 0..<5 {
                let digest = String(repeating: "\(digit)", count: 64)
                try await host.engine.plugins.allow(digest, by: "test")
            }
            hold.release()
            #expect(try await disabled == [.disabled])
        }
    }

    @Test func `A run of a plugin that the engine is about to take up waits for that`() async throws {
        let version = try Self.version("1.0.0")
        try await RealHost.with { host in
            await host.engine.takeUpPlugins()
            let hold = try await EngineHold(host)
            defer { hold.release() }
            try host.drop(version)
            try await host.sees("the plugin") { $0.standings["busy"] != nil }
            async let enqueued = host.enqueue("busy/noop")
            hold.release()
            #expect(try await enqueued.id > 0)
        }
    }

    @Test func `Who waits for the engine to take up a plugin is let go when it ends`() async throws {
        let waiting = Mutex<Task<Void, Never>?>(nil)
        try await RealHost.with { host in
            var later = await host.engine.catalog
            later.number += 1000
            let stream = host.engine.thread.catalog.stream()
            waiting.withLock {
                $0 = Task { [later] in for await taken in stream where taken.number >= later.number { return } }
            }
        }
        await waiting.withLock(\.self)?.value
    }
}

/// Keeps the engine's thread busy until it is released.
private final class EngineHold: Sendable {
    private let gate = DispatchSemaphore(value: 0)
    private let isBusy = Atomic(false)
    private let stream: Mutex<AsyncStream<Announcement>?> = Mutex(nil)

    /// Returns when the thread is busy. The plugin `basic` must be there.
    init(_ host: RealHost) async throws {
        let announcements = host.engine.announcements { [self] announcement in
            // Of the run alone, which is answered before: what is told of plugins may come at any time.
            if case .run = announcement, !isBusy.exchange(true, ordering: .relaxed) { gate.wait() }
            return false
        }
        stream.withLock { $0 = announcements }
        _ = try await host.enqueue("basic/noop")
        try await eventually("the engine is busy") { isBusy.load(ordering: .relaxed) ? true : nil }
    }

    func release() {
        gate.signal()
    }
}

extension RealHost {
    /// Waits until the catalog, not the engine, knows something.
    fileprivate func sees(_ what: String, _ isSo: (CatalogSnapshot) -> Bool) async throws {
        try await eventually(what) { isSo(engine.plugins.snapshot) ? true : nil }
    }
}
