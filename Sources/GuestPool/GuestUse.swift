import CLinux
import Glibc
import JobModel

/// What a guest has used so far.
struct GuestUse {
    /// Attempts shorter than this are not worth a look at the guest's memory.
    private static let worthLook: UInt64 = 5_000_000

    /// Resident memory at its highest, in bytes; 0: not known yet.
    private(set) var peak: Int64 = 0
    /// What the kernel said of that when it died; 0: it said nothing that is about the guest alone.
    private(set) var peakAtDeath: Int64 = 0
    /// Of the attempts that ended, in nanoseconds.
    private(set) var processorTime: UInt64 = 0

    mutating func attemptEnded(_ done: GuestFrame.Done, of guest: Int32) {
        processorTime &+= min(done.cpuNanoseconds, 1 << 53)
        guard peak == 0 || done.finishedNanoseconds &- done.startedNanoseconds >= Self.worthLook else { return }
        peak = max(peak, Self.peak(of: guest))
    }

    /// After a death the kernel knows, but counts our own memory in, from which the guest was started, and that of
    /// programs the guest has started.
    mutating func ended(_ exit: berth_exit, countsPrograms: Bool) {
        let told = Int64(exit.peak_kib) << 10
        guard told > Self.peak(of: getpid()) else { return }
        peak = max(peak, told)
        if !countsPrograms { peakAtDeath = told }
    }

    /// What an attempt that took its guest along used: all that earlier ones did not, the loading included.
    func remainder(_ exit: berth_exit) -> Duration {
        let all = exit.cpu_us, earlier = processorTime / 1000
        return .microseconds(Int64(clamping: all > earlier ? all - earlier : 0))
    }

    /// VmHWM of proc(5), in bytes.
    private static func peak(of process: Int32) -> Int64 {
        let file = open("/proc/\(process)/status", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return 0 }
        defer { close(file) }
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 4096) { buffer in
            let count = read(file, buffer.baseAddress, 4095)
            guard count > 0, let start = buffer.baseAddress else { return 0 }
            start[count] = 0
            guard let line = strstr(start, "VmHWM:") else { return 0 }
            return Int64(strtoll(line + 6, nil, 10)) << 10
        }
    }
}
