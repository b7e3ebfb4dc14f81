import Glibc
import JobModel

/// Whether the disk under the host's home has the room that an attempt is started with: what plugins write must not be
/// what the store lacks.
struct DiskRoom {
    private let path: String
    private let floor: UInt64
    private var nextLook = Int64.min
    private var free = UInt64.max

    /// How long what was seen counts, in nanoseconds.
    private static let time: Int64 = 500_000_000

    /// `floor` in bytes.
    init(_ path: String, floor: UInt64) {
        self.path = path
        self.floor = floor
    }

    /// Says what is missing; nil: there is room, or nobody can say.
    mutating func shortage(at now: Int64) -> String? {
        if now >= nextLook {
            nextLook = now + Self.time
            free = Self.free(path)
        }
        guard free < floor else { return nil }
        return "\(free >> 20) MiB are free at \(path), and nothing is started below \(floor.sizeWords)"
    }

    private static func free(_ path: String) -> UInt64 {
        var facts = statvfs()
        guard statvfs(path, &facts) == 0 else { return .max }
        return UInt64(facts.f_bavail).multipliedReportingOverflow(by: UInt64(facts.f_frsize)).partialValue
    }
}
