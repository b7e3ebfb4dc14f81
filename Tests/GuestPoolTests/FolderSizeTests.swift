import Foundation
import TestSupport
import Testing

@testable import GuestPool

struct FolderSizeTests {
    @Test func `What lies in a folder counts once, wherever it lies and whatever its mode`() throws {
        try Self.withFolder { folder in
            let inner = folder.appendingPathComponent("a/b")
            try FileManager.default.createDirectory(at: inner, withIntermediateDirectories: true)
            let file = inner.appendingPathComponent("file")
            try Data(repeating: 1, count: 1 << 20).write(to: file)
            try FileManager.default.linkItem(at: file, to: folder.appendingPathComponent("again"))
            try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: inner.path)
            let size = Self.size(of: folder, FolderSize.Bounds(bytes: 1 << 30))
            #expect(size.entries == 4 && size.depth == 2)
            #expect(size.bytes >= 1 << 20 && size.bytes < 3 << 19)
            #expect(size.hit == nil)
        }
    }

    @Test func `What a link points to, and what was never written of a file, does not count`() throws {
        try Self.withFolder { folder in
            symlink("/usr", folder.appendingPathComponent("link").path)
            let file = open(folder.appendingPathComponent("sparse").path, O_CREAT | O_WRONLY, 0o600)
            #expect(ftruncate(file, 1 << 40) == 0)
            close(file)
            let size = Self.size(of: folder, FolderSize.Bounds(bytes: 1 << 20))
            #expect(size.entries == 2 && size.hit == nil)
        }
    }

    @Test func `Files without number are a limit too, and are counted no further`() throws {
        try Self.withFolder { folder in
            for number in 0..<3000 {
                close(open(folder.appendingPathComponent("\(number)").path, O_CREAT | O_WRONLY, 0o600))
            }
            let size = Self.size(of: folder, FolderSize.Bounds(bytes: 1 << 30, entries: 2000))
            #expect(size.hit?.phrase == "scratch limit of 2000 files")
            #expect(size.entries == 2001)
        }
    }

    @Test func `So are folders in each other`() throws {
        try Self.withFolder { folder in
            let deep = folder.path + String(repeating: "/d", count: 12)
            try FileManager.default.createDirectory(atPath: deep, withIntermediateDirectories: true)
            let size = Self.size(of: folder, FolderSize.Bounds(bytes: 1 << 30, depth: 10))
            #expect(size.hit?.phrase == "scratch limit of 10 folders in each other")
        }
    }

    @Test func `A file with a name elsewhere counts whole`() throws {
        try Self.withFolder { elsewhere in
            try Self.withFolder { folder in
                let file = folder.appendingPathComponent("file")
                try Data(repeating: 1, count: 1 << 20).write(to: file)
                for number in 0..<9 {
                    try FileManager.default.linkItem(at: file, to: elsewhere.appendingPathComponent("\(number)"))
                }
                #expect(Self.size(of: folder, FolderSize.Bounds(bytes: 1 << 30)).bytes >= 1 << 20)
            }
        }
    }

    @Test(.enabled(if: getuid() == 0)) func `A file that is mapped and neither open nor named any more is found`()
        throws
    {
        try Self.withFolder { folder in
            let before = Self.nameless(below: getpid(), folder)
            let path = folder.appendingPathComponent("file").path
            try Data(repeating: 1, count: 8 << 20).write(to: URL(fileURLWithPath: path))
            let file = open(path, O_RDWR)
            let memory = try #require(mmap(nil, 4096, PROT_READ, MAP_SHARED, file, 0))
            defer { munmap(memory, 4096) }
            close(file)
            unlink(path)
            #expect(Self.nameless(below: getpid(), folder) >= before + (8 << 20))
        }
    }

    @Test func `A file that a program below has open, and nobody can name, is found once`() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { FolderTree.remove(folder.path) }
        let shell = Process()
        shell.executableURL = URL(fileURLWithPath: "/bin/sh")
        shell.arguments = [
            "-c",
            """
            (exec 9>file; rm file; head -c 1048576 /dev/zero >&9; exec 8>&9; echo >done; exec sleep 600) & wait
            """,
        ]
        shell.currentDirectoryURL = folder
        try shell.run()
        defer { kill(-shell.processIdentifier, SIGKILL) }
        let done = folder.appendingPathComponent("done").path
        try await eventually("it is written") { FileManager.default.fileExists(atPath: done) ? true : nil }
        let bytes = Self.nameless(below: shell.processIdentifier, folder)
        #expect(bytes >= 1 << 20 && bytes < 2 << 20)
    }

    private static func nameless(below process: Int32, _ folder: URL) -> UInt64 {
        let descriptor = open(folder.path, O_RDONLY | O_DIRECTORY)
        defer { close(descriptor) }
        var size = FolderSize(of: descriptor, upTo: FolderSize.Bounds(bytes: 1 << 30))
        let named = size.bytes
        size.addNameless(heldBelow: process, besides: descriptor)
        return size.bytes - named
    }

    private static func size(of folder: URL, _ bounds: FolderSize.Bounds) -> FolderSize {
        let descriptor = open(folder.path, O_RDONLY | O_DIRECTORY)
        defer { close(descriptor) }
        return FolderSize(of: descriptor, upTo: bounds)
    }

    private static func withFolder(_ body: (URL) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { FolderTree.remove(folder.path) }
        try body(folder)
    }
}
