// Lists of values in an OnCalendar text.
extension ByteReader {
    /// The items of one part; empty for `*`. Seconds are in microseconds.
    mutating func calendarList(_ field: CalendarField) throws(Refusal) -> [CalendarItem] {
        if take("*") { return field.isSecond ? [CalendarItem(start: 0, step: 1_000_000)] : [] }
        var items: [CalendarItem] = []
        repeat { items.append(try item(field)) } while take(",")
        let isFine = items.contains { $0.step % 1_000_000 != 0 } && field.isSecond
        guard !isFine || items.count <= 8 else {
            throw Refusal(position: position, reason: "a list with parts of seconds has at most 8 items")
        }
        return Set(items).sorted { ($0.start, $0.stop ?? -1, $0.step) < ($1.start, $1.stop ?? -1, $1.step) }
    }

    private mutating func item(_ field: CalendarField) throws(Refusal) -> CalendarItem {
        let place = position
        var item = CalendarItem(start: try value(field))
        if take("..") {
            item.stop = try value(field)
            item.step = field.isSecond ? 1_000_000 : 1
        }
        if take("/") {
            let stepPlace = position
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
        let start = position
        var value = try number(field)
        // 12 is 2012 and 89 is 1989.
        if field == .year, value < 100 { value += value < 70 ? 2000 : 1900 }
        guard value >= field.first, value <= field.last else {
            throw Refusal(
                position: start, reason: "\(text(from: start)) is no \(field.name): \(field.rangeText)")
        }
        return value
    }

    /// Seconds in microseconds.
    private mutating func number(_ field: CalendarField) throws(Refusal) -> Int {
        guard let whole = number() else { throw unexpected("a \(field.name)") }
        guard field.isSecond else { return whole }
        var ahead = self
        guard ahead.take("."), !ahead.take(".") else { return whole * 1_000_000 }
        let start = ahead.position
        guard let part = ahead.number(), ahead.position - start <= 6 else {
            throw Refusal(position: start, reason: "a second has one to six digits after its point")
        }
        self = ahead
        return whole * 1_000_000 + (ahead.position - start..<6).reduce(part) { sum, _ in sum * 10 }
    }

    /// What stands here instead of what was wanted.
    func unexpected(_ wanted: String) -> Refusal {
        let hint =
            !isAtEnd && bytes[position] == UInt8(ascii: "/") ? "; \"*/5\" is written 0/5" : ""
        return Refusal(position: position, reason: "expected \(wanted), found \(found)\(hint)")
    }
}
