/// Reads the texts of `daily`, `weekly` and `monthly`.
struct PlainTimesReader {
    private var reader: ByteReader

    /// The rule that a text of one of these kinds means. Refusals name positions in the text.
    static func rule(daily text: String) throws(Refusal) -> WallRule {
        var reader = try PlainTimesReader(text)
        return WallRule(
            days: WallDays(days: WallDays.allDays, weekdays: WallDays.allWeekdays), times: try reader.times())
    }

    static func rule(weekly text: String) throws(Refusal) -> WallRule {
        var reader = try PlainTimesReader(text)
        let weekdays = try reader.weekdays()
        return WallRule(days: WallDays(days: WallDays.allDays, weekdays: weekdays), times: try reader.times())
    }

    static func rule(monthly text: String) throws(Refusal) -> WallRule {
        var reader = try PlainTimesReader(text)
        var days = try reader.days()
        days.weekdays = WallDays.allWeekdays
        return WallRule(days: days, times: try reader.times())
    }

    private init(_ text: String) throws(Refusal) {
        reader = try ByteReader(text)
        guard reader.position == 0 else { throw Refusal(position: 0, reason: "it begins with a blank") }
    }

    /// `09:00` or `09:00,17:30`, to the end.
    private mutating func times() throws(Refusal) -> [Int] {
        var times: Set<Int> = []
        repeat {
            reader.skipBlanks()
            times.insert(try time())
        } while reader.take(",")
        guard reader.isAtEnd else {
            throw Refusal(position: reader.position, reason: "unexpected \(reader.found) after a time such as 09:00")
        }
        return times.sorted()
    }

    private mutating func time() throws(Refusal) -> Int {
        let start = reader.position
        let rule = "expected a time such as 09:00: an hour to 23, a colon, two digits of minutes"
        guard let hour = reader.number(), reader.position - start <= 2, reader.take(":") else {
            throw Refusal(position: start, reason: rule)
        }
        let minuteStart = reader.position
        guard let minute = reader.number(), reader.position - minuteStart == 2, hour < 24, minute < 60 else {
            throw Refusal(position: start, reason: rule)
        }
        return hour * 3600 + minute * 60
    }

    /// `MON,FRI` or `MON-FRI`, and the blank after them; bits from Sunday.
    private mutating func weekdays() throws(Refusal) -> UInt32 {
        var mask: UInt32 = 0
        repeat {
            let first = try weekday()
            let last = reader.take("-") ? try weekday() : first
            for number in 0...(last - first + 7) % 7 { mask |= 1 << UInt32((first + number) % 7) }
        } while reader.take(",")
        try blank("weekdays such as MON,FRI")
        return mask
    }

    private mutating func weekday() throws(Refusal) -> Int {
        let start = reader.position
        guard let number = CronField.weekday.names.firstIndex(of: reader.word()) else {
            throw Refusal(position: start, reason: "expected a weekday: MON TUE WED THU FRI SAT SUN")
        }
        return number
    }

    /// `1,15,-1`: days from the start of the month, negative ones from its end; and the blank after them.
    private mutating func days() throws(Refusal) -> WallDays {
        var days = WallDays()
        repeat {
            let start = reader.position
            let back = reader.take("-")
            guard let day = reader.number(), (1...31).contains(day) else {
                throw Refusal(
                    position: start, reason: "expected a day of the month: 1 to 31, or -1 to -31 from its end")
            }
            if back { days.fromEnd |= 1 << UInt32(day - 1) } else { days.days |= 1 << UInt32(day) }
        } while reader.take(",")
        try blank("days such as 1,-1")
        return days
    }

    private mutating func blank(_ what: String) throws(Refusal) {
        guard reader.isAtBlank else {
            throw Refusal(
                position: reader.position, reason: "expected a blank and times after \(what), found \(reader.found)")
        }
    }
}

extension WallRule {
    /// Fixed times on some days of every month.
    fileprivate init(days: WallDays, times: [Int]) {
        self.init(
            pattern: WallPattern(times: .list(times), days: days, months: WallPattern.allMonths, years: nil),
            isFixed: true)
    }
}
