import Foundation
import Glibc
import NIOPosix

/// Looks at the machine: the kernel's files, control groups and the disk on which a folder is.
package struct MachineProbe: Sendable {
    /// Where the kernel shows itself: `/proc` and `/sys/fs/cgroup`.
    let proc: String
    let groups: String
    /// On the disk that counts.
    let folder: String

    package init(folder: String, proc: String = "/proc", groups: String = "/sys/fs/cgroup") {
        self.folder = folder
        self.proc = proc
        self.groups = groups
    }

    /// Looks on a thread that may wait: for a disk that hangs, and then this host does not seem to live, which it hardly does.
    package func metrics() async -> SystemMetrics {
        (try? await NIOThreadPool.singleton.runIfActive { look() }) ?? look()
    }

    package func look() -> SystemMetrics {
        let groups = controlGroups()
        let memory = memory(groups), disk = disk()
        return SystemMetrics(
            processors: processors(groups), load: load(), usedMemory: memory.used, allMemory: memory.all,
            usedDisk: disk.used, allDisk: disk.all)
    }

    /// Those that this process may use by its limits, at least one.
    private func processors(_ groups: [String]) -> Int {
        let shares = groups.compactMap { group -> Double? in
            let words = text("\(group)/cpu.max")?.split(whereSeparator: \.isWhitespace).map { Double($0) }
            guard let words, words.count == 2, let quota = words[0], let period = words[1], period > 0 else {
                return nil
            }
            return quota / period
        }
        let all = ProcessInfo.processInfo.activeProcessorCount
        guard let share = shares.min(), share < Double(all) else { return all }
        return max(1, Int(share.rounded()))
    }

    /// Of the last minute.
    private func load() -> Double {
        text("\(proc)/loadavg")?.split(separator: " ").first.flatMap { Double($0) } ?? 0
    }

    /// Of the control group with the least memory left, where one has a limit; else the machine's.
    private func memory(_ groups: [String]) -> (used: UInt64, all: UInt64) {
        let machine = machineMemory()
        let limited = groups.compactMap { group -> (used: UInt64, all: UInt64)? in
            guard let limit = number("\(group)/memory.max"), limit < machine.all || machine.all == 0,
                let used = number("\(group)/memory.current")
            else { return nil }
            return (used, limit)
        }
        return limited.min { $0.all - min($0.used, $0.all) < $1.all - min($1.used, $1.all) } ?? machine
    }

    /// Processes share it: what is not available is used.
    private func machineMemory() -> (used: UInt64, all: UInt64) {
        let lines = text("\(proc)/meminfo")?.split(separator: "\n") ?? []
        func bytes(_ name: String) -> UInt64? {
            let line = lines.first { $0.hasPrefix("\(name):") }
            return line?.split(separator: " ").dropFirst().first.flatMap { UInt64($0) }.map { $0 << 10 }
        }
        guard let all = bytes("MemTotal") else { return (0, 0) }
        return (all - min(all, bytes("MemAvailable") ?? bytes("MemFree") ?? 0), all)
    }

    /// The control group of this process and those around it: the limits of all of them hold.
    private func controlGroups() -> [String] {
        guard let line = text("\(proc)/self/cgroup")?.split(separator: "\n").first(where: { $0.hasPrefix("0::/") })
        else { return [] }
        let names = line.dropFirst(4).split(separator: "/")
        return (0...names.count).map { depth in ([groups] + names.prefix(depth).map(String.init)).joined(separator: "/")
        }
    }

    private func disk() -> (used: UInt64, all: UInt64) {
        var facts = statvfs()
        guard statvfs(folder, &facts) == 0 else { return (0, 0) }
        let block = UInt64(facts.f_frsize)
        let all = UInt64(facts.f_blocks).multipliedReportingOverflow(by: block).partialValue
        let free = UInt64(facts.f_bavail).multipliedReportingOverflow(by: block).partialValue
        return (all - min(all, free), all)
    }

    private func number(_ path: String) -> UInt64? {
        text(path).flatMap { UInt64($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
    }

    private func text(_ path: String) -> String? { try? String(contentsOfFile: path, encoding: .utf8) }
}
