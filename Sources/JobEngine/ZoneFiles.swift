import Glibc
package import JobModel
import Synchronization

/// Zone rules out of the system's zone files, each read once.
package final class ZoneFiles: Sendable {
    private let folder: String
    private let known = Mutex<[String: ZoneRules]>([:])
    /// Zone files are a few kilobytes; what is larger is none.
    private static let largest = 1 << 20

    package init(folder: String = "/usr/share/zoneinfo") {
        self.folder = folder
    }

    /// Nil when there is no such zone, or its file is damaged. Blocks while it reads.
    package func rules(_ name: String) -> ZoneRules? {
        if name == "UTC" { return .utc }
        guard Self.isName(name) else { return nil }
        if let rules = known.withLock({ $0[name] }) { return rules }
        guard let bytes = Self.read("\(folder)/\(name)"), let rules = try? ZoneRules(tzif: bytes, name: name) else {
            return nil
        }
        known.withLock { $0[name] = rules }
        return rules
    }

    /// Letters, digits, `_`, `+` and `-` in parts; nothing that leaves the folder.
    static func isName(_ name: String) -> Bool {
        guard name.utf8.count <= 100 else { return false }
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        return parts.allSatisfy { part in !part.isEmpty && part.utf8.allSatisfy(isNameByte) }
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "+"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    private static func read(_ path: String) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var facts = stat()
        guard fstat(file, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG, facts.st_size <= largest else { return nil }
        return [UInt8](unsafeUninitializedCapacity: Int(facts.st_size)) { buffer, count in
            count = max(0, Glibc.read(file, buffer.baseAddress, buffer.count))
        }
    }
}
