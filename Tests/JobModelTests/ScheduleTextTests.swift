import JobModel
import Testing

struct ScheduleTextTests {
    @Test(arguments: [
        ("0 9 * * 1-5", ScheduleSpec.cron("0 9 * * 1-5")), ("@hourly", .cron("@hourly")),
        ("TZ=Asia/Tokyo @daily", .cron("TZ=Asia/Tokyo @daily")), ("every 90s", .every(.seconds(90))),
        ("every 1h from end", .every(.seconds(3600), from: .end)), ("daily 02:00, 14:30", .daily("02:00, 14:30")),
        ("weekly MON 9:00", .weekly("MON 9:00")), ("monthly 1,-1 02:00", .monthly("1,-1 02:00")),
        ("at 1970-01-01T00:00:01Z", .at(Instant(microseconds: 1_000_000))), ("none", ScheduleSpec.none),
        ("calendar 02:30", .calendar("02:30")), ("02:30", .calendar("02:30")), ("daily", .calendar("daily")),
        ("weekly UTC", .calendar("weekly UTC")), ("daily Asia/Kolkata", .calendar("daily Asia/Kolkata")),
        ("*-02~1", .calendar("*-02~1")), ("Mon", .calendar("Mon")),
    ])
    func `the kind is known by the text`(text: String, spec: ScheduleSpec) throws {
        #expect(try ScheduleText(text).spec == spec)
    }

    @Test func `every vector is taken for what it is`() throws {
        let vectors = try CronVectors.all.get()
        for vector in vectors.vectors { #expect(try ScheduleText(vector.expr).spec == .cron(vector.expr)) }
        for vector in vectors.oncalendar where vector.next != nil {
            #expect(try ScheduleText(vector.expr).spec == .calendar(vector.expr))
        }
    }

    @Test(arguments: [
        "* * * *", "", "@reboot", "every", "every 0s", "every 1h from", "at noon", "weekly 09:00", "H * * * *",
    ])
    func `what is no schedule of any kind is refused`(text: String) {
        #expect(throws: ScheduleError.self) { try ScheduleText(text) }
    }
}
