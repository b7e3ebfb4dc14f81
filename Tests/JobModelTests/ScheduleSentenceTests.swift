import JobModel
import Testing

struct ScheduleSentenceTests {
    private func sentence(_ text: String, _ rule: DayRule? = nil) throws -> String {
        try Schedule(ScheduleText(text, dayRule: rule).spec, anchor: Instant(microseconds: 0)) { _ in .utc }.sentence
    }

    @Test(arguments: [
        ("* * * * *", "Every minute."), ("*/15 * * * *", "Every 15 minutes."),
        ("*/7 * * * *", "Every 7 minutes from minute 0 through 56 of every hour."),
        ("5/20 * * * *", "Every 20 minutes from minute 5 of every hour."),
        ("0 * * * *", "Every hour, on the hour."), ("30 * * * *", "At minute 30 of every hour."),
        ("5,35 * * * *", "At minutes 5 and 35 of every hour."),
        ("0 */2 * * *", "Every 2 hours."), ("0 3/6 * * *", "At 03:00, 09:00, 15:00 and 21:00 every day."),
        ("30 2 * * *", "At 02:30 every day."), ("0 30 2 * * *", "At 02:30 every day."),
        ("30 30 2 * * *", "At 02:30:30 every day."),
        ("0 9,17 * * MON-FRI", "At 09:00 and 17:00 Monday through Friday."),
        ("*/15 9-17 * * 1-5", "Every 15 minutes from 09:00 through 17:59 Monday through Friday."),
        ("5,35 22-2 * * *", "At minutes 5 and 35 of every hour from 22:00 through 02:59 every day."),
        ("*/10 * * * * *", "Every 10 seconds."),
        ("* * * * * *", "Every second."), ("5 * * * * *", "At second 5 of every minute."),
        ("*/10 */5 * * * *", "Every 10 seconds of every 5th minute from 0 through 55."),
        ("0 0 13 * FRI", "At 00:00 on the 13th of the month, and also on Fridays."),
        ("0 0 13 * +FRI", "At 00:00 on the 13th of the month, if that is a Friday."),
        ("0 0 1-31 * MON", "At 00:00 every day."), ("0 0 L * *", "At 00:00 on the last day of the month."),
        ("0 0 L-3 * *", "At 00:00 on the 3rd day before the last of the month."),
        ("0 0 15W * *", "At 00:00 on the weekday nearest the 15th of the month."),
        ("0 0 1,LW * *", "At 00:00 on the 1st and the last weekday of the month."),
        ("0 0 * * MON#2", "At 00:00 on the 2nd Monday of the month."),
        ("0 0 * * 5L", "At 00:00 on the last Friday of the month."),
        ("0 0 */5 * *", "At 00:00 on every 5th day from the 1st through the 31st of the month."),
        ("0 0 1 1,7 *", "At 00:00 on the 1st of the month in January and July."),
        ("0 0 29 2 ?", "At 00:00 on the 29th of the month in February."),
        ("0 0 0 1 1 * 2030", "At 00:00 on the 1st of the month in January in 2030."),
        ("@every 90s", "Every 1m30s, counted from when the job was defined."),
        ("every 1h from end", "1h after each run has ended."),
        ("@manual", "Never by itself; only when it is triggered."),
        ("daily 2:00,14:30", "At 02:00 and 14:30 every day."),
        ("weekly SUN,FRI 09:00", "At 09:00 on Fridays and Sundays."),
        ("monthly 1,-1 02:00", "At 02:00 on the 1st and the last day of the month."),
        ("Mon *-*~7/1 06:00", "At 06:00 on the last 7 days of the month, if that is a Monday."),
        ("0-5 9 * * *", "Every minute from minute 0 through 5 of the hour 09 every day."),
        ("2024/2-01-01", "At 00:00 on the 1st of the month in January every 2nd year"),
        ("*:*:0/0.5", "Every 0.5 seconds from second 0 of every minute."),
        ("at 1970-01-01T00:00:01Z", "Once, at 1970-01-01T00:00:01Z."),
    ])
    func `a schedule reads like a sentence`(text: String, words: String) throws {
        let sentence = try sentence(text)
        #expect(sentence == words || (!words.hasSuffix(".") && sentence.hasPrefix(words)), "\(sentence)")
    }

    @Test func `every vector has a sentence`() throws {
        for vector in try CronVectors.all.get().vectors {
            let sentence = try sentence(vector.expr)
            #expect(sentence.hasSuffix(".") && sentence.count < 400 && !sentence.contains("  "), "\(vector.expr)")
        }
    }

    @Test func `cron written in full means the same, whatever the day rule was`() throws {
        for vector in try CronVectors.all.get().vectors {
            for rule in DayRule.allCases { try check(vector.expr, rule) }
        }
    }

    @Test func `mutated cron texts written in full mean the same`() throws {
        var random = SeededRandom(seed: 71)
        let seeds = try CronVectors.all.get().vectors.map { Array($0.expr.utf8) }
        for round in 0..<6000 {
            let text = String(decoding: random.mutated(seeds[round % seeds.count]), as: UTF8.self)
            if (try? CronText(text, dayRule: .vixie)) != nil { try check(text, .vixie) }
        }
    }

    private func check(_ text: String, _ dayRule: DayRule) throws {
        guard let cron = try? CronText(text, dayRule: dayRule), case .fields(let rule) = cron.rule else { return }
        let written = try #require(rule.cronText)
        guard case .fields(let again) = try CronText(written).rule else { return }
        #expect(again == rule, "\(text) by \(dayRule) is written \(written)")
        #expect(again.cronText == written)
    }
}
