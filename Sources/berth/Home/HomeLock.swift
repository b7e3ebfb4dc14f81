import Foundation

/// The lock that makes one host the owner of a home. Held until the process ends: the kernel lets go of it even when the
/// process is killed.
struct HomeLock {
    private let descriptor: Int32

    /// Taken before anything in the home is opened or bound.
    init(_ home: HomeFolder) throws(Failure) {
        descriptor = open(home.lockFile, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw Failure(.unavailable, "The lock \(home.lockFile) cannot be opened: \(HomeFolder.reason).")
        }
        guard Self.take(descriptor) else {
            let owner = Self.owner(descriptor)
            close(descriptor)
            throw Failure(
                .unavailable,
                "Another host\(owner.map { " (process \($0))" } ?? "") owns \(home.path); stop it, or give this one a home "
                    + "of its own with --home.")
        }
        // For people; the lock itself is what counts.
        ftruncate(descriptor, 0)
        let line = "\(getpid())\n"
        _ = pwrite(descriptor, line, line.utf8.count, 0)
    }

    /// A process that a host was about to start when it was killed has its files, and with them the lock, for a moment more.
    private static func take(_ descriptor: Int32) -> Bool {
        for _ in 0..<500 {
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
            guard errno == EWOULDBLOCK, let owner = owner(descriptor).flatMap(pid_t.init(exactly:)), owner > 0,
                kill(owner, 0) != 0, errno == ESRCH
            else { return false }
            usleep(10_000)
        }
        return false
    }

    private static func owner(_ descriptor: Int32) -> Int? {
        var bytes = [UInt8](repeating: 0, count: 32)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        guard count > 0 else { return nil }
        return Int(String(decoding: bytes[..<count], as: UTF8.self).filter(\.isNumber))
    }

    /// True when a host owns the home now.
    static func isHeld(_ home: HomeFolder) -> Bool {
        let descriptor = open(home.lockFile, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return flock(descriptor, LOCK_SH | LOCK_NB) != 0
    }
}
