/// What a cron text asks of a wall clock, without a zone.
struct CronPattern: Hashable {
    var clock: CronClock
    var days: CronDays
    /// Bits 1 to 12.
    var months: UInt32
    /// Rising; nil is every year.
    var years: [Int]?

    /// The first matching wall time from one on and before another, in seconds since 1970-01-01T00:00:00 of that clock.
    func first(from wall: Int, before end: Int) -> Int? {
        guard wall < end else { return nil }
        let day = wall.flooredQuotient(by: 86_400)
        if isOn(day), let time = clock.first(from: wall - day * 86_400) {
            return day * 86_400 + time < end ? day * 86_400 + time : nil
        }
        guard let next = firstDay(from: day + 1, through: (end - 1).flooredQuotient(by: 86_400)),
            let time = clock.first(from: 0), next * 86_400 + time < end
        else { return nil }
        return next * 86_400 + time
    }

    /// The last matching wall time from `start` on and before `end`.
    func last(from start: Int, before end: Int) -> Int? {
        guard start < end else { return nil }
        let wall = end - 1
        let day = wall.flooredQuotient(by: 86_400)
        if isOn(day), let time = clock.last(through: wall - day * 86_400) {
            return day * 86_400 + time >= start ? day * 86_400 + time : nil
        }
        guard let previous = lastDay(through: day - 1, from: start.flooredQuotient(by: 86_400)),
            let time = clock.last(through: 86_399), previous * 86_400 + time >= start
        else { return nil }
        return previous * 86_400 + time
    }

    /// How many matching wall times lie from `start` on and before `end`. Whole months are counted at a time.
    func count(from start: Int, before end: Int) -> Int {
        guard start < end else { return 0 }
        let first = start.flooredQuotient(by: 86_400)
        let last = end.flooredQuotient(by: 86_400)
        let before = isOn(first) ? clock.count(before: start - first * 86_400) : 0
        let within = isOn(last) ? clock.count(before: end - last * 86_400) : 0
        return dayCount(from: first, before: last) * clock.count(before: 86_400) - before + within
    }

    private func dayCount(from start: Int, before end: Int) -> Int {
        guard start < end else { return 0 }
        var date = CivilDate(daysSinceEpoch: start)
        var day = start
        var count = 0
        while day < end {
            let length = CivilDate.days(inMonth: date.month, of: date.year)
            let lastDay = min(length, date.day + end - day - 1)
            if months.has(date.month), years?.contains(date.year) ?? true {
                count += days.mask(year: date.year, month: date.month).count(from: date.day, through: lastDay)
            }
            day += length - date.day + 1
            date =
                date.month == 12
                ? CivilDate(year: date.year + 1, month: 1, day: 1)
                : CivilDate(year: date.year, month: date.month + 1, day: 1)
        }
        return count
    }

    /// Whether some day of some year matches. Weekdays and leap years repeat after 28 years.
    var canMatch: Bool {
        (years ?? Array(2000..<2028)).contains { year in
            (1...12).contains { months.has($0) && days.mask(year: year, month: $0) != 0 }
        }
    }

    private func isOn(_ day: Int) -> Bool {
        let date = CivilDate(daysSinceEpoch: day)
        return months.has(date.month) && years?.contains(date.year) ?? true
            && days.mask(year: date.year, month: date.month).has(date.day)
    }

    private func firstDay(from day: Int, through end: Int) -> Int? {
        guard day <= end else { return nil }
        let start = CivilDate(daysSinceEpoch: day)
        let final = CivilDate(daysSinceEpoch: end)
        var (year, month, bit) = (start.year, start.month, start.day)
        while year < final.year || (year == final.year && month <= final.month) {
            guard let matching = years == nil ? year : years?.first(where: { $0 >= year }) else { return nil }
            if matching > year { (year, month, bit) = (matching, 1, 1) }
            if months.has(month), let found = days.mask(year: year, month: month).first(from: bit) {
                let result = CivilDate(year: year, month: month, day: found).daysSinceEpoch
                return result <= end ? result : nil
            }
            (year, month, bit) = months.first(from: month + 1).map { (year, $0, 1) } ?? (year + 1, months.lowest, 1)
        }
        return nil
    }

    private func lastDay(through day: Int, from end: Int) -> Int? {
        guard day >= end else { return nil }
        let start = CivilDate(daysSinceEpoch: day)
        let final = CivilDate(daysSinceEpoch: end)
        var (year, month, bit) = (start.year, start.month, start.day)
        while year > final.year || (year == final.year && month >= final.month) {
            guard let matching = years == nil ? year : years?.last(where: { $0 <= year }) else { return nil }
            if matching < year { (year, month, bit) = (matching, 12, 31) }
            if months.has(month), let found = days.mask(year: year, month: month).last(through: bit) {
                let result = CivilDate(year: year, month: month, day: found).daysSinceEpoch
                return result >= end ? result : nil
            }
            (year, month, bit) =
                months.last(through: month - 1).map { (year, $0, 31) } ?? (year - 1, months.highest, 31)
        }
        return nil
    }
}
