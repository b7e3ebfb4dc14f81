import Foundation
import GuestPool
import JobModel
import Testing

@testable import PluginCatalog

/// What people decide about plugins, and what stays of it.
struct DecisionTests {
    @Test func `A rollback goes to the version before; what was left stays so, and a file of other content is used`()
        async throws
    {
        let kitchen = try Kitchen()
        try await kitchen.serve { catalog in
            try await kitchen.dropVersions(1...3, catalog)
            try await catalog.goBack("sample", by: "cli", reason: "it is slow")
            #expect(catalog.snapshot.component("sample/noop")?.digest == catalog.digest(of: "1.0.2"))
            let left = catalog.snapshot.plugins.first { $0.state == .setAside }
            #expect(left?.reason == "version 1.0.3 was set aside by cli: it is slow")
            #expect(catalog.standing?.lineage.current?.number == 4)
            try await catalog.goBack("sample", by: "cli", reason: nil)
            #expect(catalog.standing?.lineage.current?.version == "1.0.1")
            await #expect(throws: PluginRefusal.nothingBefore("sample", version: "1.0.1")) {
                try await catalog.goBack("sample", by: "cli", reason: nil)
            }
            try kitchen.drop(Sample.bytes("sample", "1.0.4"), "a.so")
            try await catalog.reach("1.0.4") { $0.standings["sample"]?.lineage.current?.version == "1.0.4" }
            #expect(catalog.snapshot.plugins.map(\.state) == [.active])
            try kitchen.drop(Sample.bytes("sample", "1.0.3"), "a.so")
            try await catalog.reach("1.0.3 still set aside") { $0.plugins.contains { $0.state == .setAside } }
            try await catalog.reach("1.0.4 still in use") { $0.plugins.contains { $0.state == .active } }
            #expect(catalog.standing?.lineage.current?.version == "1.0.4")
            try await catalog.release("sample")
            #expect(catalog.standing?.lineage.current?.version == "1.0.3")
        }
    }

    @Test func `A rollback outlives the host, runs nothing, and ends with a release`() async throws {
        let kitchen = try Kitchen()
        try await kitchen.serve { catalog in
            try await kitchen.dropVersions(1...2, catalog)
            try await catalog.goBack("sample", by: "cli", reason: nil)
        }
        let probes = kitchen.probes.count
        try await kitchen.serve { catalog in
            let snapshot = try await catalog.reach("the kept copy in use") { $0.component("sample/noop") != nil }
            #expect(snapshot.standings["sample"]?.lineage.current?.version == "1.0.1")
            #expect(kitchen.probes.count == probes)
            try await catalog.release("sample")
            #expect(catalog.standing?.lineage.current?.version == "1.0.2")
            #expect(catalog.snapshot.plugins.map(\.state) == [.active])
            // After a restart, what one goes back to has to be read first.
            try await catalog.goBack("sample", by: "cli", reason: nil)
            #expect(catalog.standing?.lineage.current?.version == "1.0.1")
        }
    }

    @Test func `A version that is not the active one any more is not left`() async throws {
        let kitchen = try Kitchen()
        try await kitchen.serve { catalog in
            try await kitchen.dropVersions(1...2, catalog)
            let old = try #require(catalog.digest(of: "1.0.1"))
            await #expect(throws: PluginRefusal.notActive("sample")) {
                try await catalog.goBack("sample", from: old, by: "host", reason: "it crashes")
            }
            #expect(catalog.standing?.lineage.current?.version == "1.0.2")
        }
    }

    @Test func `A lost copy is refused and forgotten`() async throws {
        let kitchen = try Kitchen()
        try await kitchen.serve { catalog in try await kitchen.dropVersions(1...2, catalog) }
        try await kitchen.serve { catalog in
            let old = try #require(catalog.digest(of: "1.0.1"))
            unlink("\(kitchen.staged.path)/\(old)/plugin.so")
            await #expect(throws: PluginRefusal.self) { try await catalog.goBack("sample", by: "cli", reason: nil) }
            #expect(catalog.snapshot.component("sample/noop") != nil)
            #expect(catalog.digest(of: "1.0.1") == nil)
        }
    }

    @Test func `A disabled plugin stays known and disabled, for the next host too`() async throws {
        let kitchen = try Kitchen()
        try kitchen.drop(Sample.bytes(), "a.so")
        try await kitchen.serve { catalog in
            try await catalog.disable("sample", by: "cli", reason: "too loud")
            #expect(catalog.snapshot.component("sample/noop")?.hold == "disabled by cli: too loud")
            await #expect(throws: PluginRefusal.unknownPlugin("simple", known: ["sample"])) {
                try await catalog.disable("simple", by: "cli", reason: nil)
            }
        }
        try await kitchen.serve { catalog in
            #expect(catalog.snapshot.record("a.so")?.state == .disabled)
            try await catalog.enable("sample")
            #expect(catalog.snapshot.record("a.so")?.state == .active)
            #expect(catalog.snapshot.component("sample/noop")?.hold == nil)
        }
    }

    @Test func `What a file held before it was replaced by a rejected one is used by the next host too`() async throws {
        let kitchen = try Kitchen()
        try await kitchen.serve { catalog in
            try await kitchen.dropVersions(1...1, catalog)
            try kitchen.drop(Array("no library".utf8), "a.so")
            try await catalog.reach("a.so", .rejected)
            #expect(catalog.snapshot.component("sample/noop") != nil)
        }
        try await kitchen.serve { catalog in
            let snapshot = try await catalog.reach("the kept copy in use") { $0.component("sample/noop") != nil }
            #expect(snapshot.standings["sample"]?.lineage.current?.number == 1)
            #expect(snapshot.plugins.map(\.state.rawValue).sorted() == ["active", "rejected"])
            kitchen.remove("a.so")
            try await catalog.reach("gone") { $0.component("sample/noop") == nil }
        }
    }

    @Test func `A plugin whose file was removed is remembered as gone`() async throws {
        let kitchen = try Kitchen()
        try kitchen.drop(Sample.bytes(), "a.so")
        try await kitchen.serve { catalog in
            kitchen.remove("a.so")
            try await catalog.reach("gone") { $0.standings["sample"]?.lineage.goneSince != nil }
            await #expect(throws: PluginRefusal.notInUse("sample")) {
                try await catalog.goBack("sample", by: "cli", reason: nil)
            }
            try kitchen.drop(Sample.bytes(), "b.so")
            let snapshot = try await catalog.reach("b.so active") { $0.record("b.so")?.state == .active }
            #expect(snapshot.standings["sample"]?.lineage.goneSince == nil)
            #expect(snapshot.standings["sample"]?.lineage.current?.number == 1)
        }
    }

    @Test func `A decision that cannot be written down is refused, and said`() async throws {
        let kitchen = try Kitchen()
        try kitchen.drop(Sample.bytes(), "a.so")
        try FileManager.default.createDirectory(
            at: kitchen.staged.appendingPathComponent("decisions.json.draft"), withIntermediateDirectories: true)
        try await kitchen.serve { catalog in
            await #expect(throws: PluginRefusal.self) { try await catalog.disable("sample", by: "cli", reason: nil) }
        }
    }

    @Test func `Orders to a catalog that has ended are refused`() async throws {
        let kitchen = try Kitchen()
        var served: PluginCatalog?
        try await kitchen.serve { served = $0 }
        let catalog = try #require(served)
        await #expect(throws: PluginRefusal.stopping) { try await catalog.enable("sample") }
    }

    @Test func `Decisions survive their way through the file`() {
        let ruling = Ruling(by: "cli", reason: "why \"not\"", at: Instant(microseconds: 5))
        let digest = String(repeating: "a", count: 64)
        var lineage = Lineage()
        lineage.activate(digest: digest, version: "1.0.0", file: "a.so", at: Instant(microseconds: 7))
        let decisions = Decisions(
            disabled: ["x": ruling], setAside: [digest: SetAside(plugin: "x", version: "1.0.0", ruling: ruling)],
            allowed: [digest: Ruling(by: "api", at: Instant(microseconds: 6))], lineages: ["x": lineage])
        #expect(Decisions(json: decisions.json) == decisions)
        #expect(Decisions(json: ["version": 1, "lineages": ["x": 3]]) == Decisions())
    }
}

extension Kitchen {
    /// One after the other under one name.
    fileprivate func dropVersions(_ numbers: ClosedRange<Int>, _ catalog: PluginCatalog) async throws {
        for number in numbers {
            try drop(Sample.bytes("sample", "1.0.\(number)"), "a.so")
            try await catalog.reach("1.0.\(number)") {
                $0.standings["sample"]?.lineage.current?.version == "1.0.\(number)"
            }
        }
    }
}

extension PluginCatalog {
    fileprivate var standing: PluginStanding? { snapshot.standings["sample"] }

    fileprivate func digest(of version: String) -> String? {
        standing?.lineage.generations.first { $0.version == version }?.digest
    }
}
