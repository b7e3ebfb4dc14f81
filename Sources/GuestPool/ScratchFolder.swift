import Dispatch
import Glibc

/// The folder of one guest, mode 0700. Its time of modification is set to zero when it is known to be empty, which
/// makes looking for leftovers one system call.
final class ScratchFolder: Sendable {
    let path: String
    let descriptor: Int32

    /// Clearing up behind a guest takes time that the pool's thread does not have.
    private static let remover = DispatchQueue(label: "berth.scratch")
    private static let prefix = "guest-"

    init(below parent: String, number: UInt64) throws(GuestPoolError) {
        path = "\(parent)/\(Self.prefix)\(getpid())-\(number)"
        guard mkdir(path, 0o700) == 0 else { throw .system(call: "mkdir \(path)", code: errno) }
        descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system(call: "open \(path)", code: errno) }
        markEmpty()
    }

    deinit {
        close(descriptor)
    }

    /// Removes what an attempt left. False when there is more than is worth waiting for.
    func empty() -> Bool {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return false }
        guard status.st_mtim.tv_sec != 0 else { return true }
        var budget = 256
        guard FolderTree.removeContents(of: descriptor, budget: &budget) else { return false }
        markEmpty()
        return true
    }

    /// Removes the folder and all in it, on a queue of its own.
    func remove() {
        Self.remove(path)
    }

    static func remove(_ path: String) {
        remover.async { FolderTree.remove(path) }
    }

    /// Makes the folder that scratch folders go into and removes those that an earlier pool left there.
    static func prepare(_ parent: String) throws(GuestPoolError) {
        guard mkdir(parent, 0o700) == 0 || errno == EEXIST else { throw .system(call: "mkdir \(parent)", code: errno) }
        remover.sync {
            for name in FolderTree.names(in: parent) where name.hasPrefix(prefix) {
                FolderTree.remove("\(parent)/\(name)")
            }
        }
    }

    /// Returns when all removals asked for so far are done, and nobody looks into a folder any more.
    static func waitForRemovals() {
        ProcessSweep.waitForHunts()
        ScratchWatch.queue.sync {}
        remover.sync {}
    }

    private func markEmpty() {
        let zero = [timespec(tv_sec: 0, tv_nsec: 0), timespec(tv_sec: 0, tv_nsec: 0)]
        _ = futimens(descriptor, zero)
    }
}
