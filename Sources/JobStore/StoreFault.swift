import Foundation
import GRDB

/// What in the machine keeps a store from working. All of them can go away while the host runs.
package enum StoreFault: String, Hashable, Sendable, CaseIterable {
    case diskFull, readOnly, locked, corrupt, tooManyFiles, failingDisk
}

extension StoreFault {
    /// Nil where the statement is to blame and not the machine.
    init?(_ error: DatabaseError) {
        switch error.resultCode {
        case .SQLITE_FULL: self = .diskFull
        case .SQLITE_READONLY: self = .readOnly
        case .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_PROTOCOL: self = .locked
        case .SQLITE_CORRUPT, .SQLITE_NOTADB: self = .corrupt
        case .SQLITE_IOERR, .SQLITE_CANTOPEN: self = Self.haveFilesRunOut ? .tooManyFiles : .failingDisk
        default: return nil
        }
    }

    init(errno code: Int32) {
        switch code {
        case ENOSPC, EDQUOT: self = .diskFull
        case EROFS: self = .readOnly
        case EMFILE, ENFILE: self = .tooManyFiles
        default: self = .failingDisk
        }
    }

    /// SQLite does not tell why it could not open a file.
    private static var haveFilesRunOut: Bool {
        let descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return errno == EMFILE || errno == ENFILE }
        close(descriptor)
        return false
    }
}
