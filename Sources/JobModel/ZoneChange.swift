/// A moment at which a zone's clocks are moved. Offsets are seconds east of UTC.
package struct ZoneChange: Hashable, Sendable {
    package let at: Instant
    package let before: Int
    package let after: Int

    /// What the clock shows at the moment, before it is moved and after.
    var walls: (before: Int, after: Int) { (at.split.second + before, at.split.second + after) }

    package var isForward: Bool { after > before }

    /// `Sun 2027-03-28, the clock goes forward from 02:00 to 03:00 (+01:00 to +02:00)`
    package var words: String {
        let (old, new) = (CivilTime(secondsSinceEpoch: walls.before), CivilTime(secondsSinceEpoch: walls.after))
        let isSameDay = old.date == new.date
        let target = isSameDay ? new.clockText : "\(new.dateText) \(new.clockText)"
        return "\(old.dateText), the clock goes \(isForward ? "forward" : "back") from \(old.clockText) to \(target) "
            + "(\(ZoneRules.offsetText(before)) to \(ZoneRules.offsetText(after)))"
    }
}

extension ZoneRules {
    /// The first change after an instant; nil when there is none to come.
    package func change(after instant: Instant) -> ZoneChange? {
        let span = span(at: instant.split.second)
        guard span.end < ZoneSpan.always.upperBound, let at = Instant(second: span.end, 0) else { return nil }
        return ZoneChange(at: at, before: span.offset, after: self.span(at: span.end).offset)
    }

    /// All changes after one instant and up to another.
    package func changes(after start: Instant, through end: Instant) -> [ZoneChange] {
        guard let first = change(after: start) else { return [] }
        return sequence(first: first) { change(after: $0.at) }.prefix { $0.at <= end }.map(\.self)
    }

    /// `Sun 2027-03-28 03:00:00 +02:00`, with parts of the second where there are some.
    package func wallText(_ instant: Instant) -> String {
        let (second, rest) = instant.split
        let offset = span(at: second).offset
        let wall = CivilTime(secondsSinceEpoch: second + offset)
        return "\(wall.dateText) \(wall.fullClockText)\(rest.asFraction(digits: 6)) \(Self.offsetText(offset))"
    }

    /// `+02:00`, with seconds where there are some.
    package static func offsetText(_ offset: Int) -> String {
        let size = abs(offset)
        let head = "\(offset < 0 ? "-" : "+")\((size / 3600).padded(2)):\((size / 60 % 60).padded(2))"
        return size % 60 == 0 ? head : head + ":\((size % 60).padded(2))"
    }
}

extension CivilTime {
    private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]

    /// `Sun 2027-03-28`
    var dateText: String {
        let weekday = Self.weekdays[CivilDate.weekday(ofDay: date.daysSinceEpoch)]
        return "\(weekday) \(date.year)-\(date.month.padded(2))-\(date.day.padded(2))"
    }

    var fullClockText: String { "\(hour.padded(2)):\(minute.padded(2)):\(second.padded(2))" }

    /// Without seconds where they are zero.
    var clockText: String { second == 0 ? String(fullClockText.dropLast(3)) : fullClockText }
}
