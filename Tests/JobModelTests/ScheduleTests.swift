import Foundation
import JobModel
import Testing

struct ScheduleTests {
    private let anchor = Instant(microseconds: 1_717_200_000_000_000)

    private func schedule(_ spec: ScheduleSpec) throws -> Schedule {
        try Schedule(spec, anchor: anchor) { try? SystemZones.rules($0) }
    }

    @Test func `no schedule is never due`() throws {
        #expect(try schedule(.none).next(after: .distantPast) == nil)
    }

    @Test func `a single instant is due once`() throws {
        let once = try schedule(.at(anchor))
        #expect(once.next(after: Instant(microseconds: anchor.microseconds - 1)) == anchor)
        #expect(once.next(after: anchor) == nil)
    }

    @Test func `the grid starts one interval after its anchor and does not drift`() throws {
        let grid = try schedule(.every(.milliseconds(1500)))
        #expect(grid.next(after: .distantPast) == anchor + .milliseconds(1500))
        #expect(grid.next(after: anchor) == anchor + .milliseconds(1500))
        #expect(grid.next(after: anchor + .milliseconds(1499)) == anchor + .milliseconds(1500))
        #expect(grid.next(after: anchor + .milliseconds(1500)) == anchor + .seconds(3))
        #expect(grid.next(after: anchor + .seconds(3_000_000_001)) == anchor + .milliseconds(3_000_000_001_500))
        #expect(grid.next(after: .distantFuture) == nil)
    }

    @Test func `a grid looks back and counts as it looks ahead`() throws {
        let grid = try schedule(.every(.milliseconds(1500)))
        #expect(grid.previous(before: anchor + .milliseconds(1500)) == nil)
        #expect(grid.previous(before: anchor + .milliseconds(1501)) == anchor + .milliseconds(1500))
        #expect(grid.previous(before: anchor + .milliseconds(3000)) == anchor + .milliseconds(1500))
        #expect(grid.previous(before: .distantPast) == nil)
        #expect(grid.count(after: anchor, through: anchor + .seconds(3)) == 2)
        #expect(grid.count(after: anchor + .milliseconds(1500), through: anchor + .milliseconds(2999)) == 0)
        #expect(grid.count(after: .distantPast, through: anchor + .milliseconds(1500)) == 1)
        #expect(grid.count(after: anchor + .seconds(3), through: anchor) == 0)
        #expect(try schedule(.every(.milliseconds(1))).count(after: .distantPast, through: .distantFuture) > 1 << 50)
    }

    @Test func `a single instant is behind or ahead`() throws {
        let once = try schedule(.at(anchor))
        #expect(once.previous(before: anchor) == nil)
        #expect(once.previous(before: .distantFuture) == anchor)
        #expect(once.count(after: .distantPast, through: anchor) == 1)
        #expect(once.count(after: anchor, through: .distantFuture) == 0)
        #expect(try schedule(.none).previous(before: .distantFuture) == nil)
        #expect(try schedule(.none).count(after: .distantPast, through: .distantFuture) == 0)
    }

