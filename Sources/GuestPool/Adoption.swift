import CLinux
import Glibc
import Synchronization

/// Programs of plugins where there is no process namespace. A guest is given those that lose their parent; when it dies,
/// they become children of this process, and none gets away to init.
enum Adoption {
    /// Guests that may leave some. While there are none this process is as others are: what else it starts is no matter
    /// of ours.
    private static let guests = Mutex(0)

    /// There is one more.
    static func begin() {
        guests.withLock { count in
            count += 1
            if count == 1 { _ = berth_adopt_orphans(1) }
        }
    }

    /// What one of them left is gone.
    static func end() {
        guests.withLock { count in
            count -= 1
            if count == 0 { _ = berth_adopt_orphans(0) }
        }
    }

    /// Those that were adopted, and others: the kernel gives orphans to a process's first thread, which starts no guests.
    static var children: [Int32] { ProcessFacts.children(of: getpid(), thread: "\(getpid())") }

    /// Whether a child is a program of a plugin: it has the home's mark, or these entries in its environment. Commands of the
    /// host's leave services running, which are none of ours to kill.
    static func isOfPlugin(_ process: Int32, _ mark: HomeMark, _ entries: [String]) -> Bool {
        mark.isOn(process) || ProcessFacts.environment(of: process, hasAll: entries)
    }

    /// Whether a child has ended and nobody else waits for it, as it was adopted. What this process starts itself is in its
    /// session, and there in its group or at the head of one, which cannot leave the session; guests are no children of the
    /// first thread.
    static func isForgotten(_ process: Int32) -> Bool {
        let fields = ProcessFacts.stat(of: process).prefix(4).map { String(decoding: $0, as: UTF8.self) }
        guard fields.count == 4, fields[0] == "Z", let group = Int32(fields[2]), let session = Int32(fields[3]) else {
            return false
        }
        return session != getsid(0) || (group != process && group != getpgrp())
    }
}
