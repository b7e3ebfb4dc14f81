import JobModel
import Testing

struct OutlookTests {
    private func outlook(_ spec: ScheduleSpec, after: String, count: Int = 20) throws -> Outlook {
        let start = try #require(Instant(rfc3339: after))
        let schedule = try Schedule(spec, anchor: start) { try? SystemZones.rules($0) }
        return Outlook(of: schedule, after: start, count: count)
    }

    private func note(_ outlook: Outlook, at text: String) -> String? {
        for case .fire(let instant, let note) in outlook.rows where instant.rfc3339 == text { return note }
        return "no fire at \(text)"
    }

    @Test func `a gap far away is reached, and the fire at its end says what it stands for`() throws {
        let outlook = try outlook(.cron("0 30 2 * * *", zone: "Europe/Berlin"), after: "2026-11-21T12:00:00Z")
        #expect(outlook.fires.count == 20)
        #expect(outlook.fires.first?.rfc3339 == "2026-11-22T01:30:00Z")
        #expect(note(outlook, at: "2027-03-28T01:00:00Z") == "in place of 02:30, which this day does not have")
        #expect(note(outlook, at: "2027-03-29T00:30:00Z") == nil)
        #expect(outlook.rows.contains(.more(115)))
        #expect(
            outlook.rows.contains { row in
                if case .change(let change, let effect) = row {
                    change.words == "Sun 2027-03-28, the clock goes forward from 02:00 to 03:00 (+01:00 to +02:00)"
                        && effect == "02:30 is swallowed by the gap: one run at the end of the gap"
                } else {
                    false
                }
            })
    }

    @Test(arguments: [
        (ClockChange.civil, 1, "02:30 comes twice: the first pass runs, the second does not"),
        (.literal, 2, "02:30 comes twice: both passes run"),
    ])
    func `an overlap has a note on every pass`(policy: ClockChange, passes: Int, effect: String) throws {
        let outlook = try outlook(
            .cron("30 2 * * *", zone: "Europe/Berlin", clockChange: policy), after: "2027-10-30T12:00:00Z")
        let notes = outlook.rows.compactMap { if case .fire(_, let note?) = $0 { note } else { nil } }
        #expect(notes.count == passes)
        #expect(notes.first == "first pass of the hour that comes twice")
        #expect(
            outlook.rows.contains { if case .change(_, let said) = $0 { said == effect } else { false } })
    }

    @Test func `without changes to come there are just the fires`() throws {
        let outlook = try outlook(.cron("0 9 * * *", zone: "Asia/Kolkata"), after: "2026-11-21T12:00:00Z", count: 5)
        #expect(outlook.rows.count == 5)
        #expect(outlook.fires.count == 5)
        #expect(try self.outlook(.none, after: "2026-11-21T12:00:00Z").rows.isEmpty)
        #expect(try self.outlook(.every(.seconds(1), from: .end), after: "2026-11-21T12:00:00Z").fires.count == 20)
    }

    @Test func `around a change nothing is left out or said twice`() throws {
        for zone in ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Chatham", "Africa/Cairo"] {
            for text in ["*/20 * * * *", "30 2 * * *", "0 0 1 * *", "0 * * * * *"] {
                let outlook = try outlook(.cron(text, zone: zone), after: "2026-11-21T12:00:00Z")
                #expect(outlook.fires.count == 20, "\(text) in \(zone)")
                #expect(zip(outlook.fires, outlook.fires.dropFirst()).allSatisfy { $0 < $1 }, "\(text) in \(zone)")
                let changes = outlook.rows.contains { if case .change = $0 { true } else { false } }
                #expect(changes, "\(text) in \(zone)")
            }
        }
    }
}
