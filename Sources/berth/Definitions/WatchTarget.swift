import CLinux
import Foundation
import Glibc
import JobModel

/// Paths that are looked at together, and what inotify said of them. Belongs to the thread of a `PathWatch`.
struct WatchTarget {
    let look: PathWatch.Look
    private(set) var nextLook = ContinuousClock.now
    /// Names of watched files, and of files in watched folders, that were changed and have not been closed since: half a
    /// file can be a whole one by its looks.
    private(set) var beingWritten: Set<String> = []

    private let paths: [String]
    private var watches: [String: Int32] = [:]
    /// Of folders in which a path is expected to appear.
    private var parents: [String: Int32] = [:]

    /// Changes come in groups: a look waits this long for the rest of them.
    private static let rest = Duration.milliseconds(30)

    init(paths: [String], look: @escaping PathWatch.Look) {
        self.paths = paths
        self.look = look
    }

    /// Watches before the look: what happens in between is then seen twice rather than never. Where the system refuses to
    /// watch, looks are frequent instead.
    mutating func prepareLook(_ inotify: Int32) {
        for path in paths where watches[path] == nil {
            parents[path] = Self.exists(path) ? nil : Self.watch(inotify, Self.parent(path), Self.arrivals)
            watches[path] = Self.watch(inotify, path, Self.mask)
        }
        let isEverythingWatched = paths.allSatisfy { watches[$0] != nil || parents[$0] != nil }
        nextLook = .now + (isEverythingWatched ? .seconds(30) : .seconds(1))
    }

    mutating func take(_ record: berth_watch_event) {
        if record.mask & BERTH_WATCH_OVERFLOW != 0 {
            beingWritten = []
            return hurry()
        }
        let name = Self.name(record)
        if parents.contains(where: { $0.value == record.watch && $0.key.hasSuffix("/\(name)") }) { hurry() }
        guard let path = watches.first(where: { $0.value == record.watch })?.key else { return }
        hurry()
        let changed = name.isEmpty ? Self.name(path) : name
        if record.mask & Self.gone != 0 { watches[path] = nil }
        if record.mask & (Self.whole | Self.gone) != 0 { beingWritten.remove(changed) }
        if record.mask & BERTH_WATCH_MODIFIED != 0 { beingWritten.insert(changed) }
    }

    private mutating func hurry() { nextLook = min(nextLook, .now + Self.rest) }

    private static func name(_ record: berth_watch_event) -> String {
        guard record.name_length > 0, let text = record.name else { return "" }
        let bytes = UnsafeRawBufferPointer(start: text, count: Int(record.name_length))
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func watch(_ inotify: Int32, _ path: String, _ mask: UInt32) -> Int32? {
        let watch = inotify < 0 ? -1 : berth_watch_add(inotify, path, mask | besides)
        return watch < 0 ? nil : watch
    }

    private static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }
    private static func name(_ path: String) -> String { URL(fileURLWithPath: path).lastPathComponent }
    private static func parent(_ path: String) -> String { URL(fileURLWithPath: path).deletingLastPathComponent().path }

    /// IN_MASK_ADD: a folder may be watched for two reasons.
    private static let besides: UInt32 = 0x2000_0000
    private static let arrivals = BERTH_WATCH_CREATED | BERTH_WATCH_MOVED_TO
    private static let whole =
        BERTH_WATCH_CLOSED_WRITE | BERTH_WATCH_MOVED_TO | BERTH_WATCH_MOVED_FROM | BERTH_WATCH_DELETED
    private static let gone =
        BERTH_WATCH_SELF_DELETED | BERTH_WATCH_SELF_MOVED | BERTH_WATCH_UNMOUNTED | BERTH_WATCH_IGNORED
    private static let mask =
        BERTH_WATCH_MODIFIED | BERTH_WATCH_CREATED | whole | BERTH_WATCH_SELF_DELETED | BERTH_WATCH_SELF_MOVED
}
