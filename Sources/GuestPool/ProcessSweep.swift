import CLinux
import Dispatch
import Glibc

/// Finds programs that plugins left, and kills them. A process is held by a descriptor before it is looked at: the number
/// may be another's by the time of the signal.
enum ProcessSweep {
    /// Looking through all processes takes time that the pool's thread does not have, and does not wait for folders.
    static let queue = DispatchQueue(label: "berth.sweep")
    private static let patience: Int64 = 5_000_000_000
    /// Processes that are held at once.
    private static let most = 512

    /// Kills every other process that has a home's mark, or all of these entries in its environment, again and again until
    /// none is left or five seconds have passed. Returns how many were killed.
    static func kill(_ mark: HomeMark, environmentHas entries: [String]) -> Int {
        repeating {
            strike(processes()) { process, pidfd in
                // One that has ended, and that nobody waits for, still has the mark.
                let isMarked = mark.isOn(process) && !hasEnded(pidfd)
                return isMarked || ProcessFacts.environment(of: process, hasAll: entries)
            }
        }
    }

    /// Kills what a guest left that had no process namespace, on a queue of its own, and then does the rest there: what
    /// this process has adopted, and what has the entries in its environment. No adopted child that has ended is left.
    static func hunt(
        _ mark: HomeMark, environmentHas entries: [String], then rest: @escaping @Sendable () -> Void
    ) {
        queue.async {
            repeating {
                strikeAdopted(mark, entries)
                    + strike(processes()) { process, _ in ProcessFacts.environment(of: process, hasAll: entries) }
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
    private static func strikeAdopted(_ mark: HomeMark, _ entries: [String]) -> [Int32] {
        strike(Adoption.children, isMeant: { process, _ in Adoption.isOfPlugin(process, mark, entries) }) { pidfd in
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

    /// Sends SIGKILL to those that are meant, as many as may be held, and waits a second for them. Returns those that were hit.
    private static func strike(
        _ processes: [Int32], isMeant: (_ process: Int32, _ pidfd: Int32) -> Bool, afterEnd: (Int32) -> Void = { _ in }
    ) -> [Int32] {
        var hit: [(process: Int32, pidfd: Int32)] = []
        for process in processes where hit.count < most {
            let pidfd = berth_pidfd_open(process)
            guard pidfd >= 0 else { continue }
            if isMeant(process, pidfd), berth_pidfd_signal(pidfd, SIGKILL) == 0 {
                hit.append((process, pidfd))
            } else {
                close(pidfd)
            }
        }
        let end = Moment.now().monotonic + 1_000_000_000
        for (_, pidfd) in hit {
            _ = hasEnded(pidfd, within: (end - Moment.now().monotonic) / 1_000_000)
            afterEnd(pidfd)
            close(pidfd)
        }
        return hit.map(\.process)
    }

    /// All threads of it: the first one may have ended before the others.
    private static func hasEnded(_ pidfd: Int32, within milliseconds: Int64 = 0) -> Bool {
        var end = pollfd(fd: pidfd, events: Int16(POLLIN), revents: 0)
        return poll(&end, 1, Int32(clamping: max(0, milliseconds))) > 0
    }

    private static func processes() -> [Int32] {
        let own = getpid()
        return FolderTree.names(in: "/proc").compactMap { Int32($0) }.filter { $0 != own && $0 > 1 }
    }
}
