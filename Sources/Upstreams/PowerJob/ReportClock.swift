import Glibc
import Synchronization

/// Milliseconds since 1970 for the server, which takes nothing that is earlier than what it has: they never go back,
/// also when the machine's clock is put back.
package final class ReportClock: Sendable {
    private let last = Mutex<Int64>(.min)
    private let wall: @Sendable () -> Int64

    package init(wall: @escaping @Sendable () -> Int64 = { ReportClock.machine }) {
        self.wall = wall
    }

    /// Not earlier than any it gave before.
    package var now: Int64 {
        last.withLock { last in
            last = max(last, wall())
            return last
        }
    }

    /// For what has to be later than a certain time: the reports of one instance are dropped unless each is.
    package func now(after earlier: Int64) -> Int64 { max(now, earlier + 1) }

    /// What the machine's clock says.
    package static var machine: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}
