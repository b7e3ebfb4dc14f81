import Foundation

/// Reads files that people name, pipes and devices among them.
enum TextFile {
    /// Nil when it cannot be read; `-` is stdin.
    static func bytes(_ path: String) -> Data? {
        let handle = path == "-" ? FileHandle.standardInput : FileHandle(forReadingAtPath: path)
        return try? handle.map { try $0.readToEnd() ?? Data() }
    }

    /// Why `bytes` was nil, in the system's words; nil when there is no such file.
    static func obstacle(_ path: String) -> String? {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file < 0 else {
            close(file)
            return String(cString: strerror(EISDIR))
        }
        return errno == ENOENT ? nil : HomeFolder.reason
    }
}
