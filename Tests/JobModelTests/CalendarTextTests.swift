import JobModel
import Testing

struct CalendarTextTests {
    private func schedule(_ text: String, _ change: ClockChange? = nil) throws -> Schedule {
        try Schedule(.calendar(text, clockChange: change), anchor: Instant(microseconds: 0)) {
            try? SystemZones.rules($0)
        }
    }

    private func fires(_ text: String, after base: String, _ count: Int, _ change: ClockChange? = nil) throws
        -> [String]
    {
        let rule = try schedule(text, change)
        return sequence(first: try #require(Instant(rfc3339: base))) { rule.next(after: $0) }.dropFirst().prefix(count)
            .map(\.rfc3339)
    }

    @Test func `every vector is refused, or written in full and enumerated, as systemd does it`() throws {
        let vectors = try CronVectors.all.get().oncalendar
        #expect(vectors.count == 66)
        for vector in vectors {
            guard let next = vector.next else {
                #expect(vector.verdict == "reject")
                #expect(throws: ScheduleError.self, "\(vector.expr)") { try schedule(vector.expr) }
                continue
            }
            #expect(try CalendarText(vector.expr).normalized == vector.normalized)
            let found = try fires(vector.expr, after: vector.base, 4)
            #expect(found == next, "\(vector.expr) from \(vector.base)")
        }
    }

    @Test func `what is written in full means the same`() throws {
        for vector in try CronVectors.all.get().oncalendar where vector.next != nil {
            let text = try CalendarText(vector.expr)
            let again = try CalendarText(text.normalized)
            #expect(again.normalized == text.normalized)
            #expect(again.rule == text.rule, "\(vector.expr)")
        }
    }

    @Test(arguments: [
        ("*:*:0/0.5", "*-*-* *:*:00/0.500000", ["2024-01-01T00:00:00.5Z", "2024-01-01T00:00:01Z"]),
        ("12:00:00.25", "*-*-* 12:00:00.250000", ["2024-01-01T12:00:00.25Z", "2024-01-02T12:00:00.25Z"]),
        ("*:0:1.5..3.5", "*-*-* *:00:01.500000..03.500000", ["2024-01-01T00:00:01.5Z", "2024-01-01T00:00:02.5Z"]),
        ("sat,sun,thu..fri", "Thu..Sun *-*-* 00:00:00", ["2024-01-04T00:00:00Z", "2024-01-05T00:00:00Z"]),
        ("Monday", "Mon *-*-* 00:00:00", ["2024-01-08T00:00:00Z", "2024-01-15T00:00:00Z"]),
        ("05-03", "*-05-03 00:00:00", ["2024-05-03T00:00:00Z", "2025-05-03T00:00:00Z"]),
        ("*~7..3 1:0", "", []),
        ("*-*~3..7/2 1:0", "*-*~03..07/2 01:00:00", ["2024-01-25T01:00:00Z", "2024-01-27T01:00:00Z"]),
        ("*-*-5,1,5", "*-*-01,05 00:00:00", ["2024-01-05T00:00:00Z", "2024-02-01T00:00:00Z"]),
        ("30-1-1", "2030-01-01 00:00:00", ["2030-01-01T00:00:00Z"]),
        ("*:*:*", "*-*-* *:*:*", ["2024-01-01T00:00:01Z", "2024-01-01T00:00:02Z"]),
        ("HOURLY", "*-*-* *:00:00", ["2024-01-01T01:00:00Z", "2024-01-01T02:00:00Z"]),
    ])
    func `further texts`(text: String, normalized: String, next: [String]) throws {
        guard !normalized.isEmpty else {
            #expect(throws: ScheduleError.self) { try schedule(text) }
            return
        }
        #expect(try CalendarText(text).normalized == normalized)
        #expect(try fires(text, after: "2024-01-01T00:00:00Z", next.count) == next)
    }

    @Test func `parts of seconds are found backwards and counted, however many items name them`() throws {
        let rule = try schedule("*:*:0/0.25,0/0.5,59.125")
        let from = try #require(Instant(rfc3339: "2024-01-01T00:00:00.25Z"))
        let until = from + .seconds(119)
        let all = Array(sequence(first: from) { rule.next(after: $0) }.dropFirst().prefix { $0 <= until })
        #expect(all.count == 119 * 4 + 2)
        #expect(rule.count(after: from, through: until) == all.count)
        #expect(rule.last(1000, after: from, through: until) == all)
    }

    @Test func `a second pass is left out unless taken literally, a gap is skipped in both`() throws {
        let berlin = "2:30 Europe/Berlin"
        #expect(
            try fires(berlin, after: "2024-10-26T12:00:00Z", 2) == ["2024-10-27T00:30:00Z", "2024-10-28T01:30:00Z"])
        #expect(
            try fires(berlin, after: "2024-10-26T12:00:00Z", 2, .literal)
                == ["2024-10-27T00:30:00Z", "2024-10-27T01:30:00Z"])
        for change in ClockChange.allCases {
            #expect(try fires(berlin, after: "2024-03-30T12:00:00Z", 1, change) == ["2024-04-01T00:30:00Z"])
        }
    }

    @Test(arguments: [
        ("*-13-01", 2, "13 is no month: 1 to 12"), ("Foo 12:00", 0, "expected a weekday such as Mon"),
        ("Sat..Mon 12:00", 0, "a range of weekdays runs from Monday"), ("*:*/5", 3, "expected a blank or the end"),
        ("12", 2, "expected \"-\" or \"~\""), ("*-02-30", 0, "no such date ever comes"),
        ("1..0:00", 0, "the range reaches no second value"), ("0/24:00", 0, "the step reaches no second value"),
        ("*-*~29", 4, "29 is no day before the month's end"), ("12:00:00.0000001", 9, "a second has one to six"),
        ("*:*:0/0.0001", 6, "a step is 0.001 or more"), ("12:00 ../etc", 6, "expected the end, or a zone"),
        ("12:00 UTC UTC", 9, "expected the end"), ("", 0, "it is empty"), ("1969-01-01", 0, "1969 is no year"),
    ])
    func `a refusal names the place and the reason`(text: String, position: Int, reason: String) {
        let error = #expect(throws: ScheduleError.self) { try schedule(text) }
        #expect(error?.position == position, "\(error?.description ?? "")")
        #expect(error?.reason.hasPrefix(reason) == true, "\(error?.description ?? "")")
    }

    @Test func `mutated texts never trap, and what is accepted is written in full and read back`() throws {
        var random = SeededRandom(seed: 61)
        let seeds = try CronVectors.all.get().oncalendar.map { Array($0.expr.utf8) }
        let now = try #require(Instant(rfc3339: "2024-02-28T12:00:00Z"))
        var accepted = 0
        for round in 0..<6000 {
            let text = String(decoding: random.mutated(seeds[round % seeds.count]), as: UTF8.self)
            guard let calendar = try? CalendarText(text) else { continue }
            accepted += 1
            let again = try CalendarText(calendar.normalized)
            #expect(again.rule == calendar.rule, "\(text.debugDescription)")
            #expect(again.normalized == calendar.normalized, "\(text.debugDescription)")
            guard let next = calendar.rule.next(after: now, in: .utc) else { continue }
            #expect(next > now)
            #expect(calendar.rule.previous(before: next, in: .utc).map { $0 <= now } ?? true)
            #expect(calendar.rule.count(after: now, through: next, in: .utc) == 1)
        }
        #expect(accepted > 300)
    }
}
