/// What may be written in a part of an OnCalendar text.
enum CalendarField {
    case year, month, day, dayFromEnd, hour, minute, second, anything

    var name: String {
        switch self {
        case .year: "year"
        case .month: "month"
        case .day: "day"
        case .dayFromEnd: "day before the month's end"
        case .hour: "hour"
        case .minute: "minute"
        case .second: "second"
        case .anything: "number"
        }
    }

    var first: Int {
        switch self {
        case .year: 1970
        case .month, .day, .dayFromEnd: 1
        case .hour, .minute, .second, .anything: 0
        }
    }

    var last: Int {
        switch self {
        case .year: 2199
        case .month: 12
        case .day: 31
        case .dayFromEnd: 28
        case .hour: 23
        case .minute: 59
        case .second: 60_000_000 - 1
        case .anything: .max / 2
        }
    }

    var isSecond: Bool { self == .second }
    var smallestStep: Int { isSecond ? 1000 : 1 }
    var rangeText: String { isSecond ? "0 to 59.999999" : "\(first) to \(last)" }
}
