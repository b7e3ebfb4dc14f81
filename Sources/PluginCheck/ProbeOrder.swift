import GuestPool
import JobModel

/// What berth-check is told: records of a name, a length and that many bytes. It reads them in its `Order`.
struct ProbeOrder: Sendable {
    var check: String
    var library: String
    var configuration: String
    var seed: UInt64
    var isFull: Bool
    var grants: UInt32
    var targets: [ProbeTarget]
    /// A folder shared with other processes; nil: one of its own.
    var scratch: String?
    var dieAt: UInt64 = 0
    var milliseconds: UInt64 = 1000
    /// Folders that may be read beside what every plugin may.
    var readable: [String] = []
    /// The runtime of a sanitizer, which has to be in the process before the plugin is, and wants all the memory.
    var sanitizer: String?

    /// Nobody listens for the calls that it refuses.
    private static let sandbox = SandboxRules.standard.features.subtracting(.namedRefusals)

    func bytes(scratch: String) -> [UInt8] {
        var record = ProbeRecord()
        record.add("check", check)
        record.add("library", library)
        record.add("scratch", scratch)
        record.add("configuration", configuration)
        record.add("seed", String(seed))
        if isFull { record.add("full", "") }
        record.add("sandbox", String(Self.sandbox.rawValue))
        record.add("grants", String(grants))
        record.add("die-at", String(dieAt))
        record.add("milliseconds", String(milliseconds))
        for folder in readable { record.add("readable", folder) }
        if sanitizer != nil { record.add("memory", "0") }
        for target in targets { target.add(to: &record) }
        return record.bytes
    }
}

/// One component of the order, with params for it.
struct ProbeTarget: Sendable {
    var id: String
    var params: SampleParams

    func add(to record: inout ProbeRecord) {
        record.add("component", id)
        for params in params.normal { record.add("normal", params) }
        for (label, params) in params.refused { record.add("refused", Array("\(label)\n".utf8) + params) }
        for (label, params) in params.odd { record.add("odd", Array("\(label)\n".utf8) + params) }
        for secret in params.secrets { record.add("secret", secret) }
    }
}

struct ProbeRecord {
    private(set) var bytes: [UInt8] = []

    mutating func add(_ name: String, _ value: String) {
        add(name, Array(value.utf8))
    }

    mutating func add(_ name: String, _ value: [UInt8]) {
        bytes += Array("\(name) \(value.count)\n".utf8)
        bytes += value
    }
}
