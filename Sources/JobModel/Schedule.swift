/// When a job is due: the compiled form of a `ScheduleSpec`. A value without a clock; may be asked from any thread.
package struct Schedule: Hashable, Sendable {
    private enum Rule: Hashable {
        case never
        case once(Instant)
        case grid(anchor: Instant, microseconds: Int64)
        case calendar(CronExpression, ZoneRules)
    }

    private let rule: Rule

    /// `anchor` is where the grid of `every` and `@every` starts. `zones` gives the rules of an IANA zone, nil when there is
    /// no such zone; it is not asked for `UTC`. Refuses texts that cannot be read or can never fire, unknown zones, and
    /// intervals under a millisecond.
    package init(
        _ spec: ScheduleSpec, anchor: Instant, zones: (String) -> ZoneRules?
    ) throws(ScheduleError) {
        switch spec {
        case .none: rule = .never
        case .at(let instant): rule = .once(instant)
        case .every(let interval): rule = .grid(anchor: anchor, microseconds: try Schedule.checked(interval))
        case .cron(let text, let zone): rule = try Schedule.compiled(text, zone, anchor, zones)
        }
    }

    /// The first instant after another at which the job is due; nil: never again.
    package func next(after instant: Instant) -> Instant? {
        switch rule {
        case .never: nil
        case .once(let due): due > instant ? due : nil
        case .grid(let anchor, let step): Schedule.gridPoint(after: instant, anchor, step)
        case .calendar(let expression, let zone): expression.next(after: instant, in: zone)
        }
    }

    /// The last instant before another at which the job was due; nil: never before it.
    package func previous(before instant: Instant) -> Instant? {
        switch rule {
        case .never: nil
        case .once(let due): due < instant ? due : nil
        case .grid(let anchor, let step): Schedule.gridPoint(before: instant, anchor, step)
        case .calendar(let expression, let zone): expression.previous(before: instant, in: zone)
        }
    }

    /// How many instants lie after one instant and not after another: as many as `next` enumerates, computed and not
    /// stepped through.
    package func count(after start: Instant, through end: Instant) -> Int {
        guard start < end else { return 0 }
        return switch rule {
        case .never: 0
        case .once(let due): due > start && due <= end ? 1 : 0
        case .grid(let anchor, let step):
            Int(
                clamping: Schedule.gridSteps(through: end, anchor, step)
                    - Schedule.gridSteps(through: start, anchor, step))
        case .calendar(let expression, let zone): expression.count(after: start, through: end, in: zone)
        }
    }
}

extension Schedule {
    private static func checked(_ interval: Duration) throws(ScheduleError) -> Int64 {
        guard interval >= .milliseconds(1) else {
            throw ScheduleError(text: interval.berthText, position: 0, reason: "an interval is 1ms or more")
        }
        return interval.microseconds
    }

    private static func compiled(
        _ text: String, _ zone: String?, _ anchor: Instant, _ zones: (String) -> ZoneRules?
    ) throws(ScheduleError) -> Rule {
        let cron = try CronText(text)
        let name = cron.zone ?? zone ?? ZoneRules.utc.name
        guard let rules = name == ZoneRules.utc.name ? .utc : ZoneRules.isName(name) ? zones(name) : nil else {
            let inText = cron.zone != nil
            throw ScheduleError(
                text: inText ? text : name, position: inText ? cron.zonePosition : 0,
                reason: "no zone is called \"\(name)\"; names are like Europe/Berlin, and come with the tzdata package")
        }
        switch cron.rule {
        case .calendar(let expression): return .calendar(expression, rules)
        case .every(let interval): return .grid(anchor: anchor, microseconds: interval.microseconds)
        }
    }

    /// The first of anchor + step, anchor + 2 × step … after an instant.
    private static func gridPoint(after instant: Instant, _ anchor: Instant, _ step: Int64) -> Instant? {
        gridPoint(gridSteps(through: instant, anchor, step) + 1, anchor, step)
    }

    private static func gridPoint(before instant: Instant, _ anchor: Instant, _ step: Int64) -> Instant? {
        guard instant > .distantPast else { return nil }
        let steps = gridSteps(through: instant + .microseconds(-1), anchor, step)
        return steps > 0 ? gridPoint(steps, anchor, step) : nil
    }

    /// How many of them are not after an instant.
    private static func gridSteps(through instant: Instant, _ anchor: Instant, _ step: Int64) -> Int128 {
        max(0, Int128(instant.microseconds) - Int128(anchor.microseconds)) / Int128(step)
    }

    private static func gridPoint(_ steps: Int128, _ anchor: Instant, _ step: Int64) -> Instant? {
        Int64(exactly: Int128(anchor.microseconds) + steps * Int128(step)).map(Instant.init(microseconds:))
    }
}
