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

    /// In bytes; 0: not known.
    private static func peak(of process: Int32) -> Int64 {
        Int64(clamping: ProcessStatus(of: process).peak)
    }
}
