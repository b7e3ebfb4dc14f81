import CLinux
import Foundation
import Glibc
import JobModel

/// The thread that watches the plugins folder. It sleeps in the kernel until a file is closed, renamed, made, removed or
/// given another mode or owner there, or the folder itself is, and looks at the whole folder every half minute in case an
/// event was lost or a folder above it has changed.
final class FolderWatcher: Sendable {
    private let folder: String
    private let wake: Int32
    private let deliver: @Sendable ([FolderEvent]) -> Void

    /// `deliver` is called on the watcher's thread.
    init(folder: String, deliver: @escaping @Sendable ([FolderEvent]) -> Void) {
        self.folder = folder
        self.deliver = deliver
        wake = berth_event_create()
    }

    deinit { close(wake) }

    func start() {
        Thread.detachNewThread { [self] in
            berth_name_thread("berth-catalog")
            var watch = FolderWatch(folder: folder)
            while watch.sleep(until: wake) { deliver(watch.gather()) }
            watch.end()
        }
    }

    func stop() { berth_event_signal(wake) }
}

/// The state of the watcher's thread; only that thread touches it.
private struct FolderWatch {
    private let folder: String
    private let inotify: Int32
    private var watch: Int32 = -1
    private var view = FolderView()
    private var nextLook = ContinuousClock.now

    init(folder: String) {
        self.folder = folder
        inotify = berth_watch_create()
    }

    func end() { if inotify >= 0 { close(inotify) } }

    /// Waits for an event or the next look. False when `wake` was signalled.
    func sleep(until wake: Int32) -> Bool {
        var waits = [
            pollfd(fd: wake, events: Int16(POLLIN), revents: 0), pollfd(fd: inotify, events: Int16(POLLIN), revents: 0),
        ]
        let milliseconds = max(0, (nextLook - .now).microseconds / 1000 + 1)
        poll(&waits, 2, Int32(min(milliseconds, 60_000)))
        return waits[0].revents == 0
    }

    mutating func gather() -> [FolderEvent] {
        var events = readEvents()
        if ContinuousClock.now >= nextLook { events += look() }
        nextLook = min(nextLook, .now + interval)
        return events
    }

    private var interval: Duration {
        view.isWaiting ? FolderView.rest : watch < 0 ? .seconds(1) : .seconds(30)
    }

    /// Watches before it looks: what happens in between is then seen twice rather than never.
    private mutating func look() -> [FolderEvent] {
        if watch < 0, inotify >= 0 { watch = berth_watch_add(inotify, folder, Self.mask) }
        guard let found = FolderListing.candidates(folder) else {
            nextLook = .now + .seconds(1)
            return []
        }
        let events = view.looked(found, fault: FolderGuard().fault(folder: folder), at: .now, wall: .now)
        nextLook = .now + interval
        return events
    }

    private mutating func readEvents() -> [FolderEvent] {
        var events: [FolderEvent] = []
        withUnsafeTemporaryAllocation(byteCount: 16384, alignment: 8) { buffer in
            while true {
                let length = berth_watch_read(inotify, buffer.baseAddress, buffer.count)
                guard length > 0 else { return }
                var record = berth_watch_event()
                var offset = berth_watch_next(buffer.baseAddress, Int(length), 0, &record)
                while offset > 0 {
                    events += take(record)
                    offset = berth_watch_next(buffer.baseAddress, Int(length), offset, &record)
                }
            }
        }
        return events
    }

    private mutating func take(_ record: berth_watch_event) -> [FolderEvent] {
        if record.mask & BERTH_WATCH_OVERFLOW != 0 { nextLook = .now }
        if record.watch == watch, record.mask & Self.folderGone != 0 { forgetFolder() }
        guard record.name_length > 0, let text = record.name else {
            // Whether others may write into it now, a look at the whole folder finds.
            if record.mask & BERTH_WATCH_ATTRIBUTES != 0 { nextLook = .now }
            return []
        }
        let name = String(decoding: UnsafeRawBufferPointer(start: text, count: Int(record.name_length)), as: UTF8.self)
        return FolderView.isCandidate(name) ? take(record.mask, name) : []
    }

    private mutating func take(_ mask: UInt32, _ name: String) -> [FolderEvent] {
        let path = "\(folder)/\(name)"
        guard mask & (BERTH_WATCH_DELETED | BERTH_WATCH_MOVED_FROM) == 0, let stamp = FileStamp(path: path) else {
            return view.removed(name)
        }
        if mask & (BERTH_WATCH_CLOSED_WRITE | BERTH_WATCH_MOVED_TO) != 0 { return view.closed(name, stamp) }
        if mask & BERTH_WATCH_ATTRIBUTES != 0 { return view.touched(name, stamp, at: .now, wall: .now) }
        // A second name of a file that was there before: no close will come.
        if !stamp.isFile || FileStamp.links(path) > 1 { return view.saw(name, stamp, at: .now, wall: .now) }
        return view.opened(name, stamp)
    }

    /// The folder was deleted, moved or unmounted; another may come in its place.
    private mutating func forgetFolder() {
        berth_watch_remove(inotify, watch)
        watch = -1
        nextLook = .now
    }

    private static let mask =
        BERTH_WATCH_CLOSED_WRITE | BERTH_WATCH_MOVED_TO | BERTH_WATCH_MOVED_FROM | BERTH_WATCH_CREATED
        | BERTH_WATCH_DELETED | BERTH_WATCH_ATTRIBUTES | BERTH_WATCH_SELF_DELETED | BERTH_WATCH_SELF_MOVED
        | BERTH_WATCH_ONLY_FOLDER
    private static let folderGone =
        BERTH_WATCH_SELF_DELETED | BERTH_WATCH_SELF_MOVED | BERTH_WATCH_UNMOUNTED | BERTH_WATCH_IGNORED
}
