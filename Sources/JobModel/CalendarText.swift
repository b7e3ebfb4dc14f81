/// A systemd OnCalendar text: `weekdays year-month-day hour:minute:second zone`, of which most may be left out, or a word
/// such as `hourly`.
///
/// Weekday and date must both match. A fixed time in a gap of the clock is skipped, and comes in the first pass of an hour
/// that comes twice, as systemd does it; `literal` gives both passes.
package struct CalendarText: Hashable, Sendable {
    /// The name at the end; whether there is such a zone is not known here.
    package let zone: String?
    /// Byte position of the zone's name.
    let zonePosition: Int
    package let rule: WallRule
    let fields: CalendarFields

    /// Refuses what can never come in any year, too.
    package init(_ text: String) throws(ScheduleError) {
        do throws(Refusal) {
            var reader = try CalendarReader(text)
            fields = try reader.fields()
            (zone, zonePosition) = (reader.zone, reader.zonePosition)
            rule = try WallRule(fields, position: reader.datePosition)
        } catch {
            throw ScheduleError(text: text, position: error.position, reason: error.reason)
        }
    }

    /// The same in full, as systemd writes it: `Mon..Fri *-*-* 09:00:00 Europe/Berlin`.
    package var normalized: String {
        fields.text + (zone.map { " \($0)" } ?? "")
    }
}

/// The parts of an OnCalendar text. An empty list of items is `*`.
struct CalendarFields: Hashable {
    /// Bits from Sunday.
    var weekdays = WallDays.allWeekdays
    var years: [CalendarItem] = []
    var months: [CalendarItem] = []
    var days: [CalendarItem] = []
    /// Days are counted from the month's end: 1 is its last.
    var fromEnd = false
    var hours: [CalendarItem] = [CalendarItem(start: 0)]
    var minutes: [CalendarItem] = [CalendarItem(start: 0)]
    /// In microseconds.
    var seconds: [CalendarItem] = [CalendarItem(start: 0)]
}

/// One item of a list: a value, `start..stop`, `start/step` or `start..stop/step`.
struct CalendarItem: Hashable {
    var start: Int
    /// Inclusive, and a value that is reached; nil runs to the end of the field.
    var stop: Int?
    /// Zero is the start alone.
    var step = 0

    func values(through last: Int) -> [Int] {
        step > 0 ? Array(stride(from: start, through: stop ?? last, by: step)) : [start]
    }
}

extension WallRule {
    fileprivate init(_ fields: CalendarFields, position: Int) throws(Refusal) {
        let minuteEnd = 60_000_000 - 1
        let whole = fields.seconds.allSatisfy { $0.start % 1_000_000 == 0 && $0.step % 1_000_000 == 0 }
        let parts = whole ? nil : SecondParts(items: fields.seconds.map { SecondParts.Item($0, last: minuteEnd) })
        let seconds = parts?.seconds ?? fields.seconds.flatMap { $0.values(through: minuteEnd) }.map { $0 / 1_000_000 }
        let hours = CalendarItem.mask(fields.hours, 0...23)
        let minutes = CalendarItem.mask(fields.minutes, 0...59)
        let secondMask = seconds.mask

        var days = WallDays(days: fields.fromEnd ? 0 : UInt32(CalendarItem.mask(fields.days, 1...31)))
        // One is the last day, which is no day away from it.
        if fields.fromEnd { days.fromEnd = UInt32(CalendarItem.endMask(fields.days) >> 1) }
        days.weekdays = fields.weekdays
        let years = fields.years.isEmpty ? nil : Set(fields.years.flatMap { $0.values(through: 2199) }).sorted()
        pattern = WallPattern(
            times: .fields(hours: hours, minutes: minutes, seconds: secondMask), days: days,
            months: UInt32(CalendarItem.mask(fields.months, 1...12)), years: years)
        isFixed = ![(hours, 24), (minutes, 60), (secondMask, 60)].contains { $0.0.nonzeroBitCount == $0.1 }
        fillsGaps = false
        self.parts = parts
        guard pattern.canMatch else { throw Refusal(position: position, reason: "no such date ever comes") }
    }
}

extension CalendarItem {
    /// All of the range where there is no item.
    fileprivate static func mask(_ items: [CalendarItem], _ range: ClosedRange<Int>) -> UInt64 {
        items.isEmpty ? Array(range).mask : items.flatMap { $0.values(through: range.upperBound) }.mask
    }

    /// Days counted from the end come nearer to it: `7/1` is 7 down to 1. A range may be written from either side.
    fileprivate static func endMask(_ items: [CalendarItem]) -> UInt64 {
        items.flatMap { item in
            guard item.step > 0 else { return [item.start] }
            return Array(
                stride(from: item.stop ?? item.start, through: item.stop == nil ? 1 : item.start, by: -item.step))
        }.mask
    }
}

extension SecondParts.Item {
    fileprivate init(_ item: CalendarItem, last: Int) {
        self.init(start: item.start, stop: item.step > 0 ? item.stop ?? last : item.start, step: item.step)
    }
}

extension [Int] {
    fileprivate var mask: UInt64 { reduce(0) { $0 | 1 << UInt64($1) } }
}
