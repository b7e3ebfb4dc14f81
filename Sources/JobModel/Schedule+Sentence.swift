extension Schedule {
    /// What the schedule means, as one sentence: `At 02:30 on Mondays.` The zone is left to whoever asks.
    package var sentence: String {
        switch rule {
        case .never: "Never by itself; only when it is triggered."
        case .once(let instant): "Once, at \(instant.rfc3339)."
        case .grid(_, let microseconds):
            "Every \(Duration.microseconds(microseconds).berthText), counted from when the job was defined."
        case .afterEnd(_, let microseconds):
            "\(Duration.microseconds(microseconds).berthText) after each run has ended."
        case .wall(let rule, _, _): WallSentence(rule).text
        }
    }
}

/// Tells a wall-clock rule in plain words.
struct WallSentence {
    private let rule: WallRule

    init(_ rule: WallRule) {
        self.rule = rule
    }

    var text: String {
        let times = TimeWords(rule.pattern.times, parts: rule.parts)
        let days = DayWords(rule.pattern.days)
        let parts = [times.text, days.isAlways && times.isAroundTheClock ? nil : days.text, months, years]
        let sentence = parts.compactMap(\.self).joined(separator: " ")
        return sentence.prefix(1).uppercased() + sentence.dropFirst() + "."
    }

    private static let monthNames = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]

    private var months: String? {
        guard rule.pattern.months != WallPattern.allMonths else { return nil }
        return "in " + Words.runs(rule.pattern.months.members) { Self.monthNames[$0 - 1] }
    }

    private var years: String? {
        guard let years = rule.pattern.years else { return nil }
        if let steps = Steps(years), steps.by > 1 {
            return "every \(Words.ordinal(steps.by)) year from \(steps.first) through \(steps.last)"
        }
        return "in " + Words.runs(years) { "\($0)" }
    }
}

/// A set that goes up in equal steps, three values at least.
struct Steps {
    let first: Int
    let last: Int
    let by: Int

    init?(_ values: [Int]) {
        guard values.count > 2, let first = values.first, let last = values.last else { return nil }
        let by = values[1] - first
        guard zip(values, values.dropFirst()).allSatisfy({ $1 - $0 == by }) else { return nil }
        (self.first, self.last, self.by) = (first, last, by)
    }
}

/// Lists and numbers as people say them.
enum Words {
    /// `a`, `a and b`, `a, b and c`.
    static func list(_ words: [String], _ conjunction: String = "and") -> String {
        guard words.count > 1, let last = words.last else { return words.first ?? "" }
        return words.dropLast().joined(separator: ", ") + " \(conjunction) " + last
    }

    /// Rising numbers, three and more in a row as `a through b`.
    static func runs(_ numbers: [Int], _ name: (Int) -> String) -> String {
        list(
            Runs.of(numbers).flatMap { run in
                run.count > 2 ? ["\(name(run.lowerBound)) through \(name(run.upperBound))"] : run.map(name)
            })
    }

    static func ordinal(_ number: Int) -> String {
        let ending =
            switch (number % 10, number % 100) {
            case (_, 11...13): "th"
            case (1, _): "st"
            case (2, _): "nd"
            case (3, _): "rd"
            default: "th"
            }
        return "\(number)\(ending)"
    }
}
