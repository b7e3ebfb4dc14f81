/// A zone's rule for every year to come: the POSIX `TZ` text in the footer of a zone file, such as
/// `CET-1CEST,M3.5.0,M10.5.0/3`, with the extensions of RFC 9636 (hours from -167 to 167).
struct YearlyRule: Hashable {
    /// Seconds east of UTC outside of daylight saving time.
    var standardOffset: Int
    var daylight: Daylight?

    struct Daylight: Hashable {
        var offset: Int
        var begins: YearlyMoment
        var ends: YearlyMoment
    }

    init?(posix text: some Sequence<UInt8>) {
        var reader = PosixRuleReader(bytes: Array(text)[...])
        guard reader.name(), let west = reader.clock(hours: 24) else { return nil }
        standardOffset = -west
        if reader.isAtEnd { return }
        guard reader.name() else { return nil }
        let saved = reader.isAtComma ? standardOffset + 3600 : reader.clock(hours: 24).map { -$0 }
        guard let saved, let begins = reader.moment(), let ends = reader.moment(), reader.isAtEnd else { return nil }
        daylight = Daylight(offset: saved, begins: begins, ends: ends)
    }

    /// The span that holds a second, as if the rule had always been in force.
    func span(at second: Int) -> ZoneSpan {
        let always = ZoneSpan.always
        guard let daylight else {
            return ZoneSpan(
                start: always.lowerBound, end: always.upperBound, offset: standardOffset, offsetBefore: standardOffset)
        }
        let year = CivilDate(daysSinceEpoch: second.flooredQuotient(by: 86_400)).year
        // A moment may lie up to a week outside of its year.
        let changes = (year - 2...year + 2).flatMap { self.changes(in: $0, daylight) }.sorted { $0.at < $1.at }
        let next = changes.firstIndex { $0.at > second } ?? changes.count
        guard next > 1, next < changes.count else {
            return ZoneSpan(
                start: always.lowerBound, end: always.upperBound, offset: standardOffset, offsetBefore: standardOffset)
        }
        return ZoneSpan(
            start: changes[next - 1].at, end: changes[next].at, offset: changes[next - 1].offset,
            offsetBefore: changes[next - 2].offset)
    }

    /// The changes after another one, up to a year; none where they do not strictly rise, as those of a zone with daylight
    /// saving all year.
    func transitions(after last: ZoneTransition, through year: Int) -> [ZoneTransition] {
        let first = CivilDate(daysSinceEpoch: last.at.flooredQuotient(by: 86_400)).year
        guard let daylight, first <= year, first > 1800 else { return [] }
        let all = (first - 1...year).flatMap { changes(in: $0, daylight) }.sorted { $0.at < $1.at }
        guard zip(all, all.dropFirst()).allSatisfy({ $0.at < $1.at }) else { return [] }
        return all.filter { $0.at > last.at }
    }

    private func changes(in year: Int, _ daylight: Daylight) -> [ZoneTransition] {
        [
            ZoneTransition(at: daylight.begins.wall(in: year) - standardOffset, offset: daylight.offset),
            ZoneTransition(at: daylight.ends.wall(in: year) - daylight.offset, offset: standardOffset),
        ]
    }
}

/// A moment of every year, by the wall clock before the change.
struct YearlyMoment: Hashable {
    enum Day: Hashable {
        /// 1 to 365; 29 February is never counted.
        case withoutLeapDay(Int)
        /// 0 to 365.
        case ofYear(Int)
        /// The `week`-th (5: the last) of a weekday (0: Sunday) in a month.
        case weekday(month: Int, week: Int, weekday: Int)
    }

    var day: Day
    /// Seconds after the day's midnight; may be negative or more than a day.
    var time: Int

    /// Seconds since 1970-01-01T00:00:00 on the wall clock.
    func wall(in year: Int) -> Int {
        dayNumber(in: year) * 86_400 + time
    }

    private func dayNumber(in year: Int) -> Int {
        let newYear = CivilDate(year: year, month: 1, day: 1).daysSinceEpoch
        switch day {
        case .withoutLeapDay(let number):
            return newYear + number - 1 + (CivilDate.isLeap(year) && number >= 60 ? 1 : 0)
        case .ofYear(let number):
            return newYear + number
        case .weekday(let month, let week, let weekday):
            let first = CivilDate(year: year, month: month, day: 1).daysSinceEpoch
            let offset = (weekday - CivilDate.weekday(ofDay: first)).flooredRemainder(by: 7) + (week - 1) * 7
            return first + (offset < CivilDate.days(inMonth: month, of: year) ? offset : offset - 7)
        }
    }
}

private struct PosixRuleReader {
    var bytes: [UInt8].SubSequence

    var isAtEnd: Bool { bytes.isEmpty }
    var isAtComma: Bool { bytes.first == UInt8(ascii: ",") }

    /// `CET` or `<+0330>`: three bytes or more; only passed over.
    mutating func name() -> Bool {
        if take("<") {
            guard let end = bytes.firstIndex(of: UInt8(ascii: ">")), end - bytes.startIndex >= 3 else { return false }
            bytes = bytes[(end + 1)...]
            return true
        }
        let letters = bytes.prefix { ($0 | 0x20) >= UInt8(ascii: "a") && ($0 | 0x20) <= UInt8(ascii: "z") }
        bytes = bytes.dropFirst(letters.count)
        return letters.count >= 3
    }

    /// `[+-]h[:m[:s]]` in seconds.
    mutating func clock(hours most: Int) -> Int? {
        let negative = take("-")
        if !negative { _ = take("+") }
        guard var seconds = number(upTo: most).map({ $0 * 3600 }) else { return nil }
        for unit in [60, 1] where take(":") {
            guard let part = number(upTo: 59) else { return nil }
            seconds += part * unit
        }
        return negative ? -seconds : seconds
    }

    /// `,M3.5.0/2`, `,J60`, `,59`: comma, day, and the time if it is not two o'clock.
    mutating func moment() -> YearlyMoment? {
        guard take(","), let day = day() else { return nil }
        guard take("/") else { return YearlyMoment(day: day, time: 7200) }
        return clock(hours: 167).map { YearlyMoment(day: day, time: $0) }
    }

    private mutating func day() -> YearlyMoment.Day? {
        if take("J") {
            guard let number = number(upTo: 365), number >= 1 else { return nil }
            return .withoutLeapDay(number)
        }
        guard take("M") else { return number(upTo: 365).map { .ofYear($0) } }
        guard let month = number(upTo: 12), month >= 1, take("."), let week = number(upTo: 5), week >= 1, take("."),
            let weekday = number(upTo: 6)
        else { return nil }
        return .weekday(month: month, week: week, weekday: weekday)
    }

    private mutating func number(upTo most: Int) -> Int? {
        let digits = bytes.prefix { $0 >= 0x30 && $0 <= 0x39 }
        guard !digits.isEmpty, digits.count <= 4 else { return nil }
        bytes = bytes.dropFirst(digits.count)
        let value = digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
        return value <= most ? value : nil
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard bytes.first == UInt8(ascii: character) else { return false }
        bytes = bytes.dropFirst()
        return true
    }
}
