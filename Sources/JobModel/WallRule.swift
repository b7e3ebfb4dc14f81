/// What a schedule asks of a zone's wall clock: the compiled form of a cron or calendar text without its zone.
package struct WallRule: Hashable, Sendable {
    let pattern: WallPattern
    /// No second, minute or hour is open: neither starred nor the whole range.
    var isFixed: Bool
    /// A fixed time that a gap swallows comes at the gap's end, where the clock change is treated civilly.
    var fillsGaps = true
    /// Set where the seconds have parts; `pattern` then has the seconds that hold any.
    var parts: SecondParts?

    /// The first fire after an instant; a whole second unless the text has parts of seconds. Nil when there is none within
    /// 60 years or, where the text names years, within those.
    package func next(
        after instant: Instant, in zone: ZoneRules, clockChange: ClockChange = .civil
    ) -> Instant? {
        let (second, rest) = instant.split
        let search = search(zone, clockChange)
        if let parts, search.matches(second), let part = parts.first(from: rest + 1, inSecondOf: zone.wall(second)) {
            return Instant(second: second, part)
        }
        return search.next(after: second).flatMap {
            Instant(second: $0, parts?.first(from: 0, inSecondOf: zone.wall($0)) ?? 0)
        }
    }

    /// The last fire before an instant; else like `next`.
    package func previous(
        before instant: Instant, in zone: ZoneRules, clockChange: ClockChange = .civil
    ) -> Instant? {
        let (second, rest) = instant.split
        let search = search(zone, clockChange)
        if let parts, search.matches(second), let part = parts.last(through: rest - 1, inSecondOf: zone.wall(second)) {
            return Instant(second: second, part)
        }
        return search.previous(before: rest == 0 || parts != nil ? second : second + 1).flatMap {
            Instant(second: $0, parts?.last(through: 999_999, inSecondOf: zone.wall($0)) ?? 0)
        }
    }

    /// How many fires there are after one instant and up to another, the second included. Costs by the months between
    /// them, not by the fires.
    package func count(
        after start: Instant, through end: Instant, in zone: ZoneRules, clockChange: ClockChange = .civil
    ) -> Int {
        guard start < end else { return 0 }
        let search = search(zone, clockChange)
        guard let parts else { return search.count(after: start.split.second, through: end.split.second) }
        let whole = parts.seconds.reduce(0) { sum, second in
            sum + only(second).search(zone, clockChange).count(after: start.split.second, through: end.split.second)
                * parts.count(from: 0, inSecond: second)
        }
        return whole + rest(of: start, search, parts) - rest(of: end, search, parts)
    }

    /// Fires after an instant in its own second.
    private func rest(of instant: Instant, _ search: WallSearch, _ parts: SecondParts) -> Int {
        let (second, rest) = instant.split
        guard search.matches(second) else { return 0 }
        return parts.count(from: rest + 1, inSecond: search.zone.wall(second).flooredRemainder(by: 60))
    }

    private func only(_ second: Int) -> WallRule {
        var pattern = pattern
        pattern.times = pattern.times.only(second: second)
        return WallRule(pattern: pattern, isFixed: isFixed, fillsGaps: fillsGaps)
    }

    private func search(_ zone: ZoneRules, _ clockChange: ClockChange) -> WallSearch {
        let once = isFixed && clockChange == .civil
        return WallSearch(pattern: pattern, zone: zone, oncePerDate: once, fillsGaps: once && fillsGaps)
    }
}

extension ZoneRules {
    /// What the zone's clocks show at a second, in seconds since 1970-01-01T00:00:00 of those clocks.
    func wall(_ second: Int) -> Int { second + span(at: second).offset }
}

extension Instant {
    /// Nil beyond the range of microseconds.
    init?(second: Int, _ microseconds: Int) {
        let (whole, overflow) = second.multipliedReportingOverflow(by: 1_000_000)
        let (sum, beyond) = whole.addingReportingOverflow(microseconds)
        guard !overflow, !beyond else { return nil }
        self.init(microseconds: Int64(sum))
    }

    /// The second that holds it, and the microseconds into that.
    var split: (second: Int, rest: Int) {
        let second = Int(microseconds).flooredQuotient(by: 1_000_000)
        return (second, Int(microseconds).flooredRemainder(by: 1_000_000))
    }
}
