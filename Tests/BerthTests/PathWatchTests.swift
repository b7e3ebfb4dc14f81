import Foundation
import Synchronization
import TestSupport
import Testing

@testable import berth

struct PathWatchTests {
    /// Looks at paths in a new folder, and what each look was told.
    private final class Watched: Sendable {
        let folder = NSTemporaryDirectory() + "/berth-watch-\(UUID().uuidString)"
        let watch = PathWatch()
        private let looks = Mutex<[Set<String>]>([])

        init(_ name: String = "") throws {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            watch.start()
            watch.add([folder + name]) { [weak self] beingWritten in
                self?.looks.withLock { $0.append(beingWritten) }
            }
        }

        deinit {
            watch.stop()
            try? FileManager.default.removeItem(atPath: folder)
        }

        /// Waits for a look that was told this, and forgets all up to it.
        func looked(_ beingWritten: Set<String> = []) async throws {
            try await eventually("a look with \(beingWritten)") {
                looks.withLock { looks in
                    guard let place = looks.firstIndex(of: beingWritten) else { return nil as Bool? }
                    looks.removeSubrange(...place)
                    return true
                }
            }
        }
    }

    @Test func `there is a look at once, and one after each change`() async throws {
        let watched = try Watched()
        try await watched.looked()
        try Data("x".utf8).write(to: URL(fileURLWithPath: watched.folder + "/a"))
        try await watched.looked()
        try FileManager.default.removeItem(atPath: watched.folder + "/a")
        try await watched.looked()
    }

    @Test func `a file is being written until it is closed`() async throws {
        let watched = try Watched()
        try await watched.looked()
        try Data().write(to: URL(fileURLWithPath: watched.folder + "/a"))
        let file = try #require(FileHandle(forWritingAtPath: watched.folder + "/a"))
        try file.write(contentsOf: Data("half".utf8))
        try await watched.looked(["a"])
        try file.close()
        try await watched.looked()
    }

    @Test func `a path that is not there yet is looked at when it comes, and when it comes again`() async throws {
        let watched = try Watched("/later")
        try await watched.looked()
        for _ in 0..<2 {
            let path = watched.folder + "/later"
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            try await watched.looked()
            try Data("x".utf8).write(to: URL(fileURLWithPath: path + "/a"))
            try await watched.looked()
            try FileManager.default.removeItem(atPath: path)
            try await watched.looked()
        }
    }

    @Test func `a watched file is being written until it is closed`() async throws {
        let watched = try Watched("/a")
        try await watched.looked()
        try Data("whole".utf8).write(to: URL(fileURLWithPath: watched.folder + "/a"))
        try await watched.looked()
        let file = try #require(FileHandle(forWritingAtPath: watched.folder + "/a"))
        try file.truncate(atOffset: 0)
        try await watched.looked(["a"])
        try file.write(contentsOf: Data("again".utf8))
        try file.close()
        try await watched.looked()
    }
}
