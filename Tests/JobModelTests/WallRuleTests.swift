import Foundation
import JobModel
import Testing

struct WallRuleTests {
    private func calendar(
        _ text: String, dayRule: DayRule = .robfig
    ) throws -> (WallRule, zone: String?) {
        let text = try CronText(text, dayRule: dayRule)
        guard case .fields(let expression) = text.rule else { throw NotACalendar() }
        return (expression, text.zone)
    }

    private struct NotACalendar: Error {}

    private func fires(
        _ expression: WallRule, _ zone: ZoneRules, from: String, count: Int, _ change: ClockChange
    ) throws -> [Instant?] {
        let start = try #require(Instant(rfc3339: from))
        var cursor: Instant? = start
        return (0..<count).map { _ in
            cursor = cursor.flatMap { expression.next(after: $0, in: zone, clockChange: change) }
            return cursor
        }
    }

    private func instants(_ texts: [String]) -> [Instant?] { texts.map { Instant(rfc3339: $0) } }

    @Test(arguments: ClockChange.allCases)
    func `next agrees with every vector`(change: ClockChange) throws {
        for vector in try CronVectors.all.get().vectors {
            let (expression, prefix) = try calendar(vector.expr)
            #expect(prefix == vector.zone_used || vector.zone_used == nil)
            let zone = try SystemZones.rules(prefix ?? vector.tz)
            let expected = change == .civil ? vector.next : vector.next_literal ?? vector.next
            let found = try fires(expression, zone, from: vector.from, count: expected.count, change)
            #expect(found == instants(expected), "\(vector.id) \(vector.expr) \(vector.tz) from \(vector.from)")
        }
    }

    @Test func `the day rules agree with the vectors`() throws {
        let rules: [String: DayRule] = ["robfig": .robfig, "vixie": .vixie, "and": .and]
        var seen = 0
        for vector in try CronVectors.all.get().vectors {
            for (name, expected) in vector.next_by_day_rule ?? [:] {
                let (expression, _) = try calendar(vector.expr, dayRule: #require(rules[name]))
                let zone = try SystemZones.rules(vector.tz)
                let found = try fires(expression, zone, from: vector.from, count: expected.count, .civil)
                #expect(found == instants(expected), "\(vector.id) \(vector.expr) \(name)")
                seen += 1
            }
        }
        #expect(seen > 12)
    }

    @Test(arguments: ClockChange.allCases)
    func `previous agrees with every vector`(change: ClockChange) throws {
        for vector in try CronVectors.all.get().prev {
            let (expression, prefix) = try calendar(vector.expr)
            let zone = try SystemZones.rules(prefix ?? vector.tz)
            let at = try #require(Instant(rfc3339: vector.at))
            let expected = change == .civil ? vector.prev : vector.prev_literal ?? vector.prev
            let found = expression.previous(before: at, in: zone, clockChange: change)
            #expect(found == Instant(rfc3339: expected), "\(vector.id) \(vector.expr) \(vector.tz) at \(vector.at)")
        }
    }

    @Test(arguments: ClockChange.allCases)
    func `windows hold as many fires forwards, backwards and counted`(change: ClockChange) throws {
        for window in try CronVectors.all.get().windows {
            let (expression, _) = try calendar(window.expr)
            let zone = try SystemZones.rules(window.tz)
            let after = try #require(Instant(rfc3339: window.after))
            let until = try #require(Instant(rfc3339: window.until))
            let forward = sequence(first: after) { expression.next(after: $0, in: zone, clockChange: change) }
                .dropFirst().prefix { $0 <= until }
            let backward = sequence(first: until + .microseconds(1)) {
                expression.previous(before: $0, in: zone, clockChange: change)
            }.dropFirst().prefix { $0 > after }
            let count = change == .civil ? window.count : window.count_literal ?? window.count
            #expect(Array(forward).count == count, "\(window.id) \(window.expr) \(window.tz)")
            #expect(Array(forward) == backward.reversed(), "\(window.id) \(window.expr) \(window.tz)")
            #expect(expression.count(after: after, through: until, in: zone, clockChange: change) == count)
            if change == .civil {
                #expect(Array(forward).first == window.first.flatMap { Instant(rfc3339: $0) })
                #expect(Array(forward).last == window.last.flatMap { Instant(rfc3339: $0) })
            }
        }
    }

    @Test func `the cron form of a daily time fires at that time`() throws {
        let cases = try CronVectors.all.get().daily_type.compactMap { daily in
            daily.cron.flatMap { cron in daily.meaning.map { (cron, $0) } }
        }
        #expect(cases.count == 3)
        for (cron, meaning) in cases {
            let found = try calendar(cron).0.next(after: #require(Instant(rfc3339: "2023-12-31T23:59:59Z")), in: .utc)
            #expect(found?.rfc3339 == "2024-01-01T\(meaning):00Z")
        }
    }

    @Test func `next is after and previous before also between seconds`() throws {
        let (everySecond, _) = try calendar("* * * * * *")
        let at = Instant(microseconds: 10_700_000)
        #expect(everySecond.next(after: at, in: .utc) == Instant(microseconds: 11_000_000))
        #expect(everySecond.previous(before: at, in: .utc) == Instant(microseconds: 10_000_000))
        let whole = Instant(microseconds: -2_000_000)
        #expect(everySecond.next(after: whole, in: .utc) == Instant(microseconds: -1_000_000))
        #expect(everySecond.previous(before: whole, in: .utc) == Instant(microseconds: -3_000_000))
    }

    @Test func `a year field ends the schedule on both sides`() throws {
        let (once, _) = try calendar("0 0 0 1 1 * 2199")
        let berlin = try SystemZones.rules("Europe/Berlin")
        let fire = try #require(Instant(rfc3339: "2199-01-01T00:00:00+01:00"))
        #expect(once.next(after: Instant(microseconds: 0), in: berlin) == fire)
        #expect(once.next(after: .distantPast, in: berlin) == fire)
        #expect(once.next(after: fire, in: berlin) == nil)
        #expect(once.previous(before: .distantFuture, in: berlin) == fire)
        #expect(once.previous(before: fire, in: berlin) == nil)
    }

    @Test func `the ends of the range do not trap`() throws {
        let (minutely, _) = try calendar("* * * * *")
        let zone = try SystemZones.rules("America/New_York")
        #expect(minutely.next(after: .distantFuture, in: zone) == nil)
        #expect(minutely.previous(before: .distantPast, in: zone) == nil)
        #expect(minutely.next(after: .distantPast, in: zone) != nil)
        #expect(minutely.previous(before: .distantFuture, in: zone) != nil)
    }

    @Test func `a date forty years away is found`() throws {
        let (rare, _) = try calendar("0 0 0 29 2 +MON")
        let zone = try SystemZones.rules("America/New_York")
        let from = try #require(Instant(rfc3339: "2072-03-01T00:00:00Z"))
        #expect(rare.next(after: from, in: zone)?.rfc3339 == "2112-02-29T05:00:00Z")
    }
}
