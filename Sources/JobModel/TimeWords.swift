/// Tells the times of a day in plain words: `at 09:00 and 17:00`, `every 15 minutes from 09:00 through 17:59`.
struct TimeWords {
    private let times: WallTimes
    private let parts: SecondParts?

    /// More times than these are told by their pattern.
    private static let mostListed = 8

    init(_ times: WallTimes, parts: SecondParts?) {
        self.times = times
        self.parts = parts
    }

    var text: String {
        switch times {
        case .list(let times): "at " + Words.list(times.map(Self.clock))
        case .fields(let hours, let minutes, let seconds): text(hours.members, minutes.members, seconds.members)
        }
    }

    /// They come around the clock, so that "every day" says nothing more.
    var isAroundTheClock: Bool {
        guard case .fields(let hours, _, _) = times else { return false }
        return hours == 0xff_ffff || (text.hasPrefix("every") && !text.contains("through"))
    }

    private func text(_ hours: [Int], _ minutes: [Int], _ seconds: [Int]) -> String {
        if parts == nil, isListed(hours, minutes, seconds) {
            let all = hours.flatMap { hour in
                minutes.flatMap { minute in seconds.map { hour * 3600 + minute * 60 + $0 } }
            }
            return "at " + Words.list(all.map(Self.clock))
        }
        let inner = FieldWords(values: minutes, of: 60, unit: "minute")
        guard parts != nil || seconds != [0] else { return minuteText(inner, hours) }
        let head = parts.map(Self.text) ?? FieldWords(values: seconds, of: 60, unit: "second").text
        let isPlainHead = parts == nil && FieldWords(values: seconds, of: 60, unit: "second").isWhole
        if minutes.count == 60 { return head + (isPlainHead ? "" : " of every minute") + span(hours) }
        return "\(head) of \(inner.noun)\(Steps(minutes) == nil ? outer(hours) : span(hours))"
    }

    private func isListed(_ hours: [Int], _ minutes: [Int], _ seconds: [Int]) -> Bool {
        hours.count < 24 && times.count <= Self.mostListed && minutes.count < 3 && seconds.count < 3
    }

    private func minuteText(_ minutes: FieldWords, _ hours: [Int]) -> String {
        if minutes.values == [0], hours.count == 24 { return "every hour, on the hour" }
        if minutes.values == [0], let steps = Steps(hours), steps.by > 1 {
            return FieldWords(values: hours, of: 24, unit: "hour").text
        }
        return minutes.text + (minutes.isWhole ? span(hours) : outer(hours))
    }

    /// What follows `at minute 5`.
    private func outer(_ hours: [Int]) -> String {
        if hours.count == 24 { return " of every hour" }
        if hours.count == 1 { return " of the hour \(hours[0].padded(2))" }
        return isSpan(hours) ? " of every hour" + span(hours) : span(hours)
    }

    /// What follows `every 15 minutes`.
    private func span(_ hours: [Int]) -> String {
        if hours.count == 24 { return "" }
        if isSpan(hours), let ends = ends(hours) {
            return " from \(ends.0.padded(2)):00 through \(ends.1.padded(2)):59"
        }
        if let steps = Steps(hours) {
            return
                " of every \(Words.ordinal(steps.by)) hour from \(steps.first.padded(2)):00 through \(steps.last.padded(2)):59"
        }
        return hours.count == 1
            ? " from \(hours[0].padded(2)):00 through \(hours[0].padded(2)):59"
            : " of the hours " + Words.runs(hours) { $0.padded(2) }
    }

    /// Neighbouring hours, also over midnight.
    private func isSpan(_ hours: [Int]) -> Bool { hours.count > 1 && hours.count < 24 && ends(hours) != nil }

    private func ends(_ hours: [Int]) -> (Int, Int)? {
        let starts = hours.filter { !hours.contains(($0 + 23) % 24) }
        guard starts.count == 1 else { return nil }
        return (starts[0], (starts[0] + hours.count - 1) % 24)
    }

    private static func clock(_ time: Int) -> String {
        let head = "\((time / 3600).padded(2)):\((time / 60 % 60).padded(2))"
        return time % 60 == 0 ? head : head + ":\((time % 60).padded(2))"
    }

    private static func text(_ parts: SecondParts) -> String {
        Words.list(
            parts.items.map { item in
                guard item.step > 0 else { return "at second \(second(item.start))" }
                let isWhole = item.start < item.step && item.stop + item.step >= 60_000_000
                return "every \(second(item.step)) seconds from second \(second(item.start))"
                    + (isWhole
                        ? "" : " through \(second(item.start + (item.stop - item.start) / item.step * item.step))")
            })
    }

    private static func second(_ microseconds: Int) -> String {
        "\(microseconds / 1_000_000)\((microseconds % 1_000_000).asFraction(digits: 6))"
    }
}

/// Tells the values of one field of the clock.
struct FieldWords {
    let values: [Int]
    let of: Int
    let unit: String

    /// `every minute`, `every 15 minutes`, `at minutes 5 and 35`.
    var text: String {
        if values.count == of { return "every \(unit)" }
        guard let steps = Steps(values) else { return "at \(noun)" }
        if steps.by == 1 { return "every \(unit) from \(unit) \(steps.first) through \(steps.last)" }
        let isEven = of % steps.by == 0 && steps.first < steps.by && steps.last + steps.by >= of
        let head = "every \(steps.by) \(unit)s"
        if isEven { return steps.first == 0 ? head : head + " from \(unit) \(steps.first)" }
        return head + " from \(unit) \(steps.first) through \(steps.last)"
    }

    /// `minute 5`, `minutes 5 and 35`, `every minute`.
    var noun: String {
        if values.count == of { return "every \(unit)" }
        if let steps = Steps(values), steps.by > 1 {
            return "every \(Words.ordinal(steps.by)) \(unit) from \(steps.first) through \(steps.last)"
        }
        return "\(unit)\(values.count == 1 ? "" : "s") " + Words.runs(values) { "\($0)" }
    }

    /// The same all through the field.
    var isWhole: Bool {
        guard let steps = Steps(values) else { return false }
        return steps.first == 0 && of % steps.by == 0 && steps.last + steps.by == of
    }
}
