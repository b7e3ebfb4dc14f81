import CLinux
import Glibc

/// Looks at what a guest takes of memory and threads, from its beginning to its end: a plugin can take them while it loads,
/// and with threads that it leaves behind. The kernel refuses memory only some way above the limit, so that this is what
/// ends most attempts that take too much, and can say so.
struct ResourceWatch {
    private(set) var nextLook: Int64
    private let limits: GuestLimits
    private let process: Int32
    private let startsPrograms: Bool
    private var memory: UInt64 = 0
    /// Of files, which do not count.
    private var mapped: UInt64 = 0
    private var earliestLook: Int64 = 0

    /// Memory cannot be taken much faster than this: nanoseconds for each MiB.
    private static let nanosecondsPerMiB: UInt64 = 250_000
    private static let waits: ClosedRange<Int64> = 5_000_000...500_000_000

    init(_ limits: GuestLimits, of process: Int32, startsPrograms: Bool, now: Int64) {
        self.startsPrograms = startsPrograms
        self.limits = limits
        self.process = process
        nextLook = .max
        if isNeeded { planLook(from: now) }
    }

    private var isNeeded: Bool { limits.memoryBytes > 0 || limits.processes > 0 }

    /// It has something to do from now on, and is not looked at later than it would be without.
    mutating func begin(at now: Int64) {
        guard isNeeded else { return }
        let planned = nextLook
        planLook(from: now)
        nextLook = min(nextLook, planned)
    }

    /// The limit that is passed, and what to call that; plans the next look, which is far off while it has nothing to do.
    mutating func look(at now: Int64, isIdle: Bool) -> LimitHit? {
        let pace = Pace()
        let hit = hit()
        earliestLook = pace.next
        if isIdle { nextLook = max(earliestLook, now + Self.waits.upperBound) } else { planLook(from: now) }
        return hit
    }

    private mutating func hit() -> LimitHit? {
        let facts = Self.facts(of: process)
        memory = facts.memory
        mapped = facts.mapped
        if limits.memoryBytes > 0, facts.memory > limits.memoryBytes { return .memory(limits.memoryBytes) }
        if limits.processes > 0, threads(facts) > limits.processes { return .processes(limits.processes) }
        return nil
    }

    /// The limit of memory, when the last look found most of it taken, or the guest had more before it died than it
    /// may: one that then died without our doing did not find any more. `peak`: resident bytes; 0: not known.
    func likelyHit(peak: Int64) -> LimitHit? {
        guard limits.memoryBytes > 0 else { return nil }
        let isPassed = UInt64(max(0, peak)) > limits.memoryBytes.addingReportingOverflow(mapped).partialValue
        guard isPassed || memory >= limits.memoryBytes / 8 * 7 else { return nil }
        return .memory(limits.memoryBytes)
    }

    private mutating func planLook(from now: Int64) {
        let left = limits.memoryBytes > memory ? (limits.memoryBytes - memory) >> 20 : 0
        let wait = Int64(clamping: left.multipliedReportingOverflow(by: Self.nanosecondsPerMiB).partialValue)
        let bounded = limits.processes > 0 ? min(wait, 100_000_000) : wait
        nextLook = max(earliestLook, now + min(max(bounded, Self.waits.lowerBound), Self.waits.upperBound))
    }

    private func threads(_ facts: Facts) -> Int {
        startsPrograms ? Self.threads(below: process, upTo: Int(limits.processes)) : Int(clamping: facts.threads)
    }

    /// A process that has ended and that its parent has not waited for holds a number and nothing else: it weighs this
    /// much less than a thread.
    private static let weightOfTheDead = 4

    /// Threads of a process and of all below it, counted no further than needed.
    private static func threads(below process: Int32, upTo most: Int) -> Int {
        var (count, dead) = (0, 0)
        var processes = [process]
        while count + dead / weightOfTheDead <= most, let next = processes.popLast() {
            if next != process, ProcessFacts.isZombie(next) {
                dead += 1
                continue
            }
            let tasks = FolderTree.names(in: "/proc/\(next)/task")
            count += tasks.count
            for task in tasks { processes += ProcessFacts.children(of: next, thread: task) }
        }
        return count + dead / weightOfTheDead
    }

    private struct Facts {
        /// Bytes of memory of its own and shared with nobody's file, with the tables of its pages and what was swapped out.
        var memory: UInt64 = 0
        /// Bytes of files.
        var mapped: UInt64 = 0
        var threads: UInt64 = 0
    }

    private static let counted = ["RssAnon:", "RssShmem:", "VmPTE:", "VmSwap:", "HugetlbPages:"]

    private static func facts(of process: Int32) -> Facts {
        let file = open("/proc/\(process)/status", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return Facts() }
        defer { close(file) }
        return withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 8) { buffer in
            let count = max(0, berth_read(file, buffer.baseAddress, buffer.count))
            var facts = Facts()
            for line in UnsafeRawBufferPointer(buffer)[..<count].split(separator: UInt8(ascii: "\n")) {
                if Self.counted.contains(where: { line.starts(with: $0.utf8) }) {
                    facts.memory += number(in: line) << 10
                } else if line.starts(with: "RssFile:".utf8) {
                    facts.mapped = number(in: line) << 10
                } else if line.starts(with: "Threads:".utf8) {
                    facts.threads = number(in: line)
                }
            }
            return facts
        }
    }

    private static func number(in line: Slice<UnsafeRawBufferPointer>) -> UInt64 {
        line.reduce(0) { value, byte in
            (48...57).contains(byte) ? value &* 10 &+ UInt64(byte - 48) : value
        }
    }
}
