extension WallRule {
    /// A cron text with this meaning under robfig's day rule, the same for all texts that mean the same. Nil where cron has
    /// no words for it: times that are no fields, and parts of seconds.
    package var cronText: String? {
        guard case .fields(let hours, let minutes, let seconds) = pattern.times, parts == nil, fillsGaps else {
            return nil
        }
        let openField = isFixed ? nil : openField(hours, minutes, seconds)
        func clock(_ set: UInt64, _ field: CronField) -> String {
            Self.text(set.members, field, isOpen: field.name == openField)
        }
        var fields = [clock(minutes, .minute), clock(hours, .hour), dayText]
        fields += [Self.text(UInt64(pattern.months).members, .month, isOpen: false), weekdayText]
        if seconds != 1 || pattern.years != nil || openField == CronField.second.name {
            fields.insert(clock(seconds, .second), at: 0)
        }
        if let years = pattern.years { fields.append(Self.plain(years)) }
        return fields.joined(separator: " ")
    }

    /// Which field has to begin with a star for the rule to be open, when none is full.
    private func openField(_ hours: UInt64, _ minutes: UInt64, _ seconds: UInt64) -> String? {
        let sets = [(hours, CronField.hour), (minutes, .minute), (seconds, .second)]
        if sets.contains(where: { $0.0.nonzeroBitCount == $0.1.range.count }) { return nil }
        let open = sets.filter { $0.0.has(0) }
        return (open.first { Steps($0.0.members) != nil } ?? open.first)?.1.name
    }

    private static func text(_ values: [Int], _ field: CronField, isOpen: Bool) -> String {
        let count = field.range.count
        if values.count == count { return "*" }
        guard isOpen, let lowest = values.first else { return plain(values) }
        if let steps = Steps(values), steps.last + steps.by > field.range.upperBound { return "*/\(steps.by)" }
        // A step over the whole field leaves its lowest value, and the star that opens it.
        let rest = values.filter { $0 != lowest }
        return "*/\(count)" + (rest.isEmpty ? "" : "," + plain(rest))
    }

    private static func plain(_ values: [Int]) -> String {
        if let steps = Steps(values), steps.by > 1 { return "\(steps.first)-\(steps.last)/\(steps.by)" }
        return Runs.of(values).map { run in
            run.count > 2 ? "\(run.lowerBound)-\(run.upperBound)" : run.map(String.init).joined(separator: ",")
        }.joined(separator: ",")
    }

    private var dayText: String {
        let days = pattern.days
        let special =
            days.fromEnd.members.map { $0 == 0 ? "L" : "L-\($0)" } + days.nearest.members.map { "\($0)W" }
            + (days.lastWorkday ? ["LW"] : [])
        let plain = days.days == WallDays.allDays && days.both ? "*" : Self.plain(days.days.members)
        return ((plain.isEmpty ? [] : [plain]) + special).joined(separator: ",")
    }

    private var weekdayText: String {
        let days = pattern.days
        let special =
            days.numbered.members.map { "\($0 % 7)#\($0 / 7 + 1)" } + days.lasts.members.map { "\($0)L" }
        let isStar = days.weekdays == WallDays.allWeekdays && days.both
        let plain = isStar ? "*" : Self.plain(days.weekdays.members)
        let text = ((plain.isEmpty ? [] : [plain]) + special).joined(separator: ",")
        return days.both && !isStar && days.days != WallDays.allDays ? "+\(text)" : text
    }
}

extension Schedule {
    /// `WallRule.cronText`; nil for schedules that follow no wall clock, too.
    package var cronText: String? {
        if case .wall(let rule, _, _) = rule { rule.cronText } else { nil }
    }
}
