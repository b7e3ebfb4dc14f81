import JobModel

/// A limit that an attempt ran into, in words for people.
struct LimitHit: Hashable {
    let name: String
    let value: String

    /// `memory 64 MiB`
    var words: String { "\(name) \(value)" }
    /// `memory limit of 64 MiB`
    var phrase: String { "\(name) limit of \(value)" }

    static func wallTime(_ limit: Duration) -> LimitHit { LimitHit(name: "wall time", value: limit.brief) }
    static func stall(_ limit: Duration) -> LimitHit { LimitHit(name: "sign of life", value: "every \(limit.brief)") }
    static func cpu(_ limit: Duration) -> LimitHit { LimitHit(name: "processor time", value: limit.brief) }
    static func memory(_ bytes: UInt64) -> LimitHit { LimitHit(name: "memory", value: bytes.sizeWords) }
    static func processes(_ count: UInt32) -> LimitHit { LimitHit(name: "processes", value: "\(count)") }
    static func fileSize(_ bytes: UInt64) -> LimitHit { LimitHit(name: "file size", value: bytes.sizeWords) }
    static func scratch(_ bytes: UInt64) -> LimitHit { LimitHit(name: "scratch", value: bytes.sizeWords) }
    static func openFiles(_ count: UInt32) -> LimitHit { LimitHit(name: "open files", value: "\(count)") }
    static func output(_ bytes: UInt32) -> LimitHit { LimitHit(name: "output", value: UInt64(bytes).sizeWords) }
    static func log(_ bytes: UInt64) -> LimitHit { LimitHit(name: "log", value: bytes.sizeWords) }
}
