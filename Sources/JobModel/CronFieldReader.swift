/// Reads one field of a cron text: items between commas.
///
/// Positions are bytes of the whole text, so that an error can point at them.
struct CronFieldReader {
    let bytes: [UInt8]
    let field: CronField
    let end: Int
    private(set) var position: Int

    init(_ bytes: [UInt8], _ range: Range<Int>, _ field: CronField) {
        self.bytes = bytes
        self.field = field
        position = range.lowerBound
        end = range.upperBound
    }

    mutating func read() throws(Refusal) -> CronFieldValue {
        var result = CronFieldValue()
        result.beginsWithStar = isAtStar
        repeat { try item(into: &result) } while take(",")
        guard position == end else { throw refusal("unexpected \(found)") }
        return result
    }

    private mutating func item(into result: inout CronFieldValue) throws(Refusal) {
        if isAtStar { return try star(into: &result) }
        if field.isDay, try monthEnd(into: &result) { return }
        let from = try value()
        if field.isDay, takeLetter("w") {
            result.special.nearest |= 1 << UInt32(from)
            return
        }
        if field.isWeekday, try monthPart(of: from % 7, into: &result) { return }
        if take("-") {
            let to = try value()
            result.values.formUnion(try stepped(span(from, to)))
        } else if position < end, bytes[position] == UInt8(ascii: "/") {
            let last = field.range.upperBound
            let first = field.isWeekday ? from % 7 : from
            result.values.formUnion(try stepped(Array(first...last)))
        } else {
            result.values.insert(field.isWeekday ? from % 7 : from)
        }
    }

    /// `*`, `?`, `*/n`.
    private mutating func star(into result: inout CronFieldValue) throws(Refusal) {
        position += 1
        result.hasOpenItem = true
        let step = try step()
        if step == 1 { result.hasStar = true }
        result.values.formUnion(stride(from: field.range.lowerBound, through: field.range.upperBound, by: step))
    }

    /// `L`, `L-n`, `LW`; false where the item is none of them.
    private mutating func monthEnd(into result: inout CronFieldValue) throws(Refusal) -> Bool {
        guard takeLetter("l") else { return false }
        if takeLetter("w") {
            result.special.lastWorkday = true
        } else if take("-") {
            let start = position
            let back = try number()
            guard (1...30).contains(back) else { throw refusal("L- wants 1 to 30 days", at: start) }
            result.special.fromEnd |= 1 << UInt32(back)
        } else {
            result.special.fromEnd |= 1
        }
        return true
    }

    /// What may follow a weekday: `L`, `#L`, `#n`; false where nothing of it does.
    private mutating func monthPart(
        of weekday: Int, into result: inout CronFieldValue
    ) throws(Refusal) -> Bool {
        if takeLetter("l") {
            result.special.lasts |= 1 << UInt32(weekday)
            return true
        }
        guard take("#") else { return false }
        if takeLetter("l") {
            result.special.lasts |= 1 << UInt32(weekday)
            return true
        }
        let start = position
        let number = try number()
        guard (1...5).contains(number) else { throw refusal("# wants 1 to 5, or L for the last", at: start) }
        result.special.numbered |= 1 << UInt64((number - 1) * 7 + weekday)
        return true
    }

    /// The values of a range in their order, over the end of the field if need be.
    private func span(_ from: Int, _ to: Int) throws(Refusal) -> [Int] {
        if from <= to { return (from...to).map { field.isWeekday ? $0 % 7 : $0 } }
        guard field.wraps else { throw refusal("the \(field.name) range \(from)-\(to) runs backwards") }
        let first = field.isWeekday ? from % 7 : from
        guard first > to else { return Array(first...to) }
        return Array(first...field.range.upperBound) + Array(field.range.lowerBound...to)
    }

    private mutating func stepped(_ values: [Int]) throws(Refusal) -> [Int] {
        let step = try step()
        return stride(from: 0, to: values.count, by: step).map { values[$0] }
    }

    /// 1 where there is none.
    private mutating func step() throws(Refusal) -> Int {
        guard take("/") else { return 1 }
        let start = position
        let step = try number()
        guard step > 0 else { throw refusal("a step is 1 or more", at: start) }
        return step
    }

    private mutating func value() throws(Refusal) -> Int {
        let start = position
        if let named = takeName() { return named }
        let value = try number()
        guard field.writable.contains(value) else {
            let (low, high) = (field.writable.lowerBound, field.writable.upperBound)
            throw refusal("\(value) is no \(field.name): \(low) to \(high)", at: start)
        }
        return value
    }

    /// Held at a million, which is beyond every field.
    private mutating func number() throws(Refusal) -> Int {
        let start = position
        var value = 0
        while position < end, bytes[position] >= 0x30, bytes[position] <= 0x39 {
            value = min(value * 10 + Int(bytes[position] - 0x30), 1_000_000)
            position += 1
        }
        guard position > start else { throw refusal("expected a \(field.name), found \(found)") }
        return value
    }

    /// Exactly the three letters of a name, also before an `L` as in `FRIL`.
    private mutating func takeName() -> Int? {
        guard end - position >= 3 else { return nil }
        let word = String(decoding: bytes[position..<position + 3].map { $0 | 0x20 }, as: UTF8.self)
        guard let index = field.names.firstIndex(of: word) else { return nil }
        position += 3
        return field.range.lowerBound + index
    }

    private var isAtStar: Bool {
        position < end && (bytes[position] == UInt8(ascii: "*") || bytes[position] == UInt8(ascii: "?"))
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard position < end, bytes[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    /// `letter` is in lower case.
    private mutating func takeLetter(_ letter: Unicode.Scalar) -> Bool {
        guard position < end, bytes[position] | 0x20 == UInt8(ascii: letter) else { return false }
        position += 1
        return true
    }

    /// What stands at the position, for messages.
    private var found: String {
        guard position < end else { return "the end of the \(field.name) field" }
        let byte = bytes[position]
        return byte > 0x20 && byte < 0x7f ? "\"\(Unicode.Scalar(byte))\"" : "a byte that is no plain character"
    }

    private func refusal(_ reason: String, at place: Int? = nil) -> Refusal {
        Refusal(position: place ?? position, reason: reason)
    }
}
