import CLinux
import Dispatch
import Glibc

/// The control group of one guest and of what it starts. The kernel counts in it what they hold together, also memory that
/// none of them has mapped, and ends them when that is too much. What is reclaimed for the asking, such as the cache of
/// files, ends nobody.
final class ControlGroup {
    private let folder: String
    private let version: ControlGroupPlace.Version

    /// Clearing up waits for processes to end, which no guest and no removal of scratch folders has to wait for.
    static let remover = DispatchQueue(label: "berth.groups")

    /// One that is there already.
    init(_ folder: String, _ version: ControlGroupPlace.Version) {
        (self.folder, self.version) = (folder, version)
    }

    /// Throws the system's error; then there is no group. One that is there and cannot be removed is another guest's: its
    /// memory and its dead would be taken for those of the new one.
    static func make(
        _ folder: String, _ version: ControlGroupPlace.Version, _ limits: GuestLimits
    ) throws(GuestPoolError) -> ControlGroup {
        rmdir(folder)
        guard mkdir(folder, 0o755) == 0 else { throw .system(call: "mkdir \(folder)", code: errno) }
        let group = ControlGroup(folder, version)
        do throws(GuestPoolError) {
            try group.hold(to: limits)
        } catch {
            rmdir(folder)
            throw error
        }
        return group
    }

    /// A process and all it starts from now on. The memory it has already stays where it was counted.
    func admit(_ process: Int32) throws(GuestPoolError) {
        try set("cgroup.procs", "\(process)")
    }

    /// How many processes the kernel has ended here because there was no memory left within the limit.
    var kills: UInt64 {
        let file = version == .two ? "memory.events" : "memory.oom_control"
        return ControlGroupFile.number("oom_kill", in: "\(folder)/\(file)")
    }

    /// Ends what is left in it and removes it, on a queue of its own.
    func remove() {
        let folder = folder
        Self.remover.async { Self.clear([folder]) }
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

    func hold(to limits: GuestLimits) throws(GuestPoolError) {
        let memory = limits.groupMemoryBytes
        switch version {
        case .one where memory > 0:
            try set("memory.limit_in_bytes", "\(memory)")
            // With what is swapped out, where that is counted.
            try? set("memory.memsw.limit_in_bytes", "\(memory)")
        case .two:
            if memory > 0 { try set("memory.max", "\(memory)") }
            try? set("memory.swap.max", "0")
            try? set("memory.oom.group", "1")
            if limits.processes > 0 { try? set("pids.max", "\(limits.groupProcesses)") }
        case .one: break
        }
    }

    private func set(_ name: String, _ value: String) throws(GuestPoolError) {
        let code = ControlGroupFile.write(value, to: "\(folder)/\(name)")
        guard code == 0 else { throw .system(call: "write \(folder)/\(name)", code: code) }
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

    /// Where the kernel refuses a group more threads: where the host did not look in time.
    var groupProcesses: UInt64 { UInt64(processes) * 2 + 64 }
}
