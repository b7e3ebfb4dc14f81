import CLinux
import Dispatch
import Glibc

/// The control group of one guest and of what it starts. The kernel counts in it what they hold together, also memory that
/// none of them has mapped, and ends them when that is too much. What is reclaimed for the asking, such as the cache of
/// files, ends nobody.
final class ControlGroup {
    private let folder: String
    /// Where its threads are counted, which version 1 does in a folder apart; nil: nowhere.
    private let threads: String?
    private let folders: [String]
    private let version: ControlGroupPlace.Version
    private let limits: GuestLimits

    /// Clearing up waits for processes to end, which no guest and no removal of scratch folders has to wait for.
    static let remover = DispatchQueue(label: "berth.groups")

    /// One that is there already.
    init(_ name: String, in tree: ControlGroupTree, _ limits: GuestLimits) {
        folder = "\(tree.folder)/\(name)"
        threads = tree.threads.map { "\($0)/\(name)" }
        folders = tree.folders.map { "\($0)/\(name)" }
        version = tree.version
        self.limits = limits
    }

    /// Throws the system's error; then there is no group. One that is there and cannot be removed is another guest's: its
    /// memory and its dead would be taken for those of the new one.
    static func make(
        _ name: String, in tree: ControlGroupTree, _ limits: GuestLimits
    ) throws(GuestPoolError) -> ControlGroup {
        let group = ControlGroup(name, in: tree, limits)
        do throws(GuestPoolError) {
            for folder in group.folders { try make(folder) }
            try group.hold()
        } catch {
            for folder in group.folders { rmdir(folder) }
            throw error
        }
        return group
    }

    private static func make(_ folder: String) throws(GuestPoolError) {
        rmdir(folder)
        guard mkdir(folder, 0o755) == 0 else { throw .system(call: "mkdir \(folder)", code: errno) }
    }

    /// A process and all it starts from now on. The memory it has already stays where it was counted. That its threads are
    /// counted is a wish: the host counts them too.
    func admit(_ process: Int32) throws(GuestPoolError) {
        try Self.set("\(folder)/cgroup.procs", "\(process)")
        if let threads, threads != folder { try? Self.set("\(threads)/cgroup.procs", "\(process)") }
    }

    /// How many processes the kernel has ended here because the group had too much memory. One that it ended because the
    /// machine had none left, or a group above, ended for no limit of its own.
    var kills: UInt64 {
        let file = version == .two ? "memory.events" : "memory.oom_control"
        let kills = ControlGroupFile.number("oom_kill", in: "\(folder)/\(file)")
        return kills > 0 && wasShort ? kills : 0
    }

    /// It had as much as it may at some time. Version 1 counts failures too, but not on all kernels (not on 6.18).
    private var wasShort: Bool {
        switch version {
        case .one:
            let most = ControlGroupFile.words("\(folder)/memory.max_usage_in_bytes").first.flatMap { UInt64($0) }
            return most ?? .max > limits.memoryBytes
        case .two: return ControlGroupFile.number("oom", in: "\(folder)/memory.events") > 0
        }
    }

    /// The kernel refuses it further threads and processes, or is about to: one that was refused some may rest below that.
    var isFull: Bool {
        guard let threads, limits.processes > 0 else { return false }
        let count = ControlGroupFile.words("\(threads)/pids.current").first.flatMap { UInt64($0) } ?? 0
        return count > (UInt64(limits.processes) + limits.groupProcesses) / 2
    }

    /// Ends what is left in it and removes it, on a queue of its own.
    func remove() {
        let folders = folders
        Self.remover.async { Self.clear(folders) }
    }

    /// How long groups are waited for, one or many, in nanoseconds.
    static let patience: Int64 = 5_000_000_000

    /// Blocks until all processes in these groups are gone and the groups too, or that much time has passed. What cannot be
    /// ended in one keeps none of the others.
    static func clear(_ folders: [String], within patience: Int64 = patience) {
        let end = Moment.now().monotonic + patience
        var left = folders
        while true {
            left.removeAll { rmdir($0) == 0 || errno != EBUSY }
            guard !left.isEmpty, Moment.now().monotonic < end else { return }
            for folder in left { killAll(in: folder) }
            usleep(1000)
        }
    }

    func hold() throws(GuestPoolError) {
        let memory = limits.groupMemoryBytes
        switch version {
        case .one where memory > 0:
            try Self.set("\(folder)/memory.limit_in_bytes", "\(memory)")
            // With what is swapped out, where that is counted.
            try? Self.set("\(folder)/memory.memsw.limit_in_bytes", "\(memory)")
        case .two:
            if memory > 0 { try Self.set("\(folder)/memory.max", "\(memory)") }
            try? Self.set("\(folder)/memory.swap.max", "0")
            try? Self.set("\(folder)/memory.oom.group", "1")
        case .one: break
        }
        guard let threads, limits.processes > 0 else { return }
        try? Self.set("\(threads)/pids.max", "\(limits.groupProcesses)")
    }

    private static func set(_ file: String, _ value: String) throws(GuestPoolError) {
        let code = ControlGroupFile.write(value, to: file)
        guard code == 0 else { throw .system(call: "write \(file)", code: code) }
    }

    private static func killAll(in folder: String) {
        guard ControlGroupFile.write("1", to: "\(folder)/cgroup.kill") != 0 else { return }
        for process in members(of: folder) {
            let pidfd = berth_pidfd_open(process)
            guard pidfd >= 0 else { continue }
            // Looked at again: from here on it is this process that is meant, and not the next one of that number.
            if members(of: folder).contains(process) { _ = berth_pidfd_signal(pidfd, SIGKILL) }
            close(pidfd)
        }
    }

    private static func members(of folder: String) -> [Int32] {
        ControlGroupFile.words("\(folder)/cgroup.procs").compactMap { Int32($0) }.filter { $0 > 1 && $0 != getpid() }
    }
}

extension GuestLimits {
    /// Where the kernel ends a group: above the limit that the host looks at, for it counts the kernel's own share too.
    var groupMemoryBytes: UInt64 {
        guard memoryBytes > 0, memoryBytes < 1 << 60 else { return 0 }
        return memoryBytes + memoryBytes / 4 + (64 << 20)
    }

    /// Where the kernel refuses a group more threads: above the limit too, so that the host finds it passed.
    var groupProcesses: UInt64 { UInt64(processes) + UInt64(processes) / 4 + 64 }
}
