/// A schedule as one text, of whatever kind: what people type where no field says the kind.
///
/// `every 10s [from end]`, `daily 02:00,14:30`, `weekly MON,FRI 09:00`, `monthly 1,-1 02:00`, `at 2030-01-31T09:00:00Z` and
/// `calendar …` are named by their first word. A text of five fields or more, or one that begins with `@`, `TZ=` or
/// `CRON_TZ=`, is cron. Of the rest, what begins with a letter or has a colon, or a date's dash, is an OnCalendar text: those
/// have four parts at most, and `daily`, `weekly` and `monthly` alone or with nothing but a zone are its words.
package struct ScheduleText: Hashable, Sendable {
    package let spec: ScheduleSpec

    /// Zone, day rule and treatment of clock changes are for the kinds that know them. Refuses what the kind refuses,
    /// apart from zones: whether they exist is known elsewhere.
    package init(
        _ text: String, zone: String? = nil, dayRule: DayRule? = nil, clockChange: ClockChange? = nil
    ) throws(ScheduleError) {
        spec = try ScheduleText.spec(text, zone, dayRule, clockChange)
        _ = try ScheduleReading(spec)
    }

    private static func spec(
        _ text: String, _ zone: String?, _ dayRule: DayRule?, _ change: ClockChange?
    ) throws(ScheduleError) -> ScheduleSpec {
        let parts = text.prefix(ByteReader.longest + 1).split { $0.isWhitespace }
        let head = parts.first.map { $0.lowercased() } ?? ""
        let rest = parts.dropFirst().joined(separator: " ")
        switch (head, parts.count) {
        case ("none", 1): return .none
        case ("every", 2...): return try every(text, parts)
        case ("at", 2): return try at(text, rest)
        case ("calendar", 2...): return .calendar(rest, zone: zone, clockChange: change)
        case ("daily", 2...) where rest.first?.isNumber == true:
            return .daily(rest, zone: zone, clockChange: change)
        case ("weekly", 3...): return .weekly(rest, zone: zone, clockChange: change)
        case ("monthly", 3...): return .monthly(rest, zone: zone, clockChange: change)
        default:
            return isCalendar(parts)
                ? .calendar(text, zone: zone, clockChange: change)
                : .cron(text, zone: zone, dayRule: dayRule, clockChange: change)
        }
    }

    private static func isCalendar(_ parts: [Substring]) -> Bool {
        guard let head = parts.first, parts.count < 5 else { return false }
        if head.hasPrefix("@") || head.hasPrefix("TZ=") || head.hasPrefix("CRON_TZ=") { return false }
        return head.first?.isLetter == true || parts.contains { $0.contains(":") || $0.contains("~") }
            || head.dropFirst().contains("-")
    }

    private static func every(_ text: String, _ parts: [Substring]) throws(ScheduleError) -> ScheduleSpec {
        let isFromEnd = parts.count == 4 && parts[2] == "from" && parts[3] == "end"
        guard let interval = Duration(berthText: parts[1]), interval > .zero, parts.count == 2 || isFromEnd else {
            throw ScheduleError(
                text: text, position: 6,
                reason: "every wants a duration such as 10s or 1h30m, and then \"from end\" or nothing")
        }
        return .every(interval, from: isFromEnd ? .end : nil)
    }

    private static func at(_ text: String, _ rest: String) throws(ScheduleError) -> ScheduleSpec {
        guard let instant = Instant(rfc3339: rest) else {
            throw ScheduleError(text: text, position: 3, reason: "at wants a time such as 2030-01-31T09:00:00Z")
        }
        return .at(instant)
    }
}
