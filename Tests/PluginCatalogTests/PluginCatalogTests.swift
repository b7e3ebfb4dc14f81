import Foundation
import JobModel
import Testing

@testable import PluginCatalog

struct PluginCatalogTests {
    @Test func `A file that was there is runnable after the first scan`() async throws {
        let kitchen = try Kitchen()
        try kitchen.drop(Sample.bytes(), "any name.so")
        try await kitchen.serve { catalog in
            let component = try #require(catalog.snapshot.component("sample/noop"))
            #expect(component.library == kitchen.staged.path + "/\(component.digest)/plugin.so")
            #expect(try Data(contentsOf: URL(fileURLWithPath: component.library)) == Data(Sample.bytes()))
            #expect(catalog.snapshot.record("any name.so")?.state == .active)
        }
    }

    @Test func `A dropped file becomes runnable, a deleted one vanishes and its copy stays`() async throws {
        let kitchen = try Kitchen()
        try await kitchen.serve { catalog in
            try kitchen.drop(Sample.bytes(), "a.so")
            let record = try await catalog.reach("a.so", .active)
            kitchen.remove("a.so")
            try await catalog.reach("nothing") { $0.plugins.isEmpty && $0.components.isEmpty }
            #expect(FileManager.default.fileExists(atPath: kitchen.staged.path + "/\(record.digest)/plugin.so"))
        }
    }

    @Test func `The highest version is active, and the next best takes over`() async throws {
        let kitchen = try Kitchen()
        try await kitchen.serve { catalog in
            try kitchen.drop(Sample.bytes("sample", "1.10.0"), "new.so")
            try await catalog.reach("new.so", .active)
            try kitchen.drop(Sample.bytes("sample", "1.9.0"), "old.so")
            let loser = try await catalog.reach("old.so", .shadowed)
            #expect(loser.reason == "the higher version 1.10.0 in new.so is active instead")
            kitchen.remove("new.so")
            try await catalog.reach("old.so", .active)
        }
    }

