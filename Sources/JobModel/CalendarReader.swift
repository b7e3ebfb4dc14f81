/// Reads OnCalendar texts, as strictly as systemd does.
struct CalendarReader {
    private var reader: ByteReader
    private(set) var zone: String?
    private(set) var zonePosition = 0
    /// Where the date begins, for the refusal of dates that never come.
    private(set) var datePosition = 0

    static let words: [String: CalendarFields] = {
        let midnight = CalendarFields(days: [CalendarItem(start: 1)])
        func months(_ months: Int...) -> CalendarFields {
            CalendarFields(months: months.map { CalendarItem(start: $0) }, days: midnight.days)
        }
        return [
            "minutely": CalendarFields(hours: [], minutes: []), "hourly": CalendarFields(hours: []),
            "daily": CalendarFields(), "weekly": CalendarFields(weekdays: 0b10), "monthly": midnight,
            "quarterly": months(1, 4, 7, 10), "semiannually": months(1, 7), "semi-annually": months(1, 7),
            "biannually": months(1, 7), "bi-annually": months(1, 7), "yearly": months(1), "annually": months(1),
        ]
    }()

    init(_ text: String) throws(Refusal) {
        reader = try ByteReader(text)
        guard !reader.isAtEnd else {
            throw Refusal(
                position: 0, reason: "it is empty: write weekdays, a date and a time, or a word such as daily")
        }
    }

    mutating func fields() throws(Refusal) -> CalendarFields {
        datePosition = reader.position
        var fields = CalendarFields()
        if let word = try word() {
            fields = word
        } else {
            if reader.isAtLetter { fields.weekdays = try weekdays() }
            datePosition = reader.position
            if try date(into: &fields), !reader.isAtEnd, !reader.isAtLetter { try time(into: &fields) }
        }
        try readZone()
        guard reader.isAtEnd else { throw reader.unexpected("the end, or a zone such as Europe/Berlin") }
        return fields
    }

    /// A word for the whole; nil where a weekday stands.
    private mutating func word() throws(Refusal) -> CalendarFields? {
        var ahead = reader
        let start = ahead.position
        ahead.skip { $0 | 0x20 >= UInt8(ascii: "a") && $0 | 0x20 <= UInt8(ascii: "z") || $0 == UInt8(ascii: "-") }
        guard let fields = CalendarReader.words[ahead.text(from: start).lowercased()], ahead.isAtEnd || ahead.isAtBlank
        else { return nil }
        ahead.skipBlanks()
        reader = ahead
        return fields
    }

    // MARK: Weekdays

    private static let days = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"]

    /// `Mon..Wed,Sat` and the blanks after it; bits from Sunday.
    private mutating func weekdays() throws(Refusal) -> UInt32 {
        var mask: UInt32 = 0
        repeat {
            let start = reader.position
            let first = try weekday()
            let last = reader.take("..") || reader.take("-") ? try weekday() : first
            guard first <= last else {
                throw Refusal(position: start, reason: "a range of weekdays runs from Monday towards Sunday")
            }
            for day in first...last { mask |= 1 << UInt32(day % 7) }
        } while reader.take(",")
        guard reader.isAtEnd || reader.isAtBlank else { throw reader.unexpected("a blank after the weekdays") }
        reader.skipBlanks()
        return mask
    }

    /// 1 (Monday) to 7.
    private mutating func weekday() throws(Refusal) -> Int {
        let start = reader.position
        let word = reader.word()
        guard let number = CalendarReader.days.firstIndex(where: { $0 == word || $0.prefix(3) == word }) else {
            throw Refusal(position: start, reason: "expected a weekday such as Mon, or a word such as daily")
        }
        return number == 0 ? 7 : number
    }

    // MARK: Date and time

    /// False where the text ended before: the time is midnight then. What has a colon is left for the time.
    private mutating func date(into fields: inout CalendarFields) throws(Refusal) -> Bool {
        let start = reader
        guard !reader.isAtEnd, !reader.isAtLetter else { return false }
        // Whether this is a year or a month shows after it; its range is checked when that is known.
        _ = try reader.calendarList(.anything)
        if !reader.isAtEnd, reader.take(":") {
            reader = start
            return true
        }
        reader = start
        if try hasYear() {
            fields.years = try reader.calendarList(.year)
            _ = reader.take("-")
        }
        fields.months = try reader.calendarList(.month)
        fields.fromEnd = reader.take("~")
        guard fields.fromEnd || reader.take("-") else { throw reader.unexpected("\"-\" or \"~\" and a day") }
        fields.days = try reader.calendarList(fields.fromEnd ? .dayFromEnd : .day)
        guard reader.isAtEnd || reader.isAtBlank else { throw reader.unexpected("a blank after the date") }
        reader.skipBlanks()
        return true
    }

    /// Three parts are year, month and day, two are month and day.
    private func hasYear() throws(Refusal) -> Bool {
        var ahead = self
        _ = try ahead.reader.calendarList(.anything)
        guard ahead.reader.take("-") else { return false }
        _ = try ahead.reader.calendarList(.anything)
        return ahead.reader.take("-") || ahead.reader.take("~")
    }

    private mutating func time(into fields: inout CalendarFields) throws(Refusal) {
        fields.hours = try reader.calendarList(.hour)
        guard reader.take(":") else { throw reader.unexpected("\":\" and minutes") }
        fields.minutes = try reader.calendarList(.minute)
        if reader.take(":") { fields.seconds = try reader.calendarList(.second) }
        guard reader.isAtEnd || reader.isAtBlank else { throw reader.unexpected("a blank or the end after the time") }
        reader.skipBlanks()
    }

    private mutating func readZone() throws(Refusal) {
        guard reader.isAtLetter else { return }
        zonePosition = reader.position
        reader.skip { $0 > 0x20 }
        let name = reader.text(from: zonePosition)
        guard ZoneRules.isName(name) else {
            throw Refusal(position: zonePosition, reason: "a zone is named like Europe/Berlin")
        }
        zone = name
    }
}
