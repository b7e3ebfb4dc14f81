/// When a job is due: the compiled form of a `ScheduleSpec`. A value without a clock; may be asked from any thread.
package struct Schedule: Hashable, Sendable {
    enum Rule: Hashable {
        case never
        case once(Instant)
        case grid(anchor: Instant, microseconds: Int64)
        case afterEnd(anchor: Instant, microseconds: Int64)
        case wall(WallRule, ZoneRules, ClockChange)
    }

    let rule: Rule

    /// `anchor` is where the grid of `every` and `@every` starts. `zones` gives the rules of an IANA zone, nil when there is
    /// no such zone; it is not asked for `UTC`. Refuses texts that cannot be read or can never fire, unknown zones, and
    /// intervals under a millisecond.
    package init(
        _ spec: ScheduleSpec, anchor: Instant, zones: (String) -> ZoneRules?
    ) throws(ScheduleError) {
        let reading = try ScheduleReading(spec)
        let rules = try Schedule.rules(reading.zone, zones)
        rule =
            switch reading.rule {
            case .never: .never
            case .once(let instant): .once(instant)
            case .every(let interval, .anchor): .grid(anchor: anchor, microseconds: interval.microseconds)
            case .every(let interval, .end): .afterEnd(anchor: anchor, microseconds: interval.microseconds)
            case .wall(let rule): .wall(rule, rules, reading.change)
            }
    }

    private static func rules(
        _ zone: ZoneReading?, _ zones: (String) -> ZoneRules?
    ) throws(ScheduleError) -> ZoneRules {
        guard let zone else { return .utc }
        guard ZoneRules.isName(zone.name), let rules = zones(zone.name) else { throw zone.unknown }
        return rules
    }

    /// The first instant after another at which the job is due; nil: never again. Where intervals are counted from the end
    /// of runs, `instant` is such an end.
    package func next(after instant: Instant) -> Instant? {
        switch rule {
        case .never: nil
        case .once(let due): due > instant ? due : nil
        case .grid(let anchor, let step): Grid(anchor, step).first(after: instant)
        case .afterEnd(let anchor, let step): Grid(max(anchor, instant), step).first(after: .distantPast)
        case .wall(let rule, let zone, let change): rule.next(after: instant, in: zone, clockChange: change)
        }
    }

    /// The last instant before another at which the job was due; nil: never before. Nil also where intervals are counted
    /// from the end of runs: only the runs know.
    package func previous(before instant: Instant) -> Instant? {
        switch rule {
        case .never, .afterEnd: nil
        case .once(let due): due < instant ? due : nil
        case .grid(let anchor, let step): Grid(anchor, step).last(before: instant)
        case .wall(let rule, let zone, let change): rule.previous(before: instant, in: zone, clockChange: change)
        }
    }

    /// How many times the job is due after one instant and up to another, the second included: what `next` enumerates,
    /// found without stepping. At most once where intervals are counted from the end of runs.
    package func count(after start: Instant, through end: Instant) -> Int {
        guard start < end else { return 0 }
        switch rule {
        case .never: return 0
        case .once, .afterEnd: return next(after: start).map { $0 <= end ? 1 : 0 } ?? 0
        case .grid(let anchor, let step):
            let grid = Grid(anchor, step)
            return grid.count(through: end) - grid.count(through: start)
        case .wall(let rule, let zone, let change):
            return rule.count(after: start, through: end, in: zone, clockChange: change)
        }
    }

    /// The last times, at most `most` of them and rising, at which the job is due after one instant and up to another, the
    /// second included.
    package func last(_ most: Int, after start: Instant, through end: Instant) -> [Instant] {
        guard start < end, most > 0 else { return [] }
        if case .afterEnd = rule { return next(after: start).map { $0 <= end ? [$0] : [] } ?? [] }
        let latest = sequence(first: end + .microseconds(1)) { previous(before: $0) }.dropFirst()
        return latest.prefix(most).prefix { $0 > start }.reversed()
    }

    /// Intervals are counted from the end of the job's last run: `next(after:)` wants that end.
    package var isCountedFromEnd: Bool {
        if case .afterEnd = rule { true } else { false }
    }
}

/// anchor + step, anchor + 2 × step …
private struct Grid {
    let anchor: Int128
    let step: Int128

    init(_ anchor: Instant, _ step: Int64) {
        self.anchor = Int128(anchor.microseconds)
        self.step = Int128(step)
    }

    func first(after instant: Instant) -> Instant? { point(count(to: Int128(instant.microseconds)) + 1) }

    func last(before instant: Instant) -> Instant? {
        let number = count(to: Int128(instant.microseconds) - 1)
        return number > 0 ? point(number) : nil
    }

    func count(through instant: Instant) -> Int { Int(clamping: count(to: Int128(instant.microseconds))) }

    private func count(to microseconds: Int128) -> Int128 {
        microseconds > anchor ? (microseconds - anchor) / step : 0
    }

    private func point(_ number: Int128) -> Instant? {
        Int64(exactly: anchor + number * step).map(Instant.init(microseconds:))
    }
}
