import Foundation
import Glibc

/// A small file that is replaced as a whole.
struct NoteFile: Sendable {
    let path: String

    /// Nil when it is not there or cannot be read.
    func read() -> [UInt8]? { FileManager.default.contents(atPath: path).map { [UInt8]($0) } }

    /// On disk when this returns. Blocks.
    func write(_ bytes: [UInt8]) throws(NoteFault) {
        let draft = "\(path).draft"
        guard let file = FileDescriptor(opening: draft, O_WRONLY | O_CREAT | O_TRUNC, mode: 0o600) else {
            throw NoteFault(path: path)
        }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file.number, $0.baseAddress, $0.count) }
            guard count > 0 else { throw NoteFault(path: path) }
            rest = rest.dropFirst(count)
        }
        guard fsync(file.number) == 0, rename(draft, path) == 0, FileDescriptor.syncFolder(of: path) else {
            throw NoteFault(path: path)
        }
    }
}

/// A note could not be written: the system's reason is that of the call that just failed.
struct NoteFault: Error, Hashable, Sendable {
    let path: String
    let reason: String

    init(path: String) {
        self.path = path
        reason = SystemError.text(errno)
    }
}
