/// The calendar part of a cron text: 5 to 7 fields, or a word such as `@daily`.
package struct CronExpression: Hashable, Sendable {
    /// How the two day fields work together.
    package enum DayRule: Hashable, Sendable, CaseIterable {
        /// Either is enough, unless a field has an item `*` or `?`.
        case robfig
        /// Either is enough, unless a field begins with `*` or `?`.
        case vixie
        /// Both must match.
        case and
    }

    /// What happens where a zone's clocks are moved.
    package enum ClockChange: Hashable, Sendable, CaseIterable {
        /// A fixed time runs once for each of its dates: at the end of a gap that swallows it, in the first pass of an
        /// hour that comes twice. A schedule with an open second, minute or hour follows the clock.
        case civil
        /// Whatever the clock shows: never in a gap, twice in an hour that comes twice.
        case literal
    }

    let pattern: CronPattern
    /// No second, minute or hour is open: neither starred nor the whole range.
    let isFixed: Bool

    /// The first fire after an instant, always a whole second. Nil when there is none within 60 years or, where the text
    /// names years, within those.
    package func next(
        after instant: Instant, in zone: ZoneRules, clockChange: ClockChange = .civil
    ) -> Instant? {
        let second = Int(instant.microseconds).flooredQuotient(by: 1_000_000)
        return search(zone, clockChange).next(after: second).flatMap(Instant.init(second:))
    }

    /// The last fire before an instant; else like `next`.
    package func previous(
        before instant: Instant, in zone: ZoneRules, clockChange: ClockChange = .civil
    ) -> Instant? {
        let microseconds = Int(instant.microseconds)
        let floor = microseconds.flooredQuotient(by: 1_000_000)
        let second = microseconds.flooredRemainder(by: 1_000_000) == 0 ? floor : floor + 1
        return search(zone, clockChange).previous(before: second).flatMap(Instant.init(second:))
    }

    /// How many fires lie after one instant and not after another: as many as `next` enumerates, without enumerating.
    package func count(
        after start: Instant, through end: Instant, in zone: ZoneRules, clockChange: ClockChange = .civil
    ) -> Int {
        let first = Int(start.microseconds).flooredQuotient(by: 1_000_000) + 1
        let last = Int(end.microseconds).flooredQuotient(by: 1_000_000)
        return search(zone, clockChange).count(from: first, through: last)
    }

    private func search(_ zone: ZoneRules, _ clockChange: ClockChange) -> CronSearch {
        CronSearch(pattern: pattern, zone: zone, oncePerDate: isFixed && clockChange == .civil)
    }
}

extension CronExpression {
    /// `fields` are byte ranges of `bytes`, 5 to 7 of them.
    init(_ bytes: [UInt8], fields: [Range<Int>], dayRule: DayRule) throws(CronRefusal) {
        let withSeconds = fields.count > 5
        var rest = fields[...]
        func read(_ field: CronField, _ range: Range<Int>?) throws(CronRefusal) -> CronFieldValue {
            guard let range else { throw CronRefusal(position: bytes.count, reason: "the \(field.name) is missing") }
            var reader = CronFieldReader(bytes, range, field)
            return try reader.read()
        }
        let second = withSeconds ? try read(.second, rest.popFirst()) : CronFieldValue(values: [0])
        let minute = try read(.minute, rest.popFirst())
        let hour = try read(.hour, rest.popFirst())
        let day = try read(.day, rest.popFirst())
        let month = try read(.month, rest.popFirst())
        let plus = rest.first.map { bytes[$0.lowerBound] == UInt8(ascii: "+") } ?? false
        let weekday = try read(.weekday, rest.popFirst().map { plus ? $0.dropFirst() : $0 })
        let year = rest.isEmpty ? nil : try read(.year, rest.popFirst())

        pattern = CronPattern(
            clock: CronClock(hours: hour.mask(), minutes: minute.mask(), seconds: second.mask()),
            days: CronDays(day, weekday, both: plus || CronExpression.mustMatchBoth(day, weekday, dayRule)),
            months: UInt32(month.mask()),
            years: year.flatMap { $0.hasStar ? nil : $0.values.sorted() })
        isFixed = !(second.isOpen(of: 60) || minute.isOpen(of: 60) || hour.isOpen(of: 24))
        guard pattern.canMatch else {
            throw CronRefusal(position: fields[withSeconds ? 3 : 2].lowerBound, reason: "no such date ever comes")
        }
    }

    private static func mustMatchBoth(_ day: CronFieldValue, _ weekday: CronFieldValue, _ rule: DayRule) -> Bool {
        switch rule {
        case .robfig: day.hasStar || weekday.hasStar
        case .vixie: day.beginsWithStar || weekday.beginsWithStar
        case .and: true
        }
    }
}

extension CronFieldValue {
    fileprivate func isOpen(of count: Int) -> Bool { hasOpenItem || values.count == count }
}

extension CronDays {
    fileprivate init(_ day: CronFieldValue, _ weekday: CronFieldValue, both: Bool) {
        self = day.special
        days = UInt32(day.mask())
        weekdays = UInt32(weekday.mask())
        numbered = weekday.special.numbered
        lasts = weekday.special.lasts
        self.both = both
    }
}

extension Instant {
    /// Nil beyond the range of microseconds.
    fileprivate init?(second: Int) {
        let (microseconds, overflow) = second.multipliedReportingOverflow(by: 1_000_000)
        guard !overflow else { return nil }
        self.init(microseconds: Int64(microseconds))
    }
}
