import Glibc
import JobModel

/// What tells one state of a file's bytes from another without reading them.
package struct FileStamp: Hashable, Sendable {
    var device: UInt64
    var inode: UInt64
    package var size: Int64
    /// Nanoseconds since 1970, as the file system keeps them.
    var modified: Int64
    var changed: Int64
    var mode: UInt32

    init(device: UInt64, inode: UInt64, size: Int64, modified: Int64, changed: Int64, mode: UInt32 = S_IFREG) {
        self.device = device
        self.inode = inode
        self.size = size
        self.modified = modified
        self.changed = changed
        self.mode = mode
    }

    init(_ status: stat) {
        self.init(
            device: UInt64(status.st_dev), inode: UInt64(status.st_ino), size: Int64(status.st_size),
            modified: Self.nanoseconds(status.st_mtim), changed: Self.nanoseconds(status.st_ctim), mode: status.st_mode)
    }

    /// Of the path itself, never of what a link leads to. Nil when there is nothing.
    init?(path: String) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return nil }
        self.init(status)
    }

    /// Of what a link leads to: folders of links are how some systems hand out configuration.
    package init?(followingLinks path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        self.init(status)
    }

    init?(descriptor: Int32) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return nil }
        self.init(status)
    }

    package var isFile: Bool { mode & S_IFMT == S_IFREG }
    var isFolder: Bool { mode & S_IFMT == S_IFDIR }
    var modifiedAt: Instant { Instant(microseconds: modified / 1000) }
    /// When it came: writing, renaming and linking all change this, and nobody can set it.
    var changedAt: Instant { Instant(microseconds: changed / 1000) }

    /// Why a thing of this kind is no plugin; nil for files.
    var refusal: Rejection? {
        switch mode & S_IFMT {
        case S_IFREG: nil
        case S_IFLNK: .symbolicLink
        case S_IFDIR: .notAFile(kind: "a folder")
        case S_IFIFO: .notAFile(kind: "a named pipe")
        case S_IFSOCK: .notAFile(kind: "a socket")
        default: .notAFile(kind: "a device")
        }
    }

    private static func nanoseconds(_ time: timespec) -> Int64 {
        let (seconds, overflow) = Int64(time.tv_sec).multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? (time.tv_sec < 0 ? .min : .max) : seconds &+ Int64(time.tv_nsec)
    }
}

extension FileStamp {
    /// How many names the file at `path` has.
    static func links(_ path: String) -> Int {
        var status = stat()
        return lstat(path, &status) == 0 ? Int(status.st_nlink) : 0
    }
}