    @Test(arguments: [Duration.zero, .seconds(-5), .microseconds(999)])
    func `intervals under a millisecond are refused`(interval: Duration) {
        #expect(throws: ScheduleError(text: interval.berthText, position: 0, reason: "an interval is 1ms or more")) {
            try schedule(.every(interval))
        }
    }

    @Test func `a millisecond and the longest interval are taken`() throws {
        #expect(try schedule(.every(.milliseconds(1))).next(after: anchor) == anchor + .milliseconds(1))
        #expect(try schedule(.every(.seconds(Int64.max))).next(after: anchor) == nil)
    }

    @Test func `@every follows the vectors from its anchor`() throws {
        var seen = 0
        for vector in try CronVectors.all.get().every where vector.recommended == "accept" {
            let schedule = try schedule(.cron(vector.expr, zone: nil))
            let expected = try #require(vector.next_epoch).map { Instant(microseconds: $0 * 1_000_000) }
            let found = sequence(first: anchor) { schedule.next(after: $0) }.dropFirst().prefix(expected.count)
            #expect(Array(found) == expected, "\(vector.expr)")
            seen += 1
        }
        #expect(seen == 11)
    }

    @Test func `the prefix beats the zone and no zone is UTC`() throws {
        let from = try #require(Instant(rfc3339: "2024-01-15T00:00:00Z"))
        func fire(_ text: String, _ zone: String?) throws -> String? {
            try schedule(.cron(text, zone: zone)).next(after: from)?.rfc3339
        }
        #expect(try fire("0 9 * * *", nil) == "2024-01-15T09:00:00Z")
        #expect(try fire("0 9 * * *", "Europe/Berlin") == "2024-01-15T08:00:00Z")
        #expect(try fire("TZ=America/New_York 0 9 * * *", "Europe/Berlin") == "2024-01-15T14:00:00Z")
        #expect(try fire("TZ=UTC 0 9 * * *", "Europe/Berlin") == "2024-01-15T09:00:00Z")
    }

    @Test(arguments: [
        ("TZ=Mars/Olympus 0 9 * * *", nil, "TZ=Mars/Olympus 0 9 * * *", 3),
        ("0 9 * * *", "Mars/Olympus", "Mars/Olympus", 0),
        ("0 9 * * *", "", "", 0), ("0 9 * * *", "../../etc/passwd", "../../etc/passwd", 0),
    ])
    func `an unknown zone is refused`(text: String, zone: String?, said: String, position: Int) {
        let error = #expect(throws: ScheduleError.self) { try schedule(.cron(text, zone: zone)) }
        #expect(error?.text == said)
        #expect(error?.position == position)
    }

    @Test func `a zone's file is not asked for by a name that could leave its folder`() {
        #expect(throws: ScheduleError.self) {
            try Schedule(.cron("0 9 * * *", zone: "/etc/passwd"), anchor: anchor) { _ in .utc }
        }
    }

    @Test func `the duration vectors are read as intervals`() throws {
        for vector in try CronVectors.all.get().duration_type {
            let duration = Duration(berthText: vector.schedule)
            // Days are ours; that reader has none.
            let expected = vector.schedule == "1d" ? 86_400 : vector.seconds
            #expect(duration == expected.map { .milliseconds(Int64($0 * 1000)) }, "\(vector.schedule)")
        }
    }

    @Test func `the grid is asked backwards and counted without stepping`() throws {
        let grid = try schedule(.every(.milliseconds(1)))
        #expect(grid.previous(before: anchor + .milliseconds(1)) == nil)
        #expect(grid.previous(before: anchor + .microseconds(1001)) == anchor + .milliseconds(1))
        #expect(grid.previous(before: .distantPast) == nil)
        let year = anchor + .seconds(31_536_000)
        #expect(grid.count(after: anchor, through: year) == 31_536_000_000)
        #expect(grid.count(after: .distantPast, through: anchor) == 0)
        #expect(
            grid.last(3, after: anchor, through: year) == [year + .milliseconds(-2), year + .milliseconds(-1), year])
        #expect(grid.last(3, after: year, through: year + .milliseconds(1)) == [year + .milliseconds(1)])
    }

    @Test func `from the end of a run, the next is one interval later`() throws {
        let paced = try schedule(.every(.seconds(5), from: .end))
        #expect(paced.isCountedFromEnd)
        #expect(paced.next(after: .distantPast) == anchor + .seconds(5))
        #expect(paced.next(after: anchor + .seconds(7)) == anchor + .seconds(12))
        #expect(paced.previous(before: anchor + .seconds(7)) == nil)
        #expect(paced.count(after: anchor, through: anchor + .seconds(1000)) == 1)
        #expect(paced.last(5, after: anchor, through: anchor + .seconds(1000)) == [anchor + .seconds(5)])
        #expect(paced.last(5, after: anchor, through: anchor + .seconds(4)).isEmpty)
    }

    @Test(arguments: [
        (ScheduleSpec.daily("02:00,14:30"), ["2024-06-01T02:00:00Z", "2024-06-01T14:30:00Z", "2024-06-02T02:00:00Z"]),
        (.weekly("MON,FRI 09:00"), ["2024-06-03T09:00:00Z", "2024-06-07T09:00:00Z", "2024-06-10T09:00:00Z"]),
        (.weekly("sat-mon 00:05, 9:00"), ["2024-06-01T00:05:00Z", "2024-06-01T09:00:00Z", "2024-06-02T00:05:00Z"]),
        (.monthly("1,-1 02:00"), ["2024-06-01T02:00:00Z", "2024-06-30T02:00:00Z", "2024-07-01T02:00:00Z"]),
        (.monthly("31 02:00"), ["2024-07-31T02:00:00Z", "2024-08-31T02:00:00Z", "2024-10-31T02:00:00Z"]),
        (.monthly("-31 02:00"), ["2024-07-01T02:00:00Z", "2024-08-01T02:00:00Z", "2024-10-01T02:00:00Z"]),
        (.calendar("Sat 10:00"), ["2024-06-01T10:00:00Z", "2024-06-08T10:00:00Z", "2024-06-15T10:00:00Z"]),
    ])
    func `plain times come on their days`(spec: ScheduleSpec, fires: [String]) throws {
        let rule = try schedule(spec)
        let from = try #require(Instant(rfc3339: "2024-06-01T00:00:00Z"))
        let found = Array(sequence(first: from) { rule.next(after: $0) }.dropFirst().prefix(3))
        #expect(found.map(\.rfc3339) == fires)
        #expect(rule.last(3, after: from, through: try #require(found.last)) == found)
        #expect(rule.count(after: from, through: try #require(found.last)) == 3)
    }

    @Test func `several times of a day that a gap swallows are one fire`() throws {
        let twice = try schedule(.daily("02:15,02:45,03:00", zone: "Europe/Berlin"))
        let (from, to) = (Instant(rfc3339: "2024-03-31T00:00:00Z"), Instant(rfc3339: "2024-03-31T12:00:00Z"))
        #expect(try twice.next(after: #require(from))?.rfc3339 == "2024-03-31T01:00:00Z")
        #expect(try twice.count(after: #require(from), through: #require(to)) == 1)
        let literal = try schedule(.daily("02:15,02:45", zone: "Europe/Berlin", clockChange: .literal))
        #expect(try literal.count(after: #require(from), through: #require(to)) == 0)
    }

    @Test func `the daily vectors are accepted and refused as they should be`() throws {
        for vector in try CronVectors.all.get().daily_type {
            let accepted = (try? schedule(.daily(vector.schedule))) != nil
            #expect(accepted == vector.seed_accepts, "\(vector.schedule)")
        }
    }

    @Test(arguments: [
        (ScheduleSpec.daily("02:00,2:5"), 6, "expected a time such as 09:00"),
        (.daily("02:00;"), 5, "unexpected \";\""), (.daily("24:00"), 0, "expected a time such as 09:00"),
        (.weekly("MONDAY 09:00"), 0, "expected a weekday"), (.weekly("MON-09:00"), 4, "expected a weekday"),
        (.weekly("MON"), 3, "expected a blank and times"), (.weekly("MON "), 3, "expected a blank and times"),
        (.monthly("0 02:00"), 0, "expected a day of the month"), (.monthly("1,-32 02:00"), 2, "expected a day"),
        (.monthly("1-5 02:00"), 1, "expected a blank and times"), (.calendar("25:00"), 0, "25 is no hour"),
    ])
    func `a refused text is refused with its place`(spec: ScheduleSpec, position: Int, reason: String) {
        let error = #expect(throws: ScheduleError.self) { try schedule(spec) }
        #expect(error?.position == position)
        #expect(error?.reason.hasPrefix(reason) == true, "\(error?.reason ?? "")")
    }

    @Test func `words without a timer are never due`() throws {
        for word in ["@manual", "@triggered", "@NONE"] {
            #expect(try schedule(.cron(word)).next(after: anchor) == nil)
        }
        let error = #expect(throws: ScheduleError.self) { try schedule(.cron("@reboot")) }
        #expect(error?.reason.contains("trigger it when the machine starts") == true)
    }

    @Test(arguments: [
        (
            #"{"cron":{"_0":"*/5 * * * *","zone":"Europe/Berlin"}}"#,
            ScheduleSpec.cron("*/5 * * * *", zone: "Europe/Berlin")
        ),
        (#"{"cron":{"_0":"@daily"}}"#, .cron("@daily")), (#"{"none":{}}"#, .none),
        (#"{"at":{"_0":5}}"#, .at(Instant(microseconds: 5))),
    ])
    func `what earlier versions stored is still read`(json: String, spec: ScheduleSpec) throws {
        #expect(try JSONDecoder().decode(ScheduleSpec.self, from: Data(json.utf8)) == spec)
    }

    @Test func `an interval that an earlier version stored is still read`() throws {
        let interval = String(decoding: try JSONEncoder().encode(Duration.seconds(90)), as: UTF8.self)
        let stored = Data(#"{"every":{"_0":\#(interval)}}"#.utf8)
        #expect(try JSONDecoder().decode(ScheduleSpec.self, from: stored) == .every(.seconds(90)))
    }
}
