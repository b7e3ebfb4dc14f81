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
        let status = ProcessStatus(of: process)
        memory = status.held
        mapped = status.mapped
        if limits.memoryBytes > 0, memory > limits.memoryBytes { return .memory(limits.memoryBytes) }
        if limits.processes > 0, threads(status) > limits.processes { return .processes(limits.processes) }
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

    private func threads(_ status: ProcessStatus) -> Int {
        startsPrograms ? Self.threads(below: process, upTo: Int(limits.processes)) : Int(clamping: status.threads)
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
}
