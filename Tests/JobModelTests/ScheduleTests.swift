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
}
