/// A point in time: whole microseconds since 1970-01-01T00:00:00Z, negative before it.
package struct Instant: Hashable, Comparable, Sendable {
    package var microseconds: Int64

    package init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    package static let distantPast = Instant(microseconds: .min)
    package static let distantFuture = Instant(microseconds: .max)

    package static func < (left: Instant, right: Instant) -> Bool {
        left.microseconds < right.microseconds
    }

    /// Stops at the ends of the range instead of trapping: policies may hold absurd durations.
    package static func + (instant: Instant, duration: Duration) -> Instant {
        let (sum, overflow) = instant.microseconds.addingReportingOverflow(duration.microseconds)
        guard overflow else { return Instant(microseconds: sum) }
        return duration < .zero ? .distantPast : .distantFuture
    }

    package static func - (left: Instant, right: Instant) -> Duration {
        .microseconds(left.microseconds.subtractingReportingOverflow(right.microseconds).partialValue)
    }
}

extension Instant: Codable {
    package init(from decoder: any Decoder) throws {
        microseconds = try decoder.singleValueContainer().decode(Int64.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(microseconds)
    }
}

extension Duration {
    /// Whole microseconds, cut towards zero, held at the ends of Int64.
    package var microseconds: Int64 {
        let (seconds, attoseconds) = components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
        guard !overflow else { return seconds < 0 ? .min : .max }
        return whole.addingReportingOverflow(attoseconds / 1_000_000_000_000).partialValue
    }
}
