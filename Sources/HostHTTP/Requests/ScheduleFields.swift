import JobModel

/// Reads the fields that say when a job is due.
enum ScheduleFields {
    /// The keys of which there is one at most.
    private static let kinds = ["cron", "every", "daily", "weekly", "monthly", "calendar", "at"]
    static let kindList = kinds.map { "\"\($0)\"" }.joined(separator: ", ")

    /// Nil when no kind of schedule is there.
    static func written(_ fields: inout FieldReader) throws(FieldError) -> ScheduleSpec? {
        let given = kinds.filter { fields.value($0) != nil }
        guard given.count <= 1 else {
            throw FieldError(
                path: fields.place(given[0]), value: nil,
                reason: "is one schedule too many: give one of \(kindList)")
        }
        let options = try Options(&fields)
        guard let kind = given.first else {
            try options.refuse(outside: [], &fields)
            return nil
        }
        return try spec(kind, options, &fields)
    }

    /// `read` with its refusal turned into one of the field.
    static func checked<Value>(
        _ path: String, _ text: String, _ read: () throws(ScheduleError) -> Value
    ) throws(FieldError) -> Value {
        do throws(ScheduleError) { return try read() } catch {
            throw FieldError(
                path: path, value: JSONValue.string(text).text,
                reason: "is no schedule: at byte \(error.position), \(error.reason)")
        }
    }

    private static func spec(
        _ kind: String, _ options: Options, _ fields: inout FieldReader
    ) throws(FieldError) -> ScheduleSpec? {
        switch kind {
        case "every":
            try options.refuse(outside: ["from"], &fields)
            return try fields.convert("every", "must be a duration above zero such as \"10s\"") {
                $0.duration.flatMap { $0 > .zero ? $0 : nil }
            }.map { .every($0, from: options.start) }
        case "at":
            try options.refuse(outside: [], &fields)
            return try fields.instant("at").map { .at($0) }
        default:
            let wanted = kind == "cron" ? ["zone", "daylight_saving", "day_rule"] : ["zone", "daylight_saving"]
            try options.refuse(outside: wanted, &fields)
            return try texts(kind, options, &fields)
        }
    }

    private static func texts(
        _ kind: String, _ options: Options, _ fields: inout FieldReader
    ) throws(FieldError) -> ScheduleSpec? {
        let text = try fields.convert(kind, "must be a text" + (kind == "daily" ? " or a list of times" : "")) {
            value in
            value.string ?? (kind == "daily" ? value.times : nil)
        }
        guard let text else { return nil }
        let (zone, change) = (options.zone, options.change)
        let spec: ScheduleSpec =
            switch kind {
            case "daily": .daily(text, zone: zone, clockChange: change)
            case "weekly": .weekly(text, zone: zone, clockChange: change)
            case "monthly": .monthly(text, zone: zone, clockChange: change)
            case "calendar": .calendar(text, zone: zone, clockChange: change)
            default: .cron(text, zone: zone, dayRule: options.dayRule, clockChange: change)
            }
        // The text alone: which zones there are is known where the job will live.
        _ = try checked(fields.place(kind), text) { () throws(ScheduleError) in
            try Schedule(spec, anchor: Instant(microseconds: 0)) { _ in .utc }
        }
        return spec
    }
}

extension ScheduleFields {
    /// What may stand beside some kinds of schedule.
    private struct Options {
        var zone: String?
        var dayRule: DayRule?
        var change: ClockChange?
        var start: IntervalStart?

        init(_ fields: inout FieldReader) throws(FieldError) {
            zone = try fields.string("zone")
            dayRule = try fields.convert("day_rule", "must be \"robfig\", \"vixie\" or \"and\"") {
                $0.string.flatMap(DayRule.init)
            }
            change = try fields.convert("daylight_saving", "must be \"civil\" or \"literal\"") {
                $0.string.flatMap(ClockChange.init)
            }
            start = try fields.convert("from", "must be \"anchor\" or \"end\"") {
                $0.string.flatMap(IntervalStart.init)
            }
        }

        func refuse(outside wanted: [String], _ fields: inout FieldReader) throws(FieldError) {
            let clock = "\"cron\" or another schedule by the clock"
            let given = [
                ("zone", zone != nil, clock), ("daylight_saving", change != nil, clock),
                ("day_rule", dayRule != nil, "\"cron\""), ("from", start != nil, "\"every\""),
            ]
            for (name, isGiven, owner) in given where isGiven && !wanted.contains(name) {
                throw FieldError(path: fields.place(name), value: nil, reason: "belongs to \(owner), which is missing")
            }
        }
    }
}

extension JSONValue {
    /// A list of texts, as one text with commas.
    fileprivate var times: String? {
        guard let array, !array.isEmpty else { return nil }
        let texts = array.compactMap(\.string)
        return texts.count == array.count ? texts.joined(separator: ",") : nil
    }
}
