import CLinux
import Glibc

/// The kernel's list of what the pool's thread waits for.
final class Epoll {
    /// What became ready.
    enum Source: UInt64 {
        case socket = 0
        case stdout = 1
        case stderr = 2
        case process = 3
        case inbox = 4
        case refusal = 5
    }

    private let descriptor: Int32
    private var raw = [berth_epoll_event](repeating: berth_epoll_event(), count: 256)

    init() throws(GuestPoolError) {
        descriptor = berth_epoll_create()
        guard descriptor >= 0 else { throw .system(call: "epoll_create1", code: -descriptor) }
    }

    deinit {
        close(descriptor)
    }

    func add(_ watched: Int32, _ source: Source, of guest: UInt64) {
        _ = berth_epoll_add(descriptor, watched, Self.events(source), Self.token(source, guest))
    }

    /// Tells of the pipe again when something waits in it.
    func watchAgain(_ watched: Int32, _ source: Source, of guest: UInt64) {
        _ = berth_epoll_change(descriptor, watched, Self.events(source), Self.token(source, guest))
    }

    func watchForRoom(_ watched: Int32, _ isWatched: Bool, of guest: UInt64) {
        let events = BERTH_EPOLL_IN | (isWatched ? BERTH_EPOLL_OUT : 0)
        _ = berth_epoll_change(descriptor, watched, events, Self.token(.socket, guest))
    }

    func remove(_ watched: Int32) {
        _ = berth_epoll_remove(descriptor, watched)
    }

    /// Waits at most `nanoseconds`, without end when that is negative.
    func wait(_ nanoseconds: Int64, _ body: (Source, UInt64) -> Void) {
        let count = raw.withUnsafeMutableBufferPointer { events in
            berth_epoll_wait(descriptor, events.baseAddress, Int32(events.count), nanoseconds)
        }
        for index in 0..<max(Int(count), 0) {
            let token = raw[index].token
            if let source = Source(rawValue: token & 7) { body(source, token >> 3) }
        }
    }

    /// What waits in a log pipe may be left there for a while, see `Guest.looksAtOutput`.
    private static func events(_ source: Source) -> UInt32 {
        let isPipe = source == .stdout || source == .stderr
        return BERTH_EPOLL_IN | (isPipe ? BERTH_EPOLL_ONCE : 0)
    }

    private static func token(_ source: Source, _ guest: UInt64) -> UInt64 { guest << 3 | source.rawValue }
}
