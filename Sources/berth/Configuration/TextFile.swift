import Foundation

/// Reads files that people name, pipes and devices among them.
enum TextFile {
    /// Nil when it cannot be read; `-` is stdin.
    static func bytes(_ path: String) -> Data? {
        let handle = path == "-" ? FileHandle.standardInput : FileHandle(forReadingAtPath: path)
        return try? handle.map { try $0.readToEnd() ?? Data() }
    }
}
