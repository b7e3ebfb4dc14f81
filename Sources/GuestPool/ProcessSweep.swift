import CLinux
import Dispatch
import Glibc

/// Finds programs that plugins left, and kills them. A process is held by a descriptor before it is looked at: the number
/// may be another's by the time of the signal.
enum ProcessSweep {
    /// Looking through all processes takes time that the pool's thread does not have, and does not wait for folders.
    static let queue = DispatchQueue(label: "berth.sweep")
    private static let patience: Int64 = 5_000_000_000

    /// Kills every other process whose environment has all of these entries, again and again until none is left or
    /// five seconds have passed. Returns how many were killed.
    @discardableResult
    static func kill(environmentHas entries: [String]) -> Int {
        repeating { strike(processes()) { ProcessFacts.environment(of: $0, hasAll: entries) } }
    }

    /// Kills what a guest left that had no process namespace, on a queue of its own, and then does the rest there: what
    /// this process has adopted, and what has the entries in its environment. No adopted child that has ended is left.
    static func hunt(environmentHas entries: [String], then rest: @escaping @Sendable () -> Void) {
        queue.async {
            repeating {
                strikeAdopted(entries) + strike(processes()) { ProcessFacts.environment(of: $0, hasAll: entries) }
            }
            reapForgotten()
            rest()
        }
    }

    /// Strikes until nothing is hit. Returns how many were.
    @discardableResult
    private static func repeating(_ strike: () -> [Int32]) -> Int {
        let end = Moment.now().monotonic + patience
        var killed = Set<Int32>()
        while Moment.now().monotonic < end {
            let hit = strike()
            if hit.isEmpty { break }
            killed.formUnion(hit)
        }
        return killed.count
    }

    /// What was hit becomes nobody's: this process waits for it, as its parent.
    private static func strikeAdopted(_ entries: [String]) -> [Int32] {
        strike(Adoption.children, isMeant: { Adoption.isOfPlugin($0, entries) }) { pidfd in
            var end = berth_exit()
            _ = berth_reap(pidfd, &end)
        }
    }

    private static func reapForgotten() {
        for process in Adoption.children {
            let pidfd = berth_pidfd_open(process)
            guard pidfd >= 0 else { continue }
            var end = berth_exit()
            if Adoption.isForgotten(process) { _ = berth_reap(pidfd, &end) }
            close(pidfd)
        }
    }

    /// Sends SIGKILL to those that are meant, and waits a second for each. Returns those that were hit.
    private static func strike(
        _ processes: [Int32], isMeant: (Int32) -> Bool, afterEnd: (Int32) -> Void = { _ in }
    ) -> [Int32] {
        let hit = processes.compactMap { process -> (process: Int32, pidfd: Int32)? in
            let pidfd = berth_pidfd_open(process)
            guard pidfd >= 0 else { return nil }
            if isMeant(process), berth_pidfd_signal(pidfd, SIGKILL) == 0 { return (process, pidfd) }
            close(pidfd)
            return nil
        }
        for (_, pidfd) in hit {
            var end = pollfd(fd: pidfd, events: Int16(POLLIN), revents: 0)
            poll(&end, 1, 1000)
            afterEnd(pidfd)
            close(pidfd)
        }
        return hit.map(\.process)
    }

    private static func processes() -> [Int32] {
        let own = getpid()
        return FolderTree.names(in: "/proc").compactMap { Int32($0) }.filter { $0 != own && $0 > 1 }
    }
}
