/// The days of a month that a cron text asks for.
struct WallDays: Hashable {
    static let allDays: UInt32 = 0b1111_1111_1111_1111_1111_1111_1111_1110
    static let allWeekdays: UInt32 = 0b111_1111

    /// Bits 1 to 31.
    var days: UInt32 = 0
    /// Bit n: the day n days before the last (`L`, `L-3`).
    var fromEnd: UInt32 = 0
    /// Bits 1 to 31: the weekday nearest that day, inside the month (`15W`).
    var nearest: UInt32 = 0
    /// The last Monday to Friday (`LW`).
    var lastWorkday = false
    /// Bits 0 (Sunday) to 6.
    var weekdays: UInt32 = 0
    /// Bit (n - 1) * 7 + weekday: the n-th such day (`MON#2`).
    var numbered: UInt64 = 0
    /// Bits 0 to 6: the last such day (`FRIL`).
    var lasts: UInt32 = 0
    /// Both day fields must match; else one is enough.
    var both = true

    /// Bits 1 to 31 of a month.
    func mask(year: Int, month: Int) -> UInt32 {
        let first = CivilDate(year: year, month: month, day: 1).daysSinceEpoch
        let shape = MonthShape(length: CivilDate.days(inMonth: month, of: year), first: CivilDate.weekday(ofDay: first))
        let byDay = dayMask(shape)
        let byWeekday = weekdayMask(shape)
        return (both ? byDay & byWeekday : byDay | byWeekday) & shape.all
    }

    private func dayMask(_ month: MonthShape) -> UInt32 {
        var mask = days
        for back in bits(of: fromEnd) where back < month.length { mask |= 1 << UInt32(month.length - back) }
        for day in bits(of: nearest) where day <= month.length { mask |= 1 << UInt32(month.workday(nearest: day)) }
        if lastWorkday { mask |= 1 << UInt32(month.workday(nearest: month.length)) }
        return mask
    }

    private func weekdayMask(_ month: MonthShape) -> UInt32 {
        var mask: UInt32 = 0
        for weekday in 0..<7 {
            let all = month.days(on: weekday)
            if weekdays >> UInt32(weekday) & 1 == 1 { mask |= all }
            if lasts >> UInt32(weekday) & 1 == 1 { mask |= 1 << UInt32(31 - all.leadingZeroBitCount) }
            for number in 0..<5 where numbered >> UInt64(number * 7 + weekday) & 1 == 1 {
                mask |= all & (0b1111_1110 << UInt32(number * 7))
            }
        }
        return mask
    }

    private func bits(of mask: UInt32) -> some Sequence<Int> {
        (0..<32).lazy.filter { mask >> UInt32($0) & 1 == 1 }
    }
}

/// How many days a month has and on which weekday it begins: all that matters of it.
private struct MonthShape {
    let length: Int
    let first: Int

    var all: UInt32 { UInt32(truncatingIfNeeded: (UInt64(1) << UInt64(length + 1)) - 2) }

    func days(on weekday: Int) -> UInt32 {
        let everySeventh: UInt64 = 1 << 1 | 1 << 8 | 1 << 15 | 1 << 22 | 1 << 29
        return UInt32(truncatingIfNeeded: everySeventh << UInt64((weekday - first + 7) % 7)) & all
    }

    /// Monday to Friday; never leaves the month.
    func workday(nearest day: Int) -> Int {
        switch (first + day - 1) % 7 {
        case 6: day > 1 ? day - 1 : day + 2
        case 0: day < length ? day + 1 : day - 2
        default: day
        }
    }
}
