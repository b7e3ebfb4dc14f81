extension CalendarFields {
    /// As systemd writes it, with every part but the zone.
    var text: String {
        let date = "\(Self.text(years, 4))-\(Self.text(months, 2))\(fromEnd ? "~" : "-")\(Self.text(days, 2))"
        let time = "\(Self.text(hours, 2)):\(Self.text(minutes, 2)):\(Self.text(seconds))"
        return (weekdays == WallDays.allWeekdays ? "" : weekdayText + " ") + date + " " + time
    }

    /// Runs of three and more as a range, from Monday on.
    private var weekdayText: String {
        let names = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
        let set = (0..<7).filter { weekdays.has(($0 + 1) % 7) }
        return Runs.of(set).map { run in
            run.count > 2
                ? "\(names[run.lowerBound])..\(names[run.upperBound])" : run.map { names[$0] }.joined(separator: ",")
        }.joined(separator: ",")
    }

    private static func text(_ items: [CalendarItem], _ width: Int) -> String {
        guard !items.isEmpty else { return "*" }
        return items.map { item in
            item.start.padded(width) + (item.stop.map { "..\($0.padded(width))" } ?? "")
                + (item.step > (item.stop == nil ? 0 : 1) ? "/\(item.step)" : "")
        }.joined(separator: ",")
    }

    private static func text(_ seconds: [CalendarItem]) -> String {
        guard seconds != [CalendarItem(start: 0, step: 1_000_000)] else { return "*" }
        return seconds.map { item in
            let isPlain = item.step == 0 || item.stop != nil && item.step == 1_000_000
            return second(item.start, 2) + (item.stop.map { "..\(second($0, 2))" } ?? "")
                + (isPlain ? "" : "/\(second(item.step, 0))")
        }.joined(separator: ",")
    }

    /// All six digits where there are parts.
    private static func second(_ microseconds: Int, _ width: Int) -> String {
        let part = microseconds % 1_000_000
        return (microseconds / 1_000_000).padded(width) + (part == 0 ? "" : ".\(part.padded(6))")
    }
}

/// Neighbours in a rising list of numbers.
enum Runs {
    static func of(_ numbers: [Int]) -> [ClosedRange<Int>] {
        var runs: [ClosedRange<Int>] = []
        for number in numbers {
            if let last = runs.last, last.upperBound + 1 == number {
                runs[runs.count - 1] = last.lowerBound...number
            } else {
                runs.append(number...number)
            }
        }
        return runs
    }
}
