import Foundation
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
