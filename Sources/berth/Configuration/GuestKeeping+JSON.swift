import GuestPool
import HostHTTP
import JobModel

extension GuestKeeping {
    /// What `plugins.ID.isolation` and `plugins.ID.guests` say; `path` is that of the plugin.
    init(isolation: JSONValue?, guests: JSONValue?, path: String) throws(FieldError) {
        self.init()
        if let isolation {
            guard let known = isolation.string.flatMap(Isolation.init(rawValue:)) else {
                throw FieldError(path: "\(path).isolation", value: isolation.text, reason: "must be pool or oneshot")
            }
            self.isolation = known
        }
        guard let guests else { return }
        var fields = try FieldReader(guests, path: "\(path).guests")
        minimum = try fields.integer("min", in: 0...1000) ?? minimum
        maximum = try fields.integer("max", in: 1...1000) ?? maximum
        idle = try fields.convert("idle", "must be a duration such as 60s") { $0.string.flatMap(Self.idle) } ?? idle
        attempts = try fields.integer("attempts", in: 1...1_000_000_000) ?? attempts
        memoryBytes = try fields.convert("memory", "must be a size such as 512MiB") { $0.size } ?? memoryBytes
        drain = try fields.convert("drain", "must be a duration such as 5m") { $0.string.flatMap(Self.drain) }
        try fields.finish()
        guard maximum == 0 || minimum <= maximum else {
            throw FieldError(path: "\(path).guests.min", value: "\(minimum)", reason: "must not be more than max")
        }
    }

    private static func drain(_ text: String) -> Duration? {
        Duration(berthText: text).flatMap { $0 < .zero ? nil : $0 }
    }

    private static func idle(_ text: String) -> Duration? {
        Duration(berthText: text).flatMap { $0 < .milliseconds(1) ? nil : $0 }
    }
}

/// What holds for the guests of a plugin about which the operator says nothing. Shown beside the settings.
enum GuestDefaults {
    static var table: KeyValuePairs<String, String> {
        let standard = GuestKeeping()
        return [
            "isolation": "\(standard.isolation.rawValue) (attempts follow one another in warm guests), or oneshot "
                + "(each gets a fresh one)",
            "guests.min": "\(standard.minimum), kept ready at any time",
            "guests.max": "as many as slots need",
            "guests.idle": "\(standard.idle.berthText), after which one without an attempt goes",
            "guests.attempts": "no limit, after which one is replaced",
            "guests.drain": "no limit, after which attempts of a version that was replaced are interrupted",
            "guests.memory": "\(standard.memoryBytes >> 20)MiB, above which one is replaced",
        ]
    }
}
