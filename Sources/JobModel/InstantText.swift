extension Instant {
    /// The last that RFC 3339 has: four digits are all it has for a year.
    package static let lastWritable = Instant(microseconds: 253_402_300_799_999_999)
    private static let firstWritable = Instant(microseconds: -62_167_219_200_000_000)

    /// Reads `2026-11-21T08:23:54Z`, with a fraction and any offset if it has them; `t`, `z` and a blank for the `T` are
    /// taken too. Digits after the sixth of a fraction are cut. Nil for anything else: there is no leap second here,
    /// and a date that the calendar lacks is not moved to one that it has.
    package init?(rfc3339 text: some StringProtocol) {
        var scanner = DigitScanner(text.utf8)
        guard let wall = scanner.wallTime(), let fraction = scanner.fraction(), let offset = scanner.offset(),
            scanner.isAtEnd
        else { return nil }
        self.init(microseconds: Int64((wall - offset) * 1_000_000 + fraction))
        // An offset may lead out of the years that can be written.
        guard (Self.firstWritable...Self.lastWritable).contains(self) else { return nil }
    }

    /// `2026-11-21T08:23:54Z` or `2026-11-21T08:23:54.000001Z`: always UTC, a fraction only when it is not zero and
    /// without zeros at its end. Years outside 0000 to 9999, which only saturated arithmetic makes, get a sign.
    package var rfc3339: String {
        let seconds = Int(microseconds).flooredQuotient(by: 1_000_000)
        let fraction = Int(microseconds).flooredRemainder(by: 1_000_000)
        let wall = CivilTime(secondsSinceEpoch: seconds)
        let date = "\(Instant.year(wall.date.year))-\(wall.date.month.padded(2))-\(wall.date.day.padded(2))"
        let time = "\(wall.hour.padded(2)):\(wall.minute.padded(2)):\(wall.second.padded(2))"
        return "\(date)T\(time)\(fraction.asFraction(digits: 6))Z"
    }

    private static func year(_ year: Int) -> String {
        if (0...9999).contains(year) { return year.padded(4) }
        return (year < 0 ? "-" : "+") + abs(year).padded(6)
    }
}

extension Int {
    /// Decimal digits with zeros before them up to `width`; for numbers that are not negative.
    func padded(_ width: Int) -> String {
        let digits = String(self)
        return String(repeating: "0", count: Swift.max(0, width - digits.utf8.count)) + digits
    }

    /// `.25` for 250000 of 6 digits; empty for zero.
    func asFraction(digits: Int) -> String {
        guard self != 0 else { return "" }
        var text = padded(digits)[...]
        while text.last == "0" { text.removeLast() }
        return "." + text
    }
}

/// Walks over the bytes of a time of fixed layout.
private struct DigitScanner {
    private var rest: [UInt8].SubSequence

    init(_ bytes: some Sequence<UInt8>) {
        // The longest text worth reading; more could only be digits of a fraction.
        rest = Array(bytes.prefix(64))[...]
    }

    var isAtEnd: Bool { rest.isEmpty }

    /// Seconds since 1970-01-01T00:00:00 on the clock of the text.
    mutating func wallTime() -> Int? {
        guard let year = number(4), take("-"), let month = number(2), take("-"), let day = number(2),
            take("T") || take("t") || take(" "),
            let hour = number(2), take(":"), let minute = number(2), take(":"), let second = number(2)
        else { return nil }
        let date = CivilDate(year: year, month: month, day: day)
        let wall = CivilTime(date, hour: hour, minute: minute, second: second)
        return wall.isValid ? wall.secondsSinceEpoch : nil
    }

    /// Microseconds; 0 where there is no fraction, nil where it has no digit.
    mutating func fraction() -> Int? {
        guard take(".") else { return 0 }
        var value = 0
        var digits = 0
        while let digit = number(1) {
            if digits < 6 { value = value * 10 + digit }
            digits += 1
        }
        guard digits > 0 else { return nil }
        for _ in min(digits, 6)..<6 { value *= 10 }
        return value
    }

    /// Seconds east of UTC.
    mutating func offset() -> Int? {
        if take("Z") || take("z") { return 0 }
        let east = take("+")
        guard east || take("-"), let hours = number(2), hours < 24, take(":"), let minutes = number(2), minutes < 60
        else { return nil }
        return (hours * 3600 + minutes * 60) * (east ? 1 : -1)
    }

    private mutating func number(_ digits: Int) -> Int? {
        let part = rest.prefix(digits)
        guard part.count == digits, part.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return nil }
        rest = rest.dropFirst(digits)
        return part.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: character) else { return false }
        rest = rest.dropFirst()
        return true
    }
}
