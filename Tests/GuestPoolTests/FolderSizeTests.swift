import Foundation
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
