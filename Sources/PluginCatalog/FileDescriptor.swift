import Foundation
import Glibc

/// An open file, closed at the end of its scope.
struct FileDescriptor: ~Copyable {
    let number: Int32

    /// Nil with `errno` when it cannot be opened.
    init?(opening path: String, _ flags: Int32, mode: mode_t = 0) {
        number = open(path, flags | O_CLOEXEC, mode)
        guard number >= 0 else { return nil }
    }

    /// What the folder that holds `path` says of it is on disk when this returns: a file that was synced and renamed may
    /// otherwise have its old name after a power cut. False with `errno` when it cannot be. Blocks.
    static func syncFolder(of path: String) -> Bool {
        let parent = path.lastIndex(of: "/").map { path[..<$0] }
        let name = parent.map { $0.isEmpty ? "/" : String($0) } ?? "."
        guard let folder = FileDescriptor(opening: name, O_RDONLY | O_DIRECTORY) else { return false }
        return fsync(folder.number) == 0
    }

    // A failed init comes by here too, and its errno is the caller's answer.
    deinit { if number >= 0 { close(number) } }
}

enum SystemError {
    /// The system's words for an errno.
    static func text(_ code: Int32) -> String { String(cString: strerror(code)) }

    /// Its words for a file that is not there.
    static var notThere: String { text(ENOENT) }
}

/// The names in a folder.
enum FolderListing {
    /// Empty when the folder cannot be read.
    static func names(_ path: String) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    }

    /// Everything that could be a plugin, with its stamp. Nil when the folder is there and cannot be read now, which says
    /// nothing of its files.
    static func candidates(_ path: String) -> [String: FileStamp]? {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: path) else {
            return access(path, F_OK) == 0 ? nil : [:]
        }
        var found: [String: FileStamp] = [:]
        for name in names where FolderView.isCandidate(name) {
            guard let stamp = FileStamp(path: "\(path)/\(name)") else { continue }
            // A folder that only happens to be there is nobody's plugin; one named like a plugin deserves an answer.
            found[name] = stamp
        }
        return found
    }
}
