import Glibc
package import JobModel

/// Time that nobody puts back, for when something is due. It has no date.
package enum MonotonicTime {
    package static var now: Instant {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Instant(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }
}
