import Testing

@testable import JobModel

/// Checks the search against walks over real time and against itself, over the zones of the machine.
struct CronPropertyTests {
    private static let texts = [
        "30 2 * * *", "*/20 * * * *", "0 0 * * *", "15,45 1-3 * * *", "0 */2 * * 0", "30 30 2 * * *", "45 23 * * *",
        "0 0 L * *", "0 12 30 12 *", "* 2 * * *",
    ]

    private func calendar(_ text: String) throws -> WallRule {
        guard case .fields(let expression) = try CronText(text).rule else { throw NotACalendar() }
        return expression
    }

    private struct NotACalendar: Error {}

    private func instant(_ second: Int) -> Instant { Instant(microseconds: Int64(second) * 1_000_000) }

    /// Minutes at which the clock shows what the pattern asks for: the literal policy, found the slow way.
    private func walk(_ pattern: WallPattern, _ zone: ZoneRules, from: Int, to: Int) -> [Instant] {
        stride(from: from, to: to, by: 60).filter { second in
            let wall = second + zone.span(at: second).offset
            return pattern.first(from: wall, before: wall + 1) == wall
        }.map(instant)
    }

    private func fires(
        _ expression: WallRule, _ zone: ZoneRules, from: Int, to: Int, _ change: ClockChange
    ) -> [Instant] {
        sequence(first: instant(from - 1)) { expression.next(after: $0, in: zone, clockChange: change) }
            .dropFirst().prefix { $0 < instant(to) }.map { $0 }
    }

    private func firesBackwards(
        _ expression: WallRule, _ zone: ZoneRules, from: Int, to: Int, _ change: ClockChange
    ) -> [Instant] {
        sequence(first: instant(to)) { expression.previous(before: $0, in: zone, clockChange: change) }
            .dropFirst().prefix { $0 >= instant(from) }.reversed()
    }

    /// Starts of spans between 1970 and 2100, some of them for each zone.
    private func edges(_ zone: ZoneRules, count: Int, _ random: inout SeededRandom) -> [Int] {
        (0..<count).map { _ in zone.span(at: Int.random(in: 0...4_102_444_800, using: &random)).start }
            .filter { $0 > 0 && $0 % 60 == 0 }
    }

    @Test func `around clock changes of every zone the literal policy is what a walk finds`() throws {
        var random = SeededRandom(seed: 51)
        var seen = 0
        for name in try SystemZones.names() {
            let zone = try SystemZones.rules(name)
            for edge in edges(zone, count: 1, &random) {
                let text = try #require(CronPropertyTests.texts.randomElement(using: &random))
                let expression = try calendar(text)
                let (from, to) = (edge - 4 * 3600, edge + 4 * 3600)
                let found = fires(expression, zone, from: from, to: to, .literal)
                let seconds = text.split(separator: " ").count == 6
                let walked = walk(expression.pattern, zone, from: from, to: to)
                if !seconds { #expect(found == walked, "\(text) in \(name) around \(instant(edge).rfc3339)") }
                seen += 1
            }
        }
        #expect(seen > 150)
    }

    @Test(arguments: ClockChange.allCases)
    func `around clock changes of every zone forwards and backwards agree`(change: ClockChange) throws {
        var random = SeededRandom(seed: 52)
        for name in try SystemZones.names() {
            let zone = try SystemZones.rules(name)
            for edge in edges(zone, count: 2, &random) {
                let text = try #require(CronPropertyTests.texts.randomElement(using: &random))
                let expression = try calendar(text)
                let (from, to) = (edge - 40 * 3600, edge + 40 * 3600)
                let forwards = fires(expression, zone, from: from, to: to, change)
                #expect(zip(forwards, forwards.dropFirst()).allSatisfy { $0 < $1 })
                #expect(
                    forwards == firesBackwards(expression, zone, from: from, to: to, change),
                    "\(text) in \(name) around \(instant(edge).rfc3339)")
                let counted = expression.count(
                    after: instant(from - 1), through: instant(to - 1), in: zone, clockChange: change)
                #expect(counted == forwards.count, "\(text) in \(name) around \(instant(edge).rfc3339)")
            }
        }
    }

    @Test(arguments: ClockChange.allCases)
    func `long windows hold as many fires as are found one by one`(change: ClockChange) throws {
        var random = SeededRandom(seed: 54)
        let texts =
            CronPropertyTests.texts + ["7 5 29 2 *", "0 0 9 * * MON#1 2030-2033", "1 1 1,15 * 5", "30 5 6 LW * *"]
        let zones = try SystemZones.names().map(SystemZones.rules)
        for text in texts {
            let expression = try calendar(text)
            let zone = try #require(zones.randomElement(using: &random))
            let from = Int.random(in: 0...4_000_000_000, using: &random)
            let to = from + Int.random(in: 1...9_000_000, using: &random)
            let found = fires(expression, zone, from: from, to: to, change).count
            let counted = expression.count(
                after: instant(from - 1), through: instant(to - 1), in: zone, clockChange: change)
            #expect(counted == found, "\(text) in \(zone.name) from \(instant(from).rfc3339)")
        }
    }

    /// The promise of the civil policy: whatever the clocks do, a daily job runs once for every date.
    @Test func `a daily time fires once for each date in every zone`() throws {
        let (from, to) = (1_704_067_200, 1_735_689_600)
        let days = (to - from) / 86_400
        for name in try SystemZones.names().enumerated().filter({ $0.offset % 4 == 0 }).map(\.element) {
            let zone = try SystemZones.rules(name)
            for text in ["30 2 * * *", "0 0 * * *"] {
                let count = fires(try calendar(text), zone, from: from, to: to, .civil).count
                #expect(abs(count - days) <= 1, "\(text) in \(name): \(count)")
            }
        }
    }

    @Test func `random moments over all zones keep next and previous consistent`() throws {
        var random = SeededRandom(seed: 53)
        let zones = try SystemZones.names().map(SystemZones.rules)
        let expressions = try CronVectors.all.get().vectors.compactMap { vector -> (String, WallRule)? in
            guard case .fields(let expression) = try CronText(vector.expr).rule else { return nil }
            return (vector.expr, expression)
        }
        for round in 0..<1500 {
            let (text, expression) = expressions[round % expressions.count]
            let zone = try #require(zones.randomElement(using: &random))
            let now = Instant(microseconds: Int64.random(in: 0...4_000_000_000_000_000, using: &random))
            guard let next = expression.next(after: now, in: zone) else { continue }
            #expect(next > now, "\(text) in \(zone.name)")
            let before = expression.previous(before: next, in: zone)
            #expect(before.map { $0 <= now } ?? true, "\(text) in \(zone.name) after \(now.rfc3339)")
            #expect(before.flatMap { expression.next(after: $0, in: zone) } == (before == nil ? nil : next))
            let window = sequence(first: next) { expression.next(after: $0, in: zone) }.prefix(40)
            guard let last = Array(window).last else { continue }
            #expect(
                expression.count(after: now, through: last, in: zone) == Array(window).count,
                "\(text) in \(zone.name) after \(now.rfc3339)")
        }
    }
}
