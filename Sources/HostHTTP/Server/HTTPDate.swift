import JobModel

extension Instant {
    /// As HTTP wants it: `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, 5.6.7).
    var httpDate: String {
        let (quotient, rest) = microseconds.quotientAndRemainder(dividingBy: 1_000_000)
        let time = CivilTime(secondsSinceEpoch: Int(rest < 0 ? quotient - 1 : quotient))
        let weekday = Self.weekdays[CivilDate.weekday(ofDay: time.date.daysSinceEpoch)]
        let clock = [time.hour, time.minute, time.second].map(Self.twoDigits).joined(separator: ":")
        let day = Self.twoDigits(time.date.day)
        return "\(weekday), \(day) \(Self.months[time.date.month - 1]) \(time.date.year) \(clock) GMT"
    }

    private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    private static func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
