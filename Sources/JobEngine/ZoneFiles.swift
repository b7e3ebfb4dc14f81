import Glibc
package import JobModel
import Synchronization

/// Zone rules out of the system's zone files, each read once.
package final class ZoneFiles: Sendable {
    private let folder: String
    private let known = Mutex<[String: ZoneRules]>([:])
    /// Zone files are a few kilobytes; what is larger is none.
    private static let largest = 1 << 20
    private static let longestName = 100

    package init(folder: String = "/usr/share/zoneinfo") {
        self.folder = folder
    }

    /// Nil when there is no such zone, or its file is damaged. Blocks while it reads.
    package func rules(_ name: String) -> ZoneRules? {
        if name == "UTC" { return .utc }
        guard name.utf8.count <= Self.longestName, ZoneRules.isName(name) else { return nil }
        if let rules = known.withLock({ $0[name] }) { return rules }
        guard let bytes = Self.read("\(folder)/\(name)"), let rules = try? ZoneRules(tzif: bytes, name: name) else {
            return nil
        }
        known.withLock { $0[name] = rules }
        return rules
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
