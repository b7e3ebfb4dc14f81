import Glibc
import JobModel

/// Whether the disk under the host's home has the room that an attempt is started with: what plugins write must not be
/// what the store lacks.
struct DiskRoom {
    private let path: String
    private let given: UInt64?
    private var nextLook = Int64.min
    private var (free, floor) = (UInt64.max, UInt64.max)

    /// How long what was seen counts, in nanoseconds.
    private static let time: Int64 = 500_000_000
    /// Bytes, and of a small disk the part in so many.
    private static let standard: (floor: UInt64, part: UInt64) = (256 << 20, 20)

    /// `floor` in bytes; nil: what is right for the disk.
    init(_ path: String, floor: UInt64? = nil) {
        self.path = path
        given = floor
    }

    /// Says what is missing; nil: there is room, or nobody can say.
    mutating func shortage(at now: Int64) -> String? {
        if now >= nextLook {
            nextLook = now + Self.time
            look()
        }
        guard free < floor else { return nil }
        return "\(free >> 20) MiB are free at \(path), and nothing is started below \(floor >> 20) MiB"
    }

    private mutating func look() {
        var facts = statvfs()
        guard statvfs(path, &facts) == 0 else { return free = .max }
        let block = UInt64(facts.f_frsize)
        free = UInt64(facts.f_bavail).multipliedReportingOverflow(by: block).partialValue
        let all = UInt64(facts.f_blocks).multipliedReportingOverflow(by: block).partialValue
        floor = given ?? min(Self.standard.floor, all / Self.standard.part)
    }
}
