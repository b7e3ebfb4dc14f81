import Foundation
import Glibc

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

    /// Reads a few small files; quick, and never waits for a disk.
    package func metrics() -> SystemMetrics {
        let memory = memory()
        let disk = disk()
        return SystemMetrics(
            processors: ProcessInfo.processInfo.activeProcessorCount, load: load(), usedMemory: memory.used,
            allMemory: memory.all, usedDisk: disk.used, allDisk: disk.all)
    }

    /// Of the last minute.
    private func load() -> Double {
        text("\(proc)/loadavg")?.split(separator: " ").first.flatMap { Double($0) } ?? 0
    }

    /// Of the control group this process is in, where that has a limit; else the machine's.
    private func memory() -> (used: UInt64, all: UInt64) {
        let machine = machineMemory()
        guard let group = group() else { return machine }
        guard let limit = number("\(group)/memory.max"), limit < machine.all || machine.all == 0,
            let used = number("\(group)/memory.current")
        else { return machine }
        return (used, limit)
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

    private func group() -> String? {
        guard let line = text("\(proc)/self/cgroup")?.split(separator: "\n").first(where: { $0.hasPrefix("0::/") })
        else { return nil }
        let path = line.dropFirst(3)
        return path == "/" ? groups : groups + path
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
