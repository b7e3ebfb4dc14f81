import JobModel
import Testing

/// What holds for schedules of every kind, at random moments from 1970 to 2100 in all zones of the machine.
struct SchedulePropertyTests {
    /// A schedule of some kind, any of its values at random.
    private func randomSpec(_ random: inout SeededRandom, zone: String) -> ScheduleSpec {
        func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
        func pick(_ words: [String]) -> String { words[number(0...words.count - 1)] }
        func time() -> String { "\(number(0...23)):\(number(10...59))" }
        let change = ClockChange.allCases[number(0...1)]
        switch number(0...6) {
        case 0: return .daily("\(time()),\(time()),\(time())", zone: zone, clockChange: change)
        case 1: return .weekly("\(pick(["MON", "SAT-SUN", "TUE,FRI"])) \(time())", zone: zone, clockChange: change)
        case 2: return .monthly("\(number(1...31)),-\(number(1...31)) \(time())", zone: zone, clockChange: change)
        case 3:
            let date = pick(["*-*-*", "Mon *-*-*", "*-*~\(number(1...28))", "*-0/\(number(1...6))-\(number(1...28))"])
            let seconds = pick(["0", "*", "0/7", "12.25", "0/0.5"])
            let text =
                "\(date.replacing("-0/", with: "-1/")) \(number(0...3))/\(number(1...9)):\(number(0...59)):\(seconds)"
            return .calendar(text, zone: zone, clockChange: change)
        case 4: return .every(.milliseconds(number(1...100_000_000)))
        default:
            let day = pick(["*", "*", "L", "15W", "\(number(1...31))", "*/\(number(1...10))"])
            let hour = pick(["*", "*/\(number(2...5))", "1-3", "\(number(0...23))"])
            let minute = pick(["*/20", "\(number(0...59))", "*/\(number(7...40))"])
            let weekday = pick(["*", "*", "MON-FRI", "SUN#1", "+SAT"])
            return .cron(
                "\(minute) \(hour) \(day) * \(weekday)", zone: zone, dayRule: DayRule.allCases[number(0...2)],
                clockChange: change)
        }
    }

    @Test func `next is later, previous agrees with it, and windows hold what next enumerates`() throws {
        var random = SeededRandom(seed: 81)
        let zones = try SystemZones.names().map { try ($0, SystemZones.rules($0)) }
        let end: Int64 = 4_102_444_800_000_000
        var asked = 0
        for round in 0..<2500 {
            let (name, rules) = zones[round % zones.count]
            let spec = randomSpec(&random, zone: name)
            // Half of the moments lie just before a change of the zone's clocks.
            var now = Instant(microseconds: .random(in: 0...end, using: &random))
            if round % 2 == 0, let change = rules.change(after: now) { now = change.at + .seconds(-5400) }
            guard let schedule = try? Schedule(spec, anchor: Instant(microseconds: 0), zones: { _ in rules }) else {
                continue
            }
            try check(schedule, after: now, "\(spec) after \(now.rfc3339)")
            asked += 1
        }
        #expect(asked > 2200)
    }

    private func check(_ schedule: Schedule, after now: Instant, _ what: String) throws {
        let fires = Array(sequence(first: now) { schedule.next(after: $0) }.dropFirst().prefix(8))
        guard let first = fires.first, let last = fires.last else { return }
        #expect(first > now, "\(what)")
        #expect(zip(fires, fires.dropFirst()).allSatisfy { $0 < $1 }, "\(what)")
        #expect(schedule.count(after: now, through: last) == fires.count, "\(what)")
        #expect(schedule.last(8, after: now, through: last) == fires, "\(what)")
        let before = schedule.previous(before: first)
        #expect(before.map { $0 <= now } ?? true, "\(what)")
        #expect(before.flatMap { schedule.next(after: $0) } ?? first == first, "\(what)")
    }
}
