import CLinux
import Glibc
import Synchronization

/// Programs of plugins where there is no process namespace. A guest is given those that lose their parent; when it dies,
/// they become children of this process, and none gets away to init.
enum Adoption {
    /// Guests that may leave some. While there are none this process is as others are: what else it starts is no matter
    /// of ours.
    private static let guests = Mutex(0)
    private static let ownFilters = ProcessFacts.filters(of: getpid())

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

    /// Whether a child is a program of a plugin: it is in the filter of its guest, or has these entries in its environment.
    /// Only the first of these is also seen of one that has ended, and is nothing a program can get rid of.
    static func isOfPlugin(_ process: Int32, _ entries: [String]) -> Bool {
        ProcessFacts.filters(of: process) > ownFilters || ProcessFacts.environment(of: process, hasAll: entries)
    }
}
