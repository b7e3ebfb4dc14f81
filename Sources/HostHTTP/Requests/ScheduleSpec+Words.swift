package import JobModel

extension ScheduleSpec {
    /// As people write it: `*/5 * * * * Europe/Berlin`, `every 10s`, `at 2030-01-31T09:00:00Z`, or `-`.
    package var words: String {
        switch self {
        case .none: "-"
        case .cron(let text, let zone, _, _): Self.words(text, zone)
        case .every(let interval, let start): "every \(interval.berthText)\(start == .end ? " from end" : "")"
        case .daily(let text, let zone, _): Self.words("daily \(text)", zone)
        case .weekly(let text, let zone, _): Self.words("weekly \(text)", zone)
        case .monthly(let text, let zone, _): Self.words("monthly \(text)", zone)
        case .calendar(let text, let zone, _): Self.words("calendar \(text)", zone)
        case .at(let instant): "at \(instant.rfc3339)"
        }
    }

    private static func words(_ text: String, _ zone: String?) -> String {
        zone.map { "\(text) \($0)" } ?? text
    }
}
