import CLinux
import Glibc
import Synchronization

/// Closes what a guest has made, or may have. The last close of a file takes as long as whoever made it likes: a socket
/// may linger, a file may lie far away. A guest's own socket closes with it what was sent into it and not received.
enum LastClose {
    /// For which no thread could be had.
    private static let left = Mutex<[Int32]>([])

    /// Closes descriptors, negative ones aside, and keeps nobody waiting: on a thread for each call, so that what one
    /// guest has sent holds up nothing of another's. Called from any thread; the descriptors are its own from now on.
    static func begin(_ descriptors: [Int32]) {
        let own = descriptors.filter { $0 >= 0 }
        do {
            try PoolThread.start("berth-close") {
                close(own)
                close(takeLeft())
            }
        } catch {
            // They stay open until the next call: whoever asked has no time for them.
            left.withLock { $0 += own }
        }
    }

    private static func close(_ descriptors: [Int32]) {
        for descriptor in descriptors { berth_stop_lingering(descriptor) }
        for descriptor in descriptors { _ = Glibc.close(descriptor) }
    }

    private static func takeLeft() -> [Int32] {
        left.withLock { left in
            defer { left = [] }
            return left
        }
    }
}
