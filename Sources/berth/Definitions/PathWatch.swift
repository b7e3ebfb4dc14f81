import CLinux
import Foundation
import Glibc
import JobModel
import Synchronization

/// A thread that looks at files or folders: at the start, soon after something changed there, when somebody asks, and
/// every half minute in case an event was lost.
final class PathWatch: Sendable {
    /// Called on the thread, with the names of files that are being written in watched folders at this moment.
    typealias Look = @Sendable (_ beingWritten: Set<String>) -> Void

    private let paths: [String]
    private let thread: String
    private let look: Look
    private let wake = berth_event_create()
    private let isStopped = Mutex(false)

    /// The paths need not exist yet.
    init(paths: [String], thread: String, look: @escaping Look) {
        self.paths = paths
        self.thread = thread
        self.look = look
    }

    deinit { close(wake) }

    func start() {
        Thread.detachNewThread { [self] in
            berth_name_thread(thread)
            var watches = Watches(paths: paths)
            while watches.sleep(wake), !isStopped.withLock({ $0 }) {
                guard watches.isLookDue else { continue }
                watches.prepareLook()
                look(watches.beingWritten)
            }
            watches.end()
        }
    }

    /// Looks soon.
    func lookAgain() { berth_event_signal(wake) }

    func stop() {
        isStopped.withLock { $0 = true }
        berth_event_signal(wake)
    }
}

/// The state of the thread; only that thread touches it.
private struct Watches {
    private let paths: [String]
    private let inotify: Int32
    private var watches: [String: Int32] = [:]
    /// Of folders in which a path is expected to appear.
    private var parents: Set<Int32> = []
    private(set) var beingWritten: Set<String> = []
    private var nextLook = ContinuousClock.now

    /// Changes come in groups: a look waits this long for the rest of them.
    private static let rest = Duration.milliseconds(30)

    init(paths: [String]) {
        self.paths = paths
        inotify = berth_watch_create()
    }

    func end() { if inotify >= 0 { close(inotify) } }

    var isLookDue: Bool { ContinuousClock.now >= nextLook }

    /// Waits for an event, a wish or the next look.
    mutating func sleep(_ wake: Int32) -> Bool {
        var waits = [
            pollfd(fd: wake, events: Int16(POLLIN), revents: 0), pollfd(fd: inotify, events: Int16(POLLIN), revents: 0),
        ]
        let milliseconds = max(0, (nextLook - .now).microseconds / 1000 + 1)
        poll(&waits, 2, Int32(min(milliseconds, 60_000)))
        if waits[0].revents != 0 {
            berth_event_clear(wake)
            hurry()
        }
        if waits[1].revents != 0 { readEvents() }
        return true
    }

    /// Watches before the look: what happens in between is then seen twice rather than never.
    mutating func prepareLook() {
        for path in paths where watches[path] == nil && inotify >= 0 {
            awaitIfMissing(path)
            let watch = berth_watch_add(inotify, path, Self.mask)
            if watch >= 0 { watches[path] = watch }
        }
        nextLook = .now + (isEverythingWatched ? .seconds(30) : .seconds(1))
    }

    private var isEverythingWatched: Bool {
        paths.allSatisfy { watches[$0] != nil || Self.exists(Self.parent($0)) }
    }

    private mutating func awaitIfMissing(_ path: String) {
        guard !Self.exists(path) else { return }
        let watch = berth_watch_add(inotify, Self.parent(path), BERTH_WATCH_CREATED | BERTH_WATCH_MOVED_TO)
        if watch >= 0 { parents.insert(watch) }
    }

    private static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }
    private static func parent(_ path: String) -> String { URL(fileURLWithPath: path).deletingLastPathComponent().path }

    private mutating func hurry() { nextLook = min(nextLook, .now + Self.rest) }

    private mutating func readEvents() {
        withUnsafeTemporaryAllocation(byteCount: 16384, alignment: 8) { buffer in
            while true {
                let length = berth_watch_read(inotify, buffer.baseAddress, buffer.count)
                guard length > 0 else { return }
                var record = berth_watch_event()
                var offset = berth_watch_next(buffer.baseAddress, Int(length), 0, &record)
                while offset > 0 {
                    take(record)
                    offset = berth_watch_next(buffer.baseAddress, Int(length), offset, &record)
                }
            }
        }
    }

    private mutating func take(_ record: berth_watch_event) {
        if parents.contains(record.watch) {
            // Much may appear there that is of no interest.
            return paths.allSatisfy { watches[$0] != nil } ? () : hurry()
        }
        hurry()
        if record.mask & BERTH_WATCH_OVERFLOW != 0 { beingWritten = [] }
        if record.mask & Self.gone != 0, let path = watches.first(where: { $0.value == record.watch })?.key {
            berth_watch_remove(inotify, record.watch)
            watches[path] = nil
        }
        guard record.name_length > 0, let text = record.name else { return }
        let name = String(decoding: UnsafeRawBufferPointer(start: text, count: Int(record.name_length)), as: UTF8.self)
        if record.mask & Self.whole != 0 { beingWritten.remove(name) }
        // Half a file can be a whole one by its looks.
        if record.mask & BERTH_WATCH_MODIFIED != 0 { beingWritten.insert(name) }
    }

    private static let whole =
        BERTH_WATCH_CLOSED_WRITE | BERTH_WATCH_MOVED_TO | BERTH_WATCH_MOVED_FROM | BERTH_WATCH_DELETED
    private static let gone =
        BERTH_WATCH_SELF_DELETED | BERTH_WATCH_SELF_MOVED | BERTH_WATCH_UNMOUNTED | BERTH_WATCH_IGNORED
    private static let mask =
        BERTH_WATCH_MODIFIED | BERTH_WATCH_CREATED | whole | BERTH_WATCH_SELF_DELETED | BERTH_WATCH_SELF_MOVED
}