    @Test func `Of equal versions the later arrival is active`() async throws {
        let kitchen = try Kitchen()
        try await kitchen.serve { catalog in
            try kitchen.drop(Sample.bytes(), "first.so")
            try await catalog.reach("first.so", .active)
            try kitchen.drop(Sample.bytes("sample", "1.0.0", ["-O2"]), "second.so")
            let snapshot = try await catalog.reach("second.so active") { $0.record("second.so")?.state == .active }
            #expect(snapshot.record("first.so")?.state == .shadowed)
            #expect(
                snapshot.record("first.so")?.reason
                    == "version 1.0.0 in second.so came later and is active instead")
        }
    }

    @Test func `A file replaced by rename takes over when it is judged good`() async throws {
        let kitchen = try Kitchen()
        try await kitchen.serve { catalog in
            try kitchen.drop(Sample.bytes("sample", "2.0.0"), "a.so")
            try await catalog.reach("a.so", .active)
            try kitchen.drop(Sample.bytes("sample", "1.0.0"), "a.so")
            let after = try await catalog.reach("version 1.0.0") { $0.record("a.so")?.descriptor?.version == "1.0.0" }
            #expect(after.plugins.count == 1)
        }
    }

    @Test func `A replacement that is rejected leaves the last good bytes in use`() async throws {
        let kitchen = try Kitchen()
        try await kitchen.serve { catalog in
            try kitchen.drop(Sample.bytes(), "a.so")
            let good = try await catalog.reach("a.so", .active)
            try kitchen.overwrite(Array("oops".utf8), "a.so")
            let bad = try await catalog.reach("a.so", .rejected)
            #expect(
                bad.reason == "this is not a shared library: it begins with \"oops\"; "
                    + "still running version 1.0.0 from before")
            let component = try #require(catalog.snapshot.component("sample/noop"))
            #expect(component.digest == good.digest)
            kitchen.remove("a.so")
            try await catalog.reach("nothing") { $0.components.isEmpty }
        }
    }

    @Test func `Overwriting in place does not touch what guests have mapped`() async throws {
        let kitchen = try Kitchen()
        try await kitchen.serve { catalog in
            try kitchen.overwrite(Sample.bytes("sample", "1.0.0"), "a.so")
            let first = try await catalog.reach("a.so", .active)
            let library = try #require(catalog.snapshot.component("sample/noop")).library
            try kitchen.overwrite(Sample.bytes("sample", "1.1.0"), "a.so")
            try await catalog.reach("version 1.1.0") { $0.record("a.so")?.descriptor?.version == "1.1.0" }
            #expect(try Data(contentsOf: URL(fileURLWithPath: library)) == Data(Sample.bytes("sample", "1.0.0")))
            #expect(first.digest != catalog.snapshot.record("a.so")?.digest)
        }
    }

    @Test func `Half a copy is not loaded`() async throws {
        let kitchen = try Kitchen()
        let bytes = try Sample.bytes()
        try await kitchen.serve { catalog in
            let file = try #require(fopen(kitchen.path("slow.so"), "w"))
            fwrite(Array(bytes.prefix(bytes.count / 2)), 1, bytes.count / 2, file)
            fflush(file)
            try await catalog.reach("slow.so", .checking)
            // Another file goes all the way meanwhile: the watcher has seen what there is to see.
            try kitchen.drop(Sample.bytes("other"), "other.so")
            try await catalog.reach("other.so", .active)
            #expect(catalog.snapshot.record("slow.so")?.state == .checking)
            #expect(kitchen.probes.count == 1)
            fwrite(Array(bytes.dropFirst(bytes.count / 2)), 1, bytes.count - bytes.count / 2, file)
            fclose(file)
            try await catalog.reach("slow.so", .active)
        }
    }

    @Test func `A plugin that hangs in its probe delays no other`() async throws {
        let kitchen = try Kitchen()
        try await kitchen.serve { catalog in
            try kitchen.drop(Sample.bytes("stuck"), "stuck.so")
            try await catalog.reach("stuck.so", .checking)
            for number in 1...3 {
                try kitchen.drop(Sample.bytes("good\(number)"), "good\(number).so")
                try await catalog.reach("good\(number).so", .active)
            }
            #expect(catalog.snapshot.record("stuck.so")?.state == .checking)
        }
    }

    @Test func `A restart runs no plugin code`() async throws {
        let kitchen = try Kitchen()
        try kitchen.drop(Sample.bytes(), "a.so")
        try await kitchen.serve { _ in }
        #expect(kitchen.probes.count == 1)
        try await kitchen.serve { catalog in
            #expect(catalog.snapshot.record("a.so")?.state == .active)
        }
        #expect(kitchen.probes.count == 1)
    }

    @Test func `Damaged memories of an earlier life cost time and nothing else`() async throws {
        let kitchen = try Kitchen()
        try kitchen.drop(Sample.bytes(), "a.so")
        try await kitchen.serve { _ in }
        let memory = kitchen.staged.appendingPathComponent("known.plugins")
        try (Data(contentsOf: memory).prefix(40) + Data([0xff, 0, 10, 9, 9])).write(to: memory)
        try await kitchen.serve { catalog in
            #expect(catalog.snapshot.record("a.so")?.state == .active)
        }
        #expect(kitchen.probes.count == 2)
    }

    @Test func `A staged copy that was cut is made again`() async throws {
        let kitchen = try Kitchen()
        try kitchen.drop(Sample.bytes(), "a.so")
        try await kitchen.serve { _ in }
        let digest = try #require(kitchen.probes.first)
        let library = kitchen.staged.path + "/\(digest)/plugin.so"
        try #require(chmod(library, 0o755) == 0 && truncate(library, 100) == 0)
        try await kitchen.serve { catalog in
            #expect(catalog.snapshot.record("a.so")?.state == .active)
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: library)) == Data(Sample.bytes()))
    }

    @Test func `The folder may be replaced as a whole`() async throws {
        let kitchen = try Kitchen()
        try kitchen.drop(Sample.bytes(), "a.so")
        try await kitchen.serve { catalog in
            try #require(rename(kitchen.folder.path, kitchen.home.path + "/aside") == 0)
            try await catalog.reach("nothing") { $0.plugins.isEmpty }
            try FileManager.default.createDirectory(at: kitchen.folder, withIntermediateDirectories: true)
            try kitchen.drop(Sample.bytes("other"), "b.so")
            try await catalog.reach("b.so", .active)
        }
    }

    @Test func `Readers are told the end`() async throws {
        let kitchen = try Kitchen()
        var served: PluginCatalog?
        try await kitchen.serve { served = $0 }
        let catalog = try #require(served)
        for await _ in catalog.snapshots() {}
        await catalog.firstScan()
    }

    @Test func `A folder that cannot be made is refused with its path`() throws {
        let kitchen = try Kitchen()
        try kitchen.overwrite([1], "file")
        let path = kitchen.path("file/plugins")
        #expect(throws: CatalogError.self) {
            _ = try PluginCatalog(
                folder: path, staged: kitchen.staged.path,
                probe: kitchen.probe, logger: Kitchen.logger)
        }
    }
}

extension PluginCatalog {
    /// What follows a snapshot may come a moment after it.
    func settled(
        _ condition: @escaping @Sendable () -> Bool, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while !condition(), ContinuousClock.now < deadline { await Task.yield() }
        #expect(condition(), sourceLocation: sourceLocation)
    }
}
