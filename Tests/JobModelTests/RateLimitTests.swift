import Foundation
import JobModel
import Testing

struct RateLimitTests {
    private static let start = Instant(microseconds: 1_000_000_000)

    @Test(arguments: [
        ("10/s", "10/s", 100_000), ("100/m", "100/m", 600_000), ("1/90s", "1/1m30s", 90_000_000),
        ("3/s", "3/s", 333_334),
        ("5/h", "5/h", 720_000_000), ("1000000/s", "1000000/s", 1),
    ])
    func `a rate is starts per time`(text: String, again: String, interval: Int64) throws {
        let rate = try #require(RateLimit(text: text))
        #expect(rate.text == again)
        #expect(rate.interval == .microseconds(interval))
        #expect(RateLimit(text: rate.text) == rate)
    }

    @Test(arguments: [
        "", "10", "0/s", "-1/s", "10/", "/s", "10/0s", "1/2/s", "x/s", "10/parsec", "1000001/s", "1/s ", " 1/s",
        "1/9223372036854775807us", "1/367d",
    ])
    func `what is no rate is refused`(text: String) {
        #expect(RateLimit(text: text) == nil)
    }

    @Test(arguments: [#"{"count": 0, "per": [1, 0], "burst": 1}"#, #"{"count": 1, "per": [0, 0], "burst": 1}"#])
    func `a stored rate that is none is refused`(stored: String) {
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(RateLimit.self, from: Data(stored.utf8)) }
    }

    @Test func `a stored rate of too long a time is the longest, and that stands a burst`() throws {
        let stored = Data(#"{"count": 1, "per": [9223372036854, 0], "burst": 1}"#.utf8)
        #expect(try JSONDecoder().decode(RateLimit.self, from: stored).text == "1/366d")
        var rate = try #require(RateLimit(text: "1/366d"))
        rate.burst = 1_000_000
        #expect(try JSONDecoder().decode(RateLimit.self, from: JSONEncoder().encode(rate)) == rate)
        var bucket = RateBucket(nearlyEmptyAt: Self.start, rate)
        #expect(bucket.free(rate, now: Self.start) <= Self.start)
        rate.burst = 1
        bucket.take(rate, now: Self.start)
        #expect(bucket.free(rate, now: Self.start) == Self.start + .seconds(366 * 86_400))
    }

    @Test(arguments: [(1, 10), (5, 10), (20, 7)])
    func `in any stretch of time no more start than the rate and one burst`(burst: Int, perSecond: Int) throws {
        var rate = try #require(RateLimit(count: perSecond, per: .seconds(1)))
        rate.burst = burst
        var bucket = RateBucket()
        var now = Self.start
        var starts: [Instant] = []
        // Whoever asks as soon as it may gets all there is.
        while starts.count < 200 {
            let free = bucket.free(rate, now: now)
            if free > now {
                now = free
            } else {
                bucket.take(rate, now: now)
                starts.append(now)
            }
        }
        for first in starts.indices {
            let within = starts[first...].prefix { $0 - starts[first] < .seconds(10) }.count
            #expect(within <= burst + perSecond * 10)
        }
        let took = try #require(starts.last) - Self.start
        #expect(took <= rate.interval * (200 - burst) + .milliseconds(1), "and no fewer")
    }

    @Test func `a rest fills the bucket up to its burst and no further`() throws {
        var rate = try #require(RateLimit(text: "1/s"))
        rate.burst = 3
        var bucket = RateBucket()
        bucket.take(rate, now: Self.start)
        let later = Self.start + .seconds(3600)
        for _ in 0..<3 {
            #expect(bucket.free(rate, now: later) <= later)
            bucket.take(rate, now: later)
        }
        #expect(bucket.free(rate, now: later) == later + .seconds(1))
    }

    @Test func `a host that has just started spends one token and no burst`() throws {
        var rate = try #require(RateLimit(text: "1/s"))
        rate.burst = 10
        var bucket = RateBucket(nearlyEmptyAt: Self.start, rate)
        #expect(bucket.free(rate, now: Self.start) == Self.start)
        bucket.take(rate, now: Self.start)
        #expect(bucket.free(rate, now: Self.start) == Self.start + .seconds(1))
    }

    @Test func `a clock that is set back holds nothing up for longer than the debt`() throws {
        let rate = try #require(RateLimit(text: "1/s"))
        var bucket = RateBucket()
        bucket.take(rate, now: Self.start + .seconds(86_400))
        #expect(bucket.free(rate, now: Self.start) <= Self.start + .seconds(1))
    }
}
