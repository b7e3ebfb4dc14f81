import Glibc

/// How often what takes the pool's thread an unknown time may be done: for a tenth of the time, so that the others are heard,
/// and twice a second however long it takes, for who makes it long may be what is looked for.
struct Pace {
    /// Of this thread's processor, for what others take of it meanwhile says nothing.
    private let begun = Self.used()

    private static let longest: Int64 = 500_000_000

    /// When what began with this, and is done now, may be done again; on the monotonic clock.
    var next: Int64 { Moment.now().monotonic + Self.rest(after: Self.used() - begun) }

    /// Nanoseconds.
    static func rest(after used: Int64) -> Int64 { min(10 * used, longest) }

    private static func used() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
