import Foundation
import GuestPool
import JobModel
import TestSupport
import Testing

@testable import PluginCatalog

/// With a real pool and real guests.
struct GuestProbeTests {
    @Test func `A dropped library is runnable after a real probe`() async throws {
        try await serve { kitchen, catalog in
            let library = try FixturePlugin.library("basic")
            try kitchen.drop([UInt8](Data(contentsOf: library)), "first.so")
            let record = try await catalog.reach("first.so", .active)
            #expect(record.descriptor?.id == "basic")
            #expect(record.descriptor?.components.map(\.id) == ["echo", "noop", "wait"])
            #expect(catalog.snapshot.component("basic/wait")?.index == 2)
        }
    }

    @Test func `A constructor that hangs is ended, named, and delays nobody`() async throws {
        try await serve { kitchen, catalog in
            // Compiled before either is dropped: the compiler may take longer than the hanging one has.
            let (hanging, good) = (
                try Sample.bytes("hang", "1.0.0", ["-DCONSTRUCTOR_HANGS"]), try Sample.bytes("good")
            )
            try kitchen.drop(hanging, "hang.so")
            try await catalog.reach("hang.so", .checking)
            try kitchen.drop(good, "good.so")
            try await catalog.reach("the good one active, the hanging one still looked at") {
                $0.record("good.so")?.state == .active && $0.record("hang.so")?.state == .checking
            }
            let record = try await catalog.reach("hang.so", .rejected)
            #expect(record.reason?.isEmpty == false)
            print("constructor hangs: \(record.reason ?? "")")
        }
    }

    @Test func `A constructor that crashes is named with its signal`() async throws {
        try await serve { kitchen, catalog in
            try kitchen.drop(Sample.bytes("crash", "1.0.0", ["-DCONSTRUCTOR_CRASHES"]), "crash.so")
            try kitchen.drop(Sample.bytes("good"), "good.so")
            let record = try await catalog.reach("crash.so", .rejected)
            #expect(record.reason?.contains("SIGSEGV") == true, "\(record.reason ?? "")")
            try await catalog.reach("good.so", .active)
        }
    }

    @Test func `A params schema that cannot be used rejects the plugin, with the place in it`() async throws {
        try await serve { kitchen, catalog in
            let flaw = "-DSCHEMA=\"{\\\"properties\\\":{\\\"n\\\":{\\\"maximun\\\":1}}}\""
            let library = try FixturePlugin.library("params", flags: [flaw])
            try kitchen.drop([UInt8](Data(contentsOf: library)), "flawed.so")
            let record = try await catalog.reach("flawed.so", .rejected)
            #expect(
                record.reason
                    == "the params schema of \"echo\" cannot be used: $.properties.n.maximun: this host does not "
                    + "know the word; did you mean \"maximum\"?")
        }
    }

    @Test func `What is secret stays known when its plugin goes, for the next host too`() async throws {
        try await serve { kitchen, catalog in
            let library = try FixturePlugin.library("params")
            try kitchen.drop([UInt8](Data(contentsOf: library)), "params.so")
            try await catalog.reach("params.so", .active)
            let echo = try #require(ComponentName("params/echo"))
            #expect(catalog.snapshot.masks[echo] === catalog.snapshot.components[echo]?.schema)
            kitchen.remove("params.so")
            let after = try await catalog.reach("nothing") { $0.components.isEmpty }
            #expect(after.masks[echo]?.hasSecrets == true)
            let note = "\(kitchen.staged.path)/masks.json"
            let next = try await eventually("it is written down") { KnownMasks(path: note).schemas[echo] }
            let shown = next.masked(Array(#"{"token":"hunter22"}"#.utf8))
            #expect(String(decoding: shown, as: UTF8.self) == #"{"token":"[secret]"}"#)
        }
    }

    @Test func `Ten versions in a row become runnable, each in place of the one before`() async throws {
        try await serve { kitchen, catalog in
            var times: [Duration] = []
            for number in 0..<10 {
                let bytes = try Sample.bytes("sample", "1.0.\(number)")
                let start = ContinuousClock.now
                try kitchen.drop(bytes, "a.so")
                try await catalog.reach("1.0.\(number)") { $0.record("a.so")?.descriptor?.version == "1.0.\(number)" }
                times.append(.now - start)
            }
            let median = times.sorted()[5]
            print("rename to runnable: median \(median), worst \(times.sorted()[9])")
            #expect(catalog.snapshot.plugins.count == 1)
        }
    }

    private func serve(_ body: (Kitchen, PluginCatalog) async throws -> Void) async throws {
        let kitchen = try Kitchen()
        let scratch = kitchen.home.appendingPathComponent("scratch").path
        try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
        let pool = try GuestPool(
            configuration: .init(
                program: Checkout.products.appendingPathComponent("berth-guest").path, scratch: scratch,
                marker: UUID().uuidString),
            logger: Kitchen.logger)
        pool.deliver { _ in }
        let catalog = try PluginCatalog(
            folder: kitchen.folder.path, staged: kitchen.staged.path, pool: pool, logger: Kitchen.logger)
        do {
            try await kitchen.serve(catalog) { try await body(kitchen, $0) }
        } catch {
            await pool.stop()
            throw error
        }
        await pool.stop()
    }
}
