import Glibc
import JobModel

/// One moment on both clocks, so that times of one can be told in the other. All in nanoseconds.
struct Moment {
    let monotonic: Int64
    let wall: Int64

    static func now() -> Moment {
        Moment(monotonic: read(CLOCK_MONOTONIC), wall: read(CLOCK_REALTIME))
    }

    var instant: Instant { Instant(microseconds: wall / 1000) }

    /// The wall clock's time at a time of the monotonic clock that is near this moment.
    func instant(at monotonicTime: Int64) -> Instant {
        Instant(microseconds: (wall &- (monotonic &- monotonicTime)) / 1000)
    }

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}

extension Duration {
    /// Never negative, and held at a bound that can be added to any time: policies may hold absurd durations.
    var nanoseconds: Int64 {
        let bound = Int64.max / 4
        let microseconds = self.microseconds
        guard microseconds > 0 else { return 0 }
        return microseconds > bound / 1000 ? bound : microseconds * 1000
    }

    /// For people: `1 s`, `1.5 s`, `250 ms`.
    var brief: String {
        let milliseconds = microseconds / 1000
        guard milliseconds >= 1000 else { return "\(milliseconds) ms" }
        let (seconds, rest) = milliseconds.quotientAndRemainder(dividingBy: 1000)
        guard rest >= 10 else { return "\(seconds) s" }
        let hundredths = rest / 10
        let digits = hundredths % 10 == 0 ? "\(hundredths / 10)" : hundredths < 10 ? "0\(hundredths)" : "\(hundredths)"
        return "\(seconds).\(digits) s"
    }
}
