/// Tells the days of a month in plain words: `on Mondays`, `on the 1st and on the last day of the month`.
struct DayWords {
    private let days: WallDays

    init(_ days: WallDays) {
        self.days = days
    }

    var text: String {
        let byDay = isEveryDay ? nil : dates
        let byWeekday = isEveryWeekday ? nil : weekdays
        switch (byDay, byWeekday) {
        case (nil, nil): return Self.always
        // Either is enough, and one of them always holds.
        case (nil, _) where !days.both, (_, nil) where !days.both: return Self.always
        case (let date?, nil): return "on \(date)"
        case (nil, let weekday?): return weekday
        case (let date?, let weekday?):
            return days.both ? "on \(date), if that is \(condition)" : "on \(date), and also \(weekday)"
        }
    }

    /// Every day of every month.
    var isAlways: Bool { text == Self.always }

    private static let always = "every day"

    private var isEveryDay: Bool { days.days == WallDays.allDays }
    private var isEveryWeekday: Bool { days.weekdays == WallDays.allWeekdays }

    private static let names = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]

    // MARK: Days of the month

    private var dates: String {
        let special =
            (lastDays.map { [$0] } ?? days.fromEnd.members.map(Self.fromEnd))
            + days.nearest.members.map { "the weekday nearest the \(Words.ordinal($0))" }
            + (days.lastWorkday ? ["the last weekday"] : [])
        return Words.list((days.days == 0 ? [] : [plainDates]) + special) + " of the month"
    }

    private var plainDates: String {
        let members = days.days.members
        if let steps = Steps(members), steps.by > 1 {
            return "every \(Words.ordinal(steps.by)) day from the \(Words.ordinal(steps.first)) through the "
                + Words.ordinal(steps.last)
        }
        return "the " + Words.runs(members, Words.ordinal)
    }

    /// All of the last days, where there are several.
    private var lastDays: String? {
        let count = days.fromEnd.nonzeroBitCount
        return count > 1 && days.fromEnd == 1 << UInt32(count) - 1 ? "the last \(count) days" : nil
    }

    private static func fromEnd(_ back: Int) -> String {
        switch back {
        case 0: "the last day"
        case 1: "the last day but one"
        default: "the \(Words.ordinal(back)) day before the last"
        }
    }

    // MARK: Weekdays

    private var weekdays: String {
        let plain = days.weekdays == 0 ? nil : plainWeekdays
        return Words.list([plain, numberedWeekdays.map { "on \($0) of the month" }].compactMap(\.self))
    }

    private var plainWeekdays: String {
        let run = mondayFirst
        if run.count > 2, let first = run.first, let last = run.last, Runs.of(run).count == 1 {
            return "\(Self.name(first)) through \(Self.name(last))"
        }
        return "on " + Words.list(run.map { Self.name($0) + "s" })
    }

    /// `the 2nd Monday and the last Friday`
    private var numberedWeekdays: String? {
        let numbered = days.numbered.members.map { "the \(Words.ordinal($0 / 7 + 1)) \(Self.names[$0 % 7])" }
        let all = numbered + days.lasts.members.map { "the last \(Self.names[$0])" }
        return all.isEmpty ? nil : Words.list(all)
    }

    /// What a date has to be.
    private var condition: String {
        let plain = mondayFirst.map { "a \(Self.name($0))" }
        return Words.list(plain + (numberedWeekdays.map { [$0] } ?? []), "or")
    }

    /// 0 is Monday.
    private var mondayFirst: [Int] { (0..<7).filter { days.weekdays.has(($0 + 1) % 7) } }

    private static func name(_ fromMonday: Int) -> String { names[(fromMonday + 1) % 7] }
}
