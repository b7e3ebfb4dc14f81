/// Dates and times that a schedule asks of a wall clock, without a zone.
struct WallPattern: Hashable {
    static let allMonths: UInt32 = 0b1_1111_1111_1110

    var times: WallTimes
    var days: WallDays
    /// Bits 1 to 12.
    var months: UInt32
    /// Rising; nil is every year.
    var years: [Int]?

    /// The first matching wall time from one on and before another, in seconds since 1970-01-01T00:00:00 of that clock.
    func first(from wall: Int, before end: Int) -> Int? {
        guard wall < end else { return nil }
        let day = wall.flooredQuotient(by: 86_400)
        if isOn(day), let time = times.first(from: wall - day * 86_400) {
            return day * 86_400 + time < end ? day * 86_400 + time : nil
        }
        guard let next = firstDay(from: day + 1, through: (end - 1).flooredQuotient(by: 86_400)),
            let time = times.first(from: 0), next * 86_400 + time < end
        else { return nil }
        return next * 86_400 + time
    }

    /// The last matching wall time from `start` on and before `end`.
    func last(from start: Int, before end: Int) -> Int? {
        guard start < end else { return nil }
        let wall = end - 1
        let day = wall.flooredQuotient(by: 86_400)
        if isOn(day), let time = times.last(through: wall - day * 86_400) {
            return day * 86_400 + time >= start ? day * 86_400 + time : nil
        }
        guard let previous = lastDay(through: day - 1, from: start.flooredQuotient(by: 86_400)),
            let time = times.last(through: 86_399), previous * 86_400 + time >= start
        else { return nil }
        return previous * 86_400 + time
    }

    /// Whether some day of some year matches. Weekdays and leap years repeat after 28 years.
    var canMatch: Bool {
        (years ?? Array(2000..<2028)).contains { year in
            (1...12).contains { months.has($0) && days.mask(year: year, month: $0) != 0 }
        }
    }

    /// How many matching wall times there are from one on and before another. Costs by the months between them.
    func count(from start: Int, before end: Int) -> Int {
        guard start < end else { return 0 }
        let first = start.flooredQuotient(by: 86_400)
        let last = end.flooredQuotient(by: 86_400)
        return days(from: first, before: last) * times.count
            + (isOn(last) ? times.count(before: end - last * 86_400) : 0)
            - (isOn(first) ? times.count(before: start - first * 86_400) : 0)
    }

    /// Matching days. The calendar repeats itself every 400 years, weekdays included.
    private func days(from first: Int, before last: Int) -> Int {
        let cycle = 146_097
        guard years == nil, last - first > cycle else { return daysByMonth(from: first, before: last) }
        let rest = (last - first) % cycle
        return (last - first) / cycle * daysByMonth(from: first, before: first + cycle)
            + daysByMonth(from: first, before: first + rest)
    }

    private func daysByMonth(from first: Int, before last: Int) -> Int {
        guard first < last else { return 0 }
        let start = CivilDate(daysSinceEpoch: first)
        let end = CivilDate(daysSinceEpoch: last)
        var count = 0
        for year in start.year...end.year where years?.contains(year) ?? true {
            let from = year == start.year ? start.month : 1
            let through = year == end.year ? end.month : 12
            for month in from...through where months.has(month) {
                var mask = days.mask(year: year, month: month)
                if year == start.year, month == start.month { mask &= .max << UInt32(start.day) }
                if year == end.year, month == end.month { mask &= ~(.max << UInt32(end.day)) }
                count += mask.nonzeroBitCount
            }
        }
        return count
    }

    func matches(_ wall: Int) -> Bool {
        first(from: wall, before: wall + 1) != nil
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
