import Foundation
import TestSupport
import Testing

@testable import GuestPool

struct FolderTreeTests {
    @Test func `A tree is removed with what is closed to its owner, and nothing a symbolic link points to is touched`()
        throws
    {
        let files = FileManager.default
        let outside = files.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        let tree = files.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        let closed = tree.appendingPathComponent("closed")
        try files.createDirectory(at: outside, withIntermediateDirectories: true)
        try files.createDirectory(at: closed, withIntermediateDirectories: true)
        try Data("kept".utf8).write(to: outside.appendingPathComponent("file"))
        try Data("gone".utf8).write(to: closed.appendingPathComponent("file"))
        try files.createSymbolicLink(at: tree.appendingPathComponent("link"), withDestinationURL: outside)
        try files.setAttributes([.posixPermissions: 0o500], ofItemAtPath: outside.path)
        try files.setAttributes([.posixPermissions: 0], ofItemAtPath: closed.path)
        FolderTree.remove(tree.path)
        #expect(!files.fileExists(atPath: tree.path))
        #expect(files.fileExists(atPath: outside.appendingPathComponent("file").path))
        let mode = try files.attributesOfItem(atPath: outside.path)[.posixPermissions] as? Int
        #expect(mode == 0o500)
        try files.setAttributes([.posixPermissions: 0o700], ofItemAtPath: outside.path)
        try files.removeItem(at: outside)
    }

    @Test func `A folder with more names than are read at once is removed, and what is too deep with it`() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        let deep = folder.path + "/many" + String(repeating: "/d", count: 250)
        try FileManager.default.createDirectory(atPath: deep, withIntermediateDirectories: true)
        for number in 0..<FolderNames.atOnce * 3 {
            close(open(folder.path + "/many/\(number)", O_CREAT | O_WRONLY, 0o600))
        }
        let many = open(folder.path + "/many", O_RDONLY | O_DIRECTORY)
        defer { close(many) }
        let names = try #require(FolderNames(of: many))
        #expect(names.next().count == FolderNames.atOnce)
        FolderTree.remove(folder.path)
        #expect(!FileManager.default.fileExists(atPath: folder.path))
    }

    @Test func `What an earlier host left is out of the way at once and removed without anybody waiting`() async throws
    {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        defer { FolderTree.remove(folder.path) }
        for name in ["guest-1-1", "guest-1-2", ".gone-7", "kept"] {
            try FileManager.default.createDirectory(
                at: folder.appendingPathComponent(name), withIntermediateDirectories: true)
            try Data("left".utf8).write(to: folder.appendingPathComponent(name + "/file"))
        }
        // The queue that removes is busy.
        let blocked = DispatchSemaphore(value: 0)
        ScratchFolder.remover.async { blocked.wait() }
        try ScratchFolder.prepare(folder.path)
        let names = FolderTree.names(in: folder.path)
        #expect(!names.contains { $0.hasPrefix("guest-") } && names.count == 4)
        blocked.signal()
        try await eventually("all but what is not a guest's is gone") {
            FolderTree.names(in: folder.path) == ["kept"] ? true : nil
        }
    }

    @Test func `Removing a small folder takes a few looks at it, not a thousand`() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        let before = Self.processorTime()
        for _ in 0..<50 {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            FolderTree.remove(folder.path)
        }
        #expect(Self.processorTime() - before < 100_000_000)
    }

    /// Nanoseconds of this thread on a processor, which no other work on the machine adds to.
    private static func processorTime() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
}
