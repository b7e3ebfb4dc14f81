import Glibc

/// How much processor time a process, and the programs it may start, have used since an attempt began. Looks no more often
/// than it must: with all processors busy, what is left takes at least its share of the time.
struct CPUMeter {
    private(set) var nextLook: Int64
    private let limit: Int64
    private let process: Int32
    /// Nil: it may start none.
    private var programs: ProgramTime?
    private var usedBefore: Int64 = 0

    private static let processors = Int64(max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
    private static let shortestWait: Int64 = 2_000_000

    init(_ limit: Duration, of process: Int32, startsPrograms: Bool, now: Int64) {
        self.limit = limit.nanoseconds
        self.process = process
        programs = startsPrograms ? ProgramTime() : nil
        nextLook = now + max(self.limit / Self.processors, Self.shortestWait)
        usedBefore = look()
    }

    /// Looks, and plans the next look.
    mutating func isOver(at now: Int64) -> Bool {
        guard nextLook <= now else { return false }
        let pace = Pace()
        let left = limit - (look() - usedBefore)
        nextLook = max(now + max(left / Self.processors, Self.shortestWait), pace.next)
        return left <= 0
    }

    private mutating func look() -> Int64 {
        programs?.look(below: process)
        return Self.used(by: process) + (programs?.used ?? 0)
    }

    /// Of all threads there were. Its clock's number is made of the process's, as `clock_getcpuclockid` has it.
    static func used(by process: Int32) -> Int64 {
        var time = timespec()
        guard clock_gettime(clockid_t(~process << 3 | 2), &time) == 0 else { return 0 }
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
