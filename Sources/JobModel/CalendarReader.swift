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
        guard reader.isAtEnd else { throw unexpected("the end, or a zone such as Europe/Berlin") }
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
        guard reader.isAtEnd || reader.isAtBlank else { throw unexpected("a blank after the weekdays") }
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
        _ = try list(.anything)
        if !reader.isAtEnd, reader.take(":") {
            reader = start
            return true
        }
        reader = start
        if try hasYear() {
            fields.years = try list(.year)
            _ = reader.take("-")
        }
        fields.months = try list(.month)
        fields.fromEnd = reader.take("~")
        guard fields.fromEnd || reader.take("-") else { throw unexpected("\"-\" or \"~\" and a day") }
        fields.days = try list(fields.fromEnd ? .dayFromEnd : .day)
        guard reader.isAtEnd || reader.isAtBlank else { throw unexpected("a blank after the date") }
        reader.skipBlanks()
        return true
    }

    /// Three parts are year, month and day, two are month and day.
    private func hasYear() throws(Refusal) -> Bool {
        var ahead = self
        _ = try ahead.list(.anything)
        guard ahead.reader.take("-") else { return false }
        _ = try ahead.list(.anything)
        return ahead.reader.take("-") || ahead.reader.take("~")
    }

    private mutating func time(into fields: inout CalendarFields) throws(Refusal) {
        fields.hours = try list(.hour)
        guard reader.take(":") else { throw unexpected("\":\" and minutes") }
        fields.minutes = try list(.minute)
        if reader.take(":") { fields.seconds = try list(.second) }
        guard reader.isAtEnd || reader.isAtBlank else { throw unexpected("a blank or the end after the time") }
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

    // MARK: Lists

    private mutating func list(_ field: CalendarField) throws(Refusal) -> [CalendarItem] {
        if reader.take("*") { return field.isSecond ? [CalendarItem(start: 0, step: 1_000_000)] : [] }
        var items: [CalendarItem] = []
        repeat { items.append(try item(field)) } while reader.take(",")
        let isFine = items.contains { $0.step % 1_000_000 != 0 } && field.isSecond
        guard !isFine || items.count <= 8 else {
            throw Refusal(position: reader.position, reason: "a list with parts of seconds has at most 8 items")
        }
        return Set(items).sorted { ($0.start, $0.stop ?? -1, $0.step) < ($1.start, $1.stop ?? -1, $1.step) }
    }

    private mutating func item(_ field: CalendarField) throws(Refusal) -> CalendarItem {
        let place = reader.position
        var item = CalendarItem(start: try value(field))
        if reader.take("..") {
            item.stop = try value(field)
            item.step = field.isSecond ? 1_000_000 : 1
        }
        if reader.take("/") {
            let stepPlace = reader.position
            item.step = try number(field)
            guard item.step >= field.smallestStep else {
                throw Refusal(position: stepPlace, reason: "a step is \(field.isSecond ? "0.001" : "1") or more")
            }
        }
        try check(&item, field, place)
        return item
    }

    private func check(_ item: inout CalendarItem, _ field: CalendarField, _ place: Int) throws(Refusal) {
        if let stop = item.stop {
            guard item.start + item.step <= stop else {
                throw Refusal(position: place, reason: "the range reaches no second value")
            }
            item.stop = stop - (stop - item.start) % item.step
        } else if item.step > 0 {
            let reaches = field == .dayFromEnd ? item.start - item.step >= 1 : item.start + item.step <= field.last
            guard reaches else { throw Refusal(position: place, reason: "the step reaches no second value") }
        }
    }

    private mutating func value(_ field: CalendarField) throws(Refusal) -> Int {
        let start = reader.position
        var value = try number(field)
        // 12 is 2012 and 89 is 1989.
        if field == .year, value < 100 { value += value < 70 ? 2000 : 1900 }
        guard value >= field.first, value <= field.last else {
            throw Refusal(
                position: start, reason: "\(reader.text(from: start)) is no \(field.name): \(field.rangeText)")
        }
        return value
    }

    /// Seconds in microseconds.
    private mutating func number(_ field: CalendarField) throws(Refusal) -> Int {
        guard let whole = reader.number() else { throw unexpected("a \(field.name)") }
        guard field.isSecond else { return whole }
        var ahead = reader
        guard ahead.take("."), !ahead.take(".") else { return whole * 1_000_000 }
        let start = ahead.position
        guard let part = ahead.number(), ahead.position - start <= 6 else {
            throw Refusal(position: start, reason: "a second has one to six digits after its point")
        }
        reader = ahead
        return whole * 1_000_000 + (ahead.position - start..<6).reduce(part) { sum, _ in sum * 10 }
    }

    private func unexpected(_ wanted: String) -> Refusal {
        let hint =
            !reader.isAtEnd && reader.bytes[reader.position] == UInt8(ascii: "/") ? "; \"*/5\" is written 0/5" : ""
        return Refusal(position: reader.position, reason: "expected \(wanted), found \(reader.found)\(hint)")
    }
}

/// What may be written in a part of an OnCalendar text.
enum CalendarField {
    case year, month, day, dayFromEnd, hour, minute, second, anything

    var name: String {
        switch self {
        case .year: "year"
        case .month: "month"
        case .day: "day"
        case .dayFromEnd: "day before the month's end"
        case .hour: "hour"
        case .minute: "minute"
        case .second: "second"
        case .anything: "number"
        }
    }

    var first: Int {
        switch self {
        case .year: 1970
        case .month, .day, .dayFromEnd: 1
        case .hour, .minute, .second, .anything: 0
        }
    }

    var last: Int {
        switch self {
        case .year: 2199
        case .month: 12
        case .day: 31
        case .dayFromEnd: 28
        case .hour: 23
        case .minute: 59
        case .second: 60_000_000 - 1
        case .anything: .max / 2
        }
    }

    var isSecond: Bool { self == .second }
    var smallestStep: Int { isSecond ? 1000 : 1 }
    var rangeText: String { isSecond ? "0 to 59.999999" : "\(first) to \(last)" }
}
