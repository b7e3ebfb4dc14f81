import Foundation
import JobModel
import Testing

@testable import PluginCatalog

/// Whatever lies in the plugins folder: it gets its sentence, and the good plugin beside it runs.
struct HostileFilesTests {
    @Test func `Each hostile file is named with its reason and hurts nothing else`() async throws {
        let kitchen = try Kitchen()
        let whole = try Sample.bytes("bad")
        try await kitchen.serve { catalog in
            try kitchen.drop(Sample.bytes(), "good.so")
            let expected = try [
                kitchen.serving(
                    Array(whole.prefix(whole.count / 3)), "the file ends early: \(whole.count / 3) bytes of"),
                kitchen.serving(
                    Array("just a note".utf8), "this is not a shared library: it begins with \"just a note\""),
                kitchen.serving([], "the file is empty"),
                kitchen.serving(Sample.forOtherMachine(), "this host is \(ElfMachine.host.name)"),
                kitchen.serving(Sample.odd("OTHER=other_entry"), "does not export berth_plugin_v1"),
                kitchen.serving(Sample.odd("HIDDEN"), "berth_plugin_v1 is there but hidden"),
                kitchen.serving(Sample.needingMissingLibrary(), "needs libq.so.6, which is not installed here"),
                kitchen.serving(Sample.needingNewerLibc(), "needs GLIBC_9."),
            ]
            for (name, reason) in expected { try await kitchen.expect(catalog, name, reason) }
            try await catalog.reach("good.so", .active)
            #expect(catalog.snapshot.components.count == 1)
            #expect(kitchen.probes.count == 1)
        }
    }

    @Test func `Things that are no files are refused as what they are`() async throws {
        let kitchen = try Kitchen()
        try await kitchen.serve { catalog in
            try #require(mkdir(kitchen.path("folder.so"), 0o700) == 0)
            try #require(mkfifo(kitchen.path("pipe.so"), 0o600) == 0)
            try #require(symlink(Sample.file().path, kitchen.path("link.so")) == 0)
            try #require(symlink("/nowhere", kitchen.path("dangling.so")) == 0)
            try await kitchen.expect(catalog, "folder.so", "this is a folder, not a file")
            try await kitchen.expect(catalog, "pipe.so", "this is a named pipe, not a file")
            try await kitchen.expect(catalog, "link.so", "this is a symbolic link")
            try await kitchen.expect(catalog, "dangling.so", "this is a symbolic link")
            #expect(kitchen.probes.isEmpty)
        }
    }

    @Test func `Other names, hidden files and subfolders are nobody's plugins`() async throws {
        let kitchen = try Kitchen()
        try kitchen.drop(Sample.bytes(), ".hidden.so")
        try kitchen.drop(Sample.bytes(), "plugin.so.part")
        try #require(mkdir(kitchen.path("sub"), 0o700) == 0)
        try kitchen.drop(Sample.bytes(), "sub/a.so")
        try await kitchen.serve { catalog in
            #expect(catalog.snapshot.plugins.isEmpty)
        }
    }

    @Test func `A huge file of nothing costs nothing`() async throws {
        let kitchen = try Kitchen()
        try await kitchen.serve { catalog in
            try kitchen.sparse("zeros.so", bytes: 400 << 20)
            try await kitchen.expect(catalog, "zeros.so", "this is not a shared library")
            try kitchen.sparse("huge.so", bytes: 1 << 40)
            try await kitchen.expect(catalog, "huge.so", "the file has 1099511627776 bytes, more than")
            let leftovers = try FileManager.default.contentsOfDirectory(atPath: kitchen.staged.path)
            #expect(leftovers.filter { $0 != "known.json" } == [])
        }
    }

    @Test(.disabled(if: getuid() == 0, "the superuser may read everything"))
    func `An unreadable file is refused with the system's words`() async throws {
        let kitchen = try Kitchen()
        try await kitchen.serve { catalog in
            try kitchen.drop(Sample.bytes(), "a.so", mode: 0)
            try await kitchen.expect(catalog, "a.so", "the file cannot be read (Permission denied)")
        }
    }

    @Test func `A hard link is as good as a copy`() async throws {
        let kitchen = try Kitchen()
        try await kitchen.serve { catalog in
            let original = kitchen.home.appendingPathComponent("build.so")
            try Data(Sample.bytes()).write(to: original)
            try #require(link(original.path, kitchen.path("a.so")) == 0)
            try await catalog.reach("a.so", .active)
        }
    }
}

extension Kitchen {
    /// Drops `bytes` under a name of its own and gives that name with what is expected of it.
    func serving(_ bytes: [UInt8], _ reason: String) throws -> (name: String, reason: String) {
        let name = "\(UUID().uuidString).so"
        try drop(bytes, name)
        return (name, reason)
    }

    func expect(
        _ catalog: PluginCatalog, _ name: String, _ reason: String, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let record = try await catalog.reach(name, .rejected, sourceLocation: sourceLocation)
        #expect(record.reason?.contains(reason) == true, "\(record.reason ?? "")", sourceLocation: sourceLocation)
    }

    func sparse(_ name: String, bytes: Int) throws {
        let draft = home.appendingPathComponent(UUID().uuidString).path
        try #require(FileManager.default.createFile(atPath: draft, contents: nil))
        try #require(truncate(draft, bytes) == 0)
        try #require(rename(draft, path(name)) == 0)
    }
}
