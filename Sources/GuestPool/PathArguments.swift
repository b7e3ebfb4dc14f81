import CLinux
import Glibc

/// The paths that a waiting call is about, as they are in the file system.
struct PathArguments {
    private(set) var read: Set<String> = []
    private(set) var written: Set<String> = []

    private let process: Int32
    private let arguments: [UInt64]

    /// `AT_FDCWD`: relative to the working folder.
    private static let here: Int32 = -100

    init(_ call: String, process: Int32, _ arguments: [UInt64]) {
        self.process = process
        self.arguments = arguments
        switch call {
        case "open": opened(path(0), flags: arguments[1])
        case "openat": opened(path(1, in: 0), flags: arguments[2])
        case "openat2": opened(path(1, in: 0), flags: word(at: arguments[2]))
        case "creat": change(path(0))
        case "execve": exists(path(0))
        case "execveat": exists(path(1, in: 0))
        case "mkdir", "rmdir", "unlink", "mknod": changeFolder(of: path(0))
        case "mkdirat", "unlinkat", "mknodat": changeFolder(of: path(1, in: 0))
        case "rename", "link":
            changeFolder(of: path(0))
            changeFolder(of: path(1))
        case "renameat", "renameat2", "linkat":
            changeFolder(of: path(1, in: 0))
            changeFolder(of: path(3, in: 2))
        case "symlink": changeFolder(of: path(1))
        case "symlinkat": changeFolder(of: path(2, in: 1))
        default: break
        }
    }

    private mutating func opened(_ path: String?, flags: UInt64?) {
        let flags = Int32(truncatingIfNeeded: flags ?? 0)
        guard flags & 0o10000000 == 0 else { return }  // O_PATH reads nothing
        if flags & O_ACCMODE != O_RDONLY || flags & (O_CREAT | O_TRUNC) != 0 { change(path) } else { exists(path) }
    }

    /// Something that is not there needs no access: the plugin only looked.
    private mutating func exists(_ path: String?) {
        if let real = path.flatMap(Self.real) { read.insert(real) }
    }

    /// A file that is not there yet is made in its folder.
    private mutating func change(_ path: String?) {
        guard let path else { return }
        if let real = Self.real(path) { written.insert(real) } else { changeFolder(of: path) }
    }

    /// What is made, removed or renamed changes its folder.
    private mutating func changeFolder(of path: String?) {
        if let folder = path.map(Self.parent).flatMap(Self.real) { written.insert(folder) }
    }

    private func path(_ index: Int, in folder: Int? = nil) -> String? {
        guard let text = text(at: arguments[index]), !text.isEmpty else { return nil }
        if text.hasPrefix("/") { return text }
        let descriptor = folder.map { Int32(truncatingIfNeeded: arguments[$0]) } ?? Self.here
        let link = descriptor == Self.here ? "/proc/\(process)/cwd" : "/proc/\(process)/fd/\(descriptor)"
        return Self.real(link).map { "\($0)/\(text)" }
    }

    private func text(at address: UInt64) -> String? {
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = berth_read_memory(process, address, &bytes, bytes.count)
        guard count > 0 else { return nil }
        return String(decoding: bytes.prefix(count).prefix { $0 != 0 }, as: UTF8.self)
    }

    private func word(at address: UInt64) -> UInt64? {
        var word: UInt64 = 0
        return berth_read_memory(process, address, &word, 8) == 8 ? word : nil
    }

    static func parent(_ path: String) -> String {
        path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "/"
    }

    static func holds(_ place: String, _ path: String) -> Bool {
        !place.isEmpty && (path == place || path.hasPrefix(place.hasSuffix("/") ? place : place + "/"))
    }

    private static func real(_ path: String) -> String? {
        guard let found = realpath(path, nil) else { return nil }
        defer { free(found) }
        return String(cString: found)
    }
}
