import HostHTTP
import JobModel
import Testing

struct JobDefinitionTests {
    private func job(_ text: String) throws -> JobDefinition {
        try JobDefinition(json: try JSONParser.parse(text))
    }

    @Test(arguments: [
        (
            #""schedule":{"cron":"*/5 * * * *","zone":"Europe/Berlin"}"#,
            ScheduleSpec.cron("*/5 * * * *", zone: "Europe/Berlin")
        ),
        (#""cron":"*/5 * * * *""#, .cron("*/5 * * * *", zone: nil)),
        (#""every":"10s""#, .every(.seconds(10))),
        (#""schedule":{"at":"1970-01-01T00:00:01Z"}"#, .at(Instant(microseconds: 1_000_000))),
        (#""schedule":"none""#, ScheduleSpec.none),
        (#""schedule":"daily 02:00""#, .daily("02:00")),
        (#""daily":["02:00","14:30"],"zone":"Europe/Berlin""#, .daily("02:00,14:30", zone: "Europe/Berlin")),
        (#""weekly":"MON,FRI 09:00","daylight_saving":"literal""#, .weekly("MON,FRI 09:00", clockChange: .literal)),
        (#""schedule":{"monthly":"1,-1 02:00"}"#, .monthly("1,-1 02:00")),
        (#""calendar":"Mon *-*-* 09:00 Asia/Tokyo""#, .calendar("Mon *-*-* 09:00 Asia/Tokyo")),
        (#""schedule":{"every":"10s","from":"end"}"#, .every(.seconds(10), from: .end)),
        (#""cron":"0 0 13 * 5","day_rule":"and""#, .cron("0 0 13 * 5", dayRule: .and)),
        (#""enabled":true"#, ScheduleSpec.none),
    ])
    func `schedules are read nested or beside the rest`(field: String, spec: ScheduleSpec) throws {
        #expect(try job(#"{"name":"n","component":"a/b",\#(field)}"#).schedule == spec)
    }

    @Test(arguments: [
        (#""http://h/x""#, #"{"url":"http://h/x","method":"POST"}"#),
        (#"{"url":"http://h/x","body":{"n":1.50}}"#, #"{"url":"http://h/x","body":{"n":1.50},"method":"POST"}"#),
        (#"{"url":"http://h/x","method":"PUT"}"#, #"{"url":"http://h/x","method":"PUT"}"#),
    ])
    func `a job that is a URL posts to it`(http: String, params: String) throws {
        let job = try job(#"{"name":"n","http":\#(http)}"#)
        #expect(job.component == "http/request" && job.params == params)
    }

    @Test func `a job written out reads back`() throws {
        let definition = JobDefinition(
            name: "a.b_c", description: "what it does", component: "a/b", params: #"{"x":[1,"2"]}"#,
            schedule: .cron("0 3 * * *", zone: "Europe/Berlin"), policy: RunPolicy(timeout: .seconds(1)), queue: "mail",
            priority: 4, enabled: false, overlap: .queue(2),
            missed: MissedPolicy(.all(24), within: .seconds(3600), spread: .seconds(60)), jitter: .seconds(300))
        #expect(try JobDefinition(json: definition.json) == definition)
    }

    @Test(arguments: [
        (#"{"component":"a/b"}"#, "name", "is missing"),
        (#"{"name":"A","component":"a/b"}"#, "name", "must be a name"),
        (#"{"name":"n","http":7}"#, "http", "must be a URL"),
        (#"{"name":"n","http":"http://h/","params":{}}"#, "params", "together with \"http\""),
        (#"{"name":"n","component":"a/b","schedule":{}}"#, "schedule", "must have one of"),
        (#"{"name":"n","component":"a/b","schedule":{"crn":"x"}}"#, "schedule.crn", "did you mean \"cron\"?"),
        (#"{"name":"n","component":"a/b","cron":"* * * * *","every":"1s"}"#, "cron", "one schedule too many"),
        (#"{"name":"n","component":"a/b","zone":"UTC"}"#, "zone", "belongs to \"cron\""),
        (#"{"name":"n","component":"a/b","every":"1s","zone":"UTC"}"#, "zone", "belongs to"),
        (#"{"name":"n","component":"a/b","daily":"02:00","from":"end"}"#, "from", "belongs to \"every\""),
        (#"{"name":"n","component":"a/b","daily":"2:5"}"#, "daily", "is no schedule: at byte 0, expected a time"),
        (#"{"name":"n","component":"a/b","daily":[2]}"#, "daily", "must be a text or a list of times"),
        (#"{"name":"n","component":"a/b","schedule":"61 * * * *"}"#, "schedule", "61 is no minute"),
        (#"{"name":"n","component":"a/b","cron":"* * * * *","day_rule":"x"}"#, "day_rule", "must be \"robfig\""),
        (#"{"name":"n","component":"a/b","every":"0s"}"#, "every", "must be a duration above zero"),
        (#"{"name":"n","component":"a/b","overlap":"queue(0)"}"#, "overlap", "must be skip, allow, allow(n), queue"),
        (#"{"name":"n","component":"a/b","missed":"twice"}"#, "missed", "must be skip, once, all or all(n)"),
        (#"{"name":"n","component":"a/b","missed_within":"1h"}"#, "missed_within", "belongs to \"missed\""),
        (#"{"name":"n","component":"a/b","missed":"skip","missed_spread":"1h"}"#, "missed_spread", "once or all"),
        (#"{"name":"n","component":"a/b","jitter":"-5m"}"#, "jitter", "must be a duration"),
        (#"{"name":"n","component":"a/b","shedule":"none"}"#, "shedule", "did you mean \"schedule\"?"),
    ])
    func `a wrong field is named with the reason`(text: String, path: String, reason: String) throws {
        let error = try #require(throws: FieldError.self) { try job(text) }
        #expect(error.path == path)
        #expect(error.description.contains(reason), "\(error)")
    }

    @Test func `names in an application are unique and wrong ones have their index`() throws {
        let twice = try JSONParser.parse(
            #"{"jobs":[{"name":"n","component":"a/b"},{"name":"n","component":"a/b"}]}"#)
        let error = try #require(throws: FieldError.self) { try JobsApplication(json: twice) }
        #expect(error.path == "jobs[1].name")
    }
}
