package import JobModel

/// Crashes in a row, with what is known of the last one.
package struct CrashReport: Sendable {
    package var record: StreakRecord
    /// The last lines of the attempt that crashed, as far as they are kept.
    package var lines: [String]

    package init(_ record: StreakRecord, lines: [String] = []) {
        self.record = record
        self.lines = lines
    }

    package var isQuarantine: Bool { record.streak.quarantinedAt != nil }

    var json: JSONValue {
        let streak = record.streak
        return .object(present: [
            "name": .string(record.name), "digest": .string(record.digest),
            "state": .string(isQuarantine ? "quarantined" : "slowed"), "crashes": .number(streak.crashes),
            "first_at": .instant(streak.firstAt), "quarantined_at": .instant(streak.quarantinedAt),
            "until": .instant(streak.until), "run": .number(streak.evidence.run),
            "attempt": .number(streak.evidence.attempt), "reason": .string(streak.evidence.message),
            "signal": .text(streak.evidence.signal), "breadcrumb": .text(streak.evidence.breadcrumb),
            "limits": .string(streak.evidence.limits), "lines": .texts(lines),
        ])
    }
}
