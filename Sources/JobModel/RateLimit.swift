/// So many starts in a time, such as `10/s`: a token bucket that holds `burst` tokens and gains them evenly.
package struct RateLimit: Hashable, Sendable, Codable {
    package let count: Int
    package let per: Duration
    /// How many may go at once after a rest.
    package var burst: Int

    private static let longest = Duration.seconds(366 * 86_400)

    /// Nil for what is no rate: fewer than one start, no time or more than a year of it, or more than a million starts a
    /// second.
    package init?(count: Int, per: Duration, burst: Int = 1) {
        guard (1...1_000_000_000).contains(count), per > .zero, per <= Self.longest, (1...1_000_000).contains(burst),
            per.microseconds / Int64(count) >= 1
        else { return nil }
        self.count = count
        self.per = per
        self.burst = burst
    }

    /// Reads `10/s`, `100/m`, `5/h`, `1/90s`.
    package init?(text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let count = Int(parts[0]) else { return nil }
        let unit = parts[1].first?.isNumber == true ? String(parts[1]) : "1\(parts[1])"
        guard let per = Duration(berthText: unit) else { return nil }
        self.init(count: count, per: per)
    }

    /// What was stored may be no rate either. A time that is too long was once taken: it keeps no host from starting.
    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        let (count, per) = (try fields.decode(Int.self, forKey: .count), try fields.decode(Duration.self, forKey: .per))
        let burst = try fields.decode(Int.self, forKey: .burst)
        guard let limit = RateLimit(count: count, per: min(per, Self.longest), burst: burst) else {
            throw DecodingError.dataCorruptedError(
                forKey: .per, in: fields, debugDescription: "\(count) in \(per): no rate")
        }
        self = limit
    }

    package var text: String {
        let unit = per.berthText
        let short = ["1s": "s", "1m": "m", "1h": "h", "1d": "d"][unit] ?? unit
        return "\(count)/\(short)"
    }

    /// From one start to the next, rounded up, so that the rate is never passed.
    package var interval: Duration {
        .microseconds((per.microseconds + Int64(count) - 1) / Int64(count))
    }
}

/// The tokens of a rate, kept as one instant: when the bucket will be full again, less what a burst may borrow.
package struct RateBucket: Hashable, Sendable {
    /// Every start moves it on by the interval.
    private var nextFree: Instant

    /// Full, as a queue that has just got its rate has it.
    package init() {
        nextFree = .distantPast
    }

    /// With one token, as a host that cannot know what the one before it started has it.
    package init(nearlyEmptyAt now: Instant, _ limit: RateLimit) {
        nextFree = now + .microseconds(limit.interval.microseconds.multipliedHeld(by: Int64(limit.burst - 1)))
    }

    /// When the next start may be; not after `now` when it may be at once.
    package func free(_ limit: RateLimit, now: Instant) -> Instant {
        // What lies further ahead than a full debt was noted by a clock that was set back since.
        let debt = Duration.microseconds(limit.interval.microseconds.multipliedHeld(by: Int64(limit.burst)))
        let free = min(nextFree, now + debt)
        return free + .microseconds(-limit.interval.microseconds.multipliedHeld(by: Int64(limit.burst - 1)))
    }

    package mutating func take(_ limit: RateLimit, now: Instant) {
        let debt = Duration.microseconds(limit.interval.microseconds.multipliedHeld(by: Int64(limit.burst)))
        nextFree = max(min(nextFree, now + debt), now) + limit.interval
    }
}

extension Int64 {
    fileprivate func multipliedHeld(by factor: Int64) -> Int64 {
        let (product, overflow) = multipliedReportingOverflow(by: factor)
        return overflow ? .max : product
    }
}
