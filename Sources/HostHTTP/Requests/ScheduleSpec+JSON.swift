package import JobModel

// "schedule": {"cron": "*/5 * * * *", "zone": "Europe/Berlin"} | {"every": "10s"} | {"at": "2030-…"} | "none"; the same
// keys may stand beside the job's other fields instead.
extension ScheduleSpec {
    init(_ fields: inout FieldReader) throws(FieldError) {
        let nested = fields.value("schedule")
        let direct = try Self.written(&fields)
        guard let nested, nested != "none" else {
            self = direct ?? .none
            return
        }
        guard direct == nil else {
            throw FieldError(path: fields.place("schedule"), value: nil, reason: "says again what stands beside it")
        }
        var inner = try FieldReader(nested, path: fields.place("schedule"))
        let spec = try Self.written(&inner)
        try inner.finish()
        guard let spec else {
            throw FieldError(
                path: fields.place("schedule"), value: nested.text,
                reason: "must have one of \"cron\", \"every\" and \"at\"")
        }
        self = spec
    }

    /// Nil when none of the keys is there.
    private static func written(_ fields: inout FieldReader) throws(FieldError) -> ScheduleSpec? {
        let cron = try cron(&fields)
        let every = try fields.convert("every", "must be a duration above zero such as \"10s\"") {
            $0.duration.flatMap { $0 > .zero ? $0 : nil }
        }
        let at = try fields.instant("at")
        let specs = [cron, every.map { .every($0) }, at.map { .at($0) }].compactMap { $0 }
        guard specs.count <= 1 else {
            throw FieldError(
                path: fields.place(cron == nil ? "at" : "cron"), value: nil,
                reason: "is one schedule too many: give one of \"cron\", \"every\" and \"at\"")
        }
        return specs.first
    }

    private static func cron(_ fields: inout FieldReader) throws(FieldError) -> ScheduleSpec? {
        let text = try fields.string("cron")
        let zone = try fields.string("zone")
        guard let text else {
            guard zone == nil else {
                throw FieldError(
                    path: fields.place("zone"), value: nil, reason: "belongs to \"cron\", which is missing")
            }
            return nil
        }
        let spec = ScheduleSpec.cron(text, zone: zone)
        do {
            // The text alone: which zones there are is known where the job will live.
            _ = try Schedule(spec, anchor: Instant(microseconds: 0)) { _ in .utc }
        } catch {
            throw FieldError(
                path: fields.place("cron"), value: JSONValue.string(text).text,
                reason: "is no schedule: \(error.reason)")
        }
        return spec
    }

    package var json: JSONValue? {
        switch self {
        case .none: nil
        case .cron(let text, let zone): .object(present: ["cron": .string(text), "zone": zone.map(JSONValue.string)])
        case .every(let interval): ["every": .string(interval.berthText)]
        case .at(let instant): ["at": .string(instant.rfc3339)]
        }
    }

    /// As people write it: `*/5 * * * * Europe/Berlin`, `every 10s`, `at 2030-01-31T09:00:00Z`, or `-`.
    package var words: String {
        switch self {
        case .none: "-"
        case .cron(let text, let zone): zone.map { "\(text) \($0)" } ?? text
        case .every(let interval): "every \(interval.berthText)"
        case .at(let instant): "at \(instant.rfc3339)"
        }
    }
}
