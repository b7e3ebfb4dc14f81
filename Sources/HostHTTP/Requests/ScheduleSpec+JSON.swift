package import JobModel

// "schedule": {"cron": "*/5 * * * *", "zone": "Europe/Berlin"} and its sisters, or a text that `ScheduleText` reads, such
// as "daily 02:00"; the same keys may stand beside the job's other fields instead.
extension ScheduleSpec {
    init(_ fields: inout FieldReader) throws(FieldError) {
        do throws(FieldError) {
            try self.init(reading: &fields)
        } catch {
            var wrong = error
            wrong.isSchedule = !error.isUnknownField
            throw wrong
        }
    }

    private init(reading fields: inout FieldReader) throws(FieldError) {
        let nested = fields.value("schedule")
        let direct = try ScheduleFields.written(&fields)
        guard let nested, nested != "none" else {
            self = direct ?? .none
            return
        }
        guard direct == nil else {
            throw FieldError(path: fields.place("schedule"), value: nil, reason: "says again what stands beside it")
        }
        self = try Self(nested, path: fields.place("schedule"))
    }

    private init(_ nested: JSONValue, path: String) throws(FieldError) {
        if let text = nested.string {
            self = try ScheduleFields.checked(path, text) { () throws(ScheduleError) in try ScheduleText(text).spec }
            return
        }
        var inner = try FieldReader(nested, path: path)
        let spec = try ScheduleFields.written(&inner)
        try inner.finish()
        guard let spec else {
            throw FieldError(path: path, value: nested.text, reason: "must have one of \(ScheduleFields.kindList)")
        }
        self = spec
    }

    package var json: JSONValue? {
        switch self {
        case .none: nil
        case .cron(let text, let zone, let dayRule, let change):
            .object(present: [
                "cron": .string(text), "zone": zone.map(JSONValue.string),
                "day_rule": dayRule.map { .string($0.rawValue) },
                "daylight_saving": change.map { .string($0.rawValue) },
            ])
        case .every(let interval, let start):
            .object(present: ["every": .string(interval.berthText), "from": start.map { .string($0.rawValue) }])
        case .daily(let text, let zone, let change): Self.json("daily", text, zone, change)
        case .weekly(let text, let zone, let change): Self.json("weekly", text, zone, change)
        case .monthly(let text, let zone, let change): Self.json("monthly", text, zone, change)
        case .calendar(let text, let zone, let change): Self.json("calendar", text, zone, change)
        case .at(let instant): ["at": .string(instant.rfc3339)]
        }
    }

    private static func json(_ kind: String, _ text: String, _ zone: String?, _ change: ClockChange?) -> JSONValue {
        let members = [
            JSONMember(kind, .string(text)), zone.map { JSONMember("zone", .string($0)) },
            change.map { JSONMember("daylight_saving", .string($0.rawValue)) },
        ]
        return .object(members.compactMap { $0 })
    }
}
