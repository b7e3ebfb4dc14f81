/// What a `ScheduleSpec` says before its zone is looked up.
struct ScheduleReading {
    enum Rule {
        case never
        case once(Instant)
        case every(Duration, from: IntervalStart)
        case wall(WallRule)
    }

    var rule: Rule
    /// Nil is UTC.
    var zone: ZoneReading?
    var change: ClockChange

    private init(_ rule: Rule, zone: ZoneReading? = nil, _ change: ClockChange? = nil) {
        self.rule = rule
        self.zone = zone
        self.change = change ?? .civil
    }

    init(_ spec: ScheduleSpec) throws(ScheduleError) {
        switch spec {
        case .none: self.init(.never)
        case .at(let instant): self.init(.once(instant))
        case .every(let interval, let start): try self.init(every: interval, from: start ?? .anchor)
        case .cron(let text, let zone, let dayRule, let change):
            let cron = try CronText(text, dayRule: dayRule ?? .robfig)
            self.init(
                Rule(cron.rule), zone: ZoneReading(cron.zone, in: text, at: cron.zonePosition, else: zone), change)
        case .calendar(let text, let zone, let change):
            let calendar = try CalendarText(text)
            let named = ZoneReading(calendar.zone, in: text, at: calendar.zonePosition, else: zone)
            self.init(.wall(calendar.rule), zone: named, change)
        case .daily(let text, let zone, let change):
            try self.init(text, zone, change, PlainTimesReader.rule(daily:))
        case .weekly(let text, let zone, let change):
            try self.init(text, zone, change, PlainTimesReader.rule(weekly:))
        case .monthly(let text, let zone, let change):
            try self.init(text, zone, change, PlainTimesReader.rule(monthly:))
        }
    }

    private init(every interval: Duration, from start: IntervalStart) throws(ScheduleError) {
        guard interval >= .milliseconds(1) else {
            throw ScheduleError(text: interval.berthText, position: 0, reason: "an interval is 1ms or more")
        }
        self.init(.every(interval, from: start))
    }

    private init(
        _ text: String, _ zone: String?, _ change: ClockChange?, _ read: (String) throws(Refusal) -> WallRule
    ) throws(ScheduleError) {
        do throws(Refusal) {
            self.init(.wall(try read(text)), zone: ZoneReading(else: zone), change)
        } catch {
            throw ScheduleError(text: text, position: error.position, reason: error.reason)
        }
    }
}

extension ScheduleReading.Rule {
    fileprivate init(_ cron: CronText.Rule) {
        switch cron {
        case .fields(let rule): self = .wall(rule)
        case .every(let interval): self = .every(interval, from: .anchor)
        case .never: self = .never
        }
    }
}

/// A zone's name and where it was written, for the refusal of one that does not exist.
struct ZoneReading {
    let name: String
    private let text: String
    private let position: Int

    /// Nil where neither the text nor a field beside it names a zone, or the name is `UTC`.
    init?(_ inText: String? = nil, in text: String = "", at position: Int = 0, else zone: String?) {
        guard let name = inText ?? zone, name != ZoneRules.utc.name else { return nil }
        self.name = name
        self.text = inText == nil ? name : text
        self.position = inText == nil ? 0 : position
    }

    var unknown: ScheduleError {
        ScheduleError(
            text: text, position: position,
            reason: "no zone is called \"\(name)\"; names are like Europe/Berlin, and come with the tzdata package")
    }
}
