import CLinux
import Foundation
import Glibc
import JobModel
import Synchronization

/// The thread that watches files and folders for those who read them. It looks at each when it is added, soon after
/// something changed there, and every half minute in case an event was lost.
final class PathWatch: Sendable {
    /// Called on the thread, with the names of those files watched, or in folders watched, that are being written at this
    /// moment.
    typealias Look = @Sendable (_ beingWritten: Set<String>) -> Void

    private struct State {
        var added: [(paths: [String], look: Look)] = []
        var isStopped = false
    }

    private let state = Mutex(State())
    private let wake = berth_event_create()

    deinit { close(wake) }

    /// The paths need not exist yet. They are watched until `stop`.
    func add(_ paths: [String], look: @escaping Look) {
        state.withLock { $0.added.append((paths, look)) }
        berth_event_signal(wake)
    }

    func start() {
        Thread.detachNewThread { [self] in
            berth_name_thread("berth-watch")
            var inotify = Watches()
            while let added = takeAdded() {
                for target in added { inotify.add(target.paths, target.look) }
                inotify.lookWhereDue()
                inotify.sleep(wake)
            }
            inotify.end()
        }
    }

    func stop() {
        state.withLock { $0.isStopped = true }
        berth_event_signal(wake)
    }

    /// Nil when stopped.
    private func takeAdded() -> [(paths: [String], look: Look)]? {
        state.withLock { state in
            defer { state.added = [] }
            return state.isStopped ? nil : state.added
        }
    }
}

/// The state of the thread; only that thread touches it.
private struct Watches {
    private let inotify = berth_watch_create()
    private var targets: [WatchTarget] = []

    func end() { if inotify >= 0 { close(inotify) } }

    mutating func add(_ paths: [String], _ look: @escaping PathWatch.Look) {
        targets.append(WatchTarget(paths: paths, look: look))
    }

    mutating func lookWhereDue() {
        for index in targets.indices where targets[index].nextLook <= .now {
            targets[index].prepareLook(inotify)
            targets[index].look(targets[index].beingWritten)
        }
    }

    /// Waits for an event, an addition or the next look.
    mutating func sleep(_ wake: Int32) {
        var waits = [
            pollfd(fd: wake, events: Int16(POLLIN), revents: 0), pollfd(fd: inotify, events: Int16(POLLIN), revents: 0),
        ]
        let next = targets.map(\.nextLook).min() ?? .now + .seconds(60)
        let milliseconds = max(0, (next - .now).microseconds / 1000 + 1)
        poll(&waits, 2, Int32(min(milliseconds, 60_000)))
        if waits[0].revents != 0 { berth_event_clear(wake) }
        if waits[1].revents != 0 { readEvents() }
    }

    private mutating func readEvents() {
        withUnsafeTemporaryAllocation(byteCount: 16384, alignment: 8) { buffer in
            while true {
                let length = berth_watch_read(inotify, buffer.baseAddress, buffer.count)
                guard length > 0 else { return }
                var record = berth_watch_event()
                var offset = berth_watch_next(buffer.baseAddress, Int(length), 0, &record)
                while offset > 0 {
                    for index in targets.indices { targets[index].take(record) }
                    offset = berth_watch_next(buffer.baseAddress, Int(length), offset, &record)
                }
            }
        }
    }
}
