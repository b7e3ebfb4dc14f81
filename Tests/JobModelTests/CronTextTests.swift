import JobModel
import Testing

struct CronTextTests {
    /// Texts for which either verdict is right as long as it is said: these we take.
    private static let taken: Set<String> = ["@DAILY", "*/100 * * * *", "0-59/60 * * * *"]

    private func isAccepted(_ text: String) -> Bool { (try? CronText(text)) != nil }

    @Test func `the syntax vectors are accepted and refused as they should be`() throws {
        for vector in try CronVectors.all.get().syntax {
            let wanted =
                vector.verdict == "accept" || (vector.verdict == "choice" && CronTextTests.taken.contains(vector.expr))
            #expect(isAccepted(vector.expr) == wanted, "\(vector.expr.debugDescription): \(vector.why)")
        }
    }

    @Test func `the intervals of the vectors are accepted and refused as they should be`() throws {
        for vector in try CronVectors.all.get().every {
            #expect(isAccepted(vector.expr) == (vector.recommended == "accept"), "\(vector.expr)")
        }
    }

    @Test(arguments: [
        ("60 * * * *", 0, "60 is no minute: 0 to 59"), ("* * * * FOO", 8, "expected a day of week, found \"F\""),
        ("  0 25 * * *", 4, "25 is no hour: 0 to 23"), ("0 0 30 2 *", 4, "no such date ever comes"),
        ("0 0 0 30 2 *", 6, "no such date ever comes"), ("TZ=UTC", 6, "fields are missing after the zone"),
        ("TZ= * * * * *", 3, "a zone is named like Europe/Berlin, right after the \"=\""),
        ("TZ=/etc/passwd * * * * *", 3, "a zone is named like Europe/Berlin, right after the \"=\""),
        ("TZ=../x * * * * *", 3, "a zone is named like Europe/Berlin, right after the \"=\""),
        ("1,,2 * * * *", 2, "expected a minute, found \",\""),
        ("5, * * * *", 2, "expected a minute, found the end of the minute field"),
        ("*/0 * * * *", 2, "a step is 1 or more"), ("0 0 * * 1#6", 10, "# wants 1 to 5, or L for the last"),
        ("0 0 L-31 * *", 6, "L- wants 1 to 30 days"),
        ("0 0 0 1 1 * 2030-2020", 21, "the year range 2030-2020 runs backwards"),
        ("0 0 * * MONDAY", 11, "unexpected \"D\""), ("@daily x", 7, "nothing may follow @daily"),
        ("@every 500ms", 7, "@every wants one second or more"),
        ("５ * * * *", 0, "expected a minute, found a byte that is no plain character"),
        ("0 0 * * +", 9, "expected a day of week, found the end of the day of week field"),
    ])
    func `a refusal names the place and the reason`(text: String, position: Int, reason: String) {
        let error = #expect(throws: ScheduleError.self) { try CronText(text) }
        #expect(error == ScheduleError(text: text, position: position, reason: reason))
    }

    @Test(arguments: [
        "0 0 31 2,4,6,9,11 *", "0 0 30,31 2 *", "0 0 29 2 * 2025", "0 0 0 29 2 * 2025-2027", "0 0 31W 2 *",
        "0 0 L-29 2 *",
        "0 0 1-7 * +MON#2", "0 0 8 * +MON#1", "0 0 0 15W * +SUN",
    ])
    func `dates that never come are refused`(text: String) {
        #expect(!isAccepted(text))
    }

    @Test(arguments: [
        "0 0 30 2 MON", "0 0 0 29 2 * 2028", "0 0 29W 2 *", "0 0 L-28 2 *", "0 0 29 2 +MON", "0 0 * 2 MON#5",
    ])
    func `dates that come seldom are accepted`(text: String) {
        #expect(isAccepted(text))
    }

    @Test func `the zone prefix is told`() throws {
        #expect(try CronText(" CRON_TZ=Etc/GMT+3\t0 0 * * * \n").zone == "Etc/GMT+3")
        #expect(try CronText("0 0 * * *").zone == nil)
    }

    @Test func `an absurdly long text is refused and not repeated whole`() throws {
        let error = #expect(throws: ScheduleError.self) { try CronText(String(repeating: "0,", count: 1_000_000)) }
        #expect(try #require(error).text.utf8.count < 110)
    }

    @Test func `mutated texts never trap and what is accepted can be asked`() throws {
        var random = SeededRandom(seed: 31)
        let seeds = try CronVectors.all.get().vectors.map { Array($0.expr.utf8) }
        let now = try #require(Instant(rfc3339: "2024-02-28T12:00:00Z"))
        var accepted = 0
        for round in 0..<6000 {
            let text = String(decoding: random.mutated(seeds[round % seeds.count]), as: UTF8.self)
            guard let cron = try? CronText(text), case .fields(let expression) = cron.rule else { continue }
            accepted += 1
            if let next = expression.next(after: now, in: .utc) { #expect(next > now) }
            if let previous = expression.previous(before: now, in: .utc) { #expect(previous < now) }
        }
        #expect(accepted > 300)
    }
}
