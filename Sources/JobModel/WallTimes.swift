/// The times of a day that a schedule asks for.
enum WallTimes: Hashable {
    /// Every combination; bits are the values.
    case fields(hours: UInt64, minutes: UInt64, seconds: UInt64)
    /// Seconds of the day, rising, at least one.
    case list([Int])

    /// The first time of day at or after another, in seconds; nil when the day has none left.
    func first(from second: Int) -> Int? {
        guard case .fields(let hours, let minutes, let seconds) = self else { return times.first { $0 >= second } }
        let (hour, minute, rest) = (second / 3600, second / 60 % 60, second % 60)
        if hours.has(hour) {
            if minutes.has(minute), let found = seconds.first(from: rest) { return hour * 3600 + minute * 60 + found }
            if let found = minutes.first(from: minute + 1) { return hour * 3600 + found * 60 + seconds.lowest }
        }
        return hours.first(from: hour + 1).map { $0 * 3600 + minutes.lowest * 60 + seconds.lowest }
    }

    /// The last time of day at or before another.
    func last(through second: Int) -> Int? {
        guard case .fields(let hours, let minutes, let seconds) = self else { return times.last { $0 <= second } }
        let (hour, minute, rest) = (second / 3600, second / 60 % 60, second % 60)
        if hours.has(hour) {
            if minutes.has(minute), let found = seconds.last(through: rest) { return hour * 3600 + minute * 60 + found }
            if let found = minutes.last(through: minute - 1) { return hour * 3600 + found * 60 + seconds.highest }
        }
        return hours.last(through: hour - 1).map { $0 * 3600 + minutes.highest * 60 + seconds.highest }
    }

    /// How many there are in a day.
    var count: Int {
        switch self {
        case .fields(let hours, let minutes, let seconds):
            hours.nonzeroBitCount * minutes.nonzeroBitCount * seconds.nonzeroBitCount
        case .list(let times): times.count
        }
    }

    /// How many there are before a time of day.
    func count(before second: Int) -> Int {
        guard case .fields(let hours, let minutes, let seconds) = self else { return times.count { $0 < second } }
        let (hour, minute, rest) = (second / 3600, second / 60 % 60, second % 60)
        var count = hours.count(below: hour) * minutes.nonzeroBitCount * seconds.nonzeroBitCount
        guard hours.has(hour) else { return count }
        count += minutes.count(below: minute) * seconds.nonzeroBitCount
        return minutes.has(minute) ? count + seconds.count(below: rest) : count
    }

    /// Those with one value in the seconds.
    func only(second: Int) -> WallTimes {
        switch self {
        case .fields(let hours, let minutes, _): .fields(hours: hours, minutes: minutes, seconds: 1 << UInt64(second))
        case .list(let times): .list(times.filter { $0 % 60 == second })
        }
    }

    private var times: [Int] { if case .list(let times) = self { times } else { [] } }
}
