/// One kind of field in a cron text.
struct CronField {
    let name: String
    let range: ClosedRange<Int>
    /// Spelled in lower case; the first stands for the lowest value of the range.
    var names: [String] = []
    /// A range may run over the end of the field, as in `22-2`.
    var wraps = true

    static let second = CronField(name: "second", range: 0...59)
    static let minute = CronField(name: "minute", range: 0...59)
    static let hour = CronField(name: "hour", range: 0...23)
    static let day = CronField(name: "day of month", range: 1...31)
    static let month = CronField(
        name: "month", range: 1...12,
        names: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"])
    /// 7 is Sunday too, which `CronFieldReader` knows.
    static let weekday = CronField(
        name: "day of week", range: 0...6, names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"])
    static let year = CronField(name: "year", range: 1970...2199, wraps: false)

    var isDay: Bool { name == CronField.day.name }
    var isWeekday: Bool { name == CronField.weekday.name }
    /// What may be written; the weekday's 7 included.
    var writable: ClosedRange<Int> { isWeekday ? 0...7 : range }
}

/// What one field says.
struct CronFieldValue {
    var values: Set<Int> = []
    /// An item is `*` or `?` without a step, or with step 1: robfig's star bit.
    var hasStar = false
    /// The text begins with `*` or `?`: vixie's star bit.
    var beginsWithStar = false
    /// An item begins with `*` or `?`.
    var hasOpenItem = false

    /// The days that depend on the month.
    var special = WallDays()

    func mask() -> UInt64 { values.reduce(0) { $0 | 1 << UInt64($1) } }
}
