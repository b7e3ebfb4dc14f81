import HostHTTP
import JobModel
import Testing

@testable import berth

struct SchedulerBlockTests {
    private func block(_ yaml: String, aliases: [String: ComponentName] = [:]) throws -> SchedulerBlock {
        let document = try #require(try YAMLDocument.read(yaml).first)
        return try SchedulerBlock(json: document.json, path: "", aliases: aliases) {
            document.line(of: String($0.dropFirst()))
        }
    }

    private func job(_ block: SchedulerBlock, _ index: Int = 0) throws -> JobDefinition {
        try block.entries[index].job.get()
    }

    private func reason(_ block: SchedulerBlock, _ index: Int = 0) -> String {
        if case .failure(let error) = block.entries[index].job { "\(error)" } else { "" }
    }

    @Test func `the block of the other scheduler's guide is taken as it is`() throws {
        let hello = try #require(ComponentName("text/wordcount"))
        let block = try block(
            """
            enabled: true
            jobs:
              - name: "hello_job"
                type: "duration"
                schedule: "30s"
                enabled: true
              - name: "cleanup_job"
                type: "daily"
                schedule: "02:00"
                enabled: false
            """, aliases: ["hello_job": hello])
        #expect(block.isEnabled)
        let job = try job(block)
        #expect(job.name == "hello_job")
        #expect(job.component == "text/wordcount")
        #expect(job.schedule == .every(.seconds(30)))
        #expect(job.enabled)
        #expect(reason(block, 1).contains("stands for no component"), "an entry without code affects itself only")
    }

    @Test(arguments: [
        ("30s", 30.0), ("5m", 300), ("1h", 3600), ("1.5h", 5400), ("500ms", 0.5),
    ])
    func `durations are read`(text: String, seconds: Double) throws {
        let block = try block("jobs: [{name: a, type: duration, schedule: '\(text)', component: x/y}]")
        #expect(try job(block).schedule == .every(.seconds(seconds)))
    }

    @Test(arguments: ["30", "", "1h 5m", "0s", "-5s"])
    func `other durations are refused`(text: String) throws {
        let block = try block("jobs: [{name: a, type: duration, schedule: '\(text)', component: x/y}]")
        #expect(reason(block).contains("must be a duration above zero"))
    }

    @Test(arguments: ["02:00", "2:00", "14:30", "23:59"])
    func `times of day are read`(text: String) throws {
        let block = try block("jobs: [{name: a, type: daily, schedule: '\(text)', component: x/y}]")
        #expect(try job(block).schedule == .daily(text))
    }

    @Test(arguments: ["24:00", "2:5", "", "12:60", "-1:00", "１2:00", "noon"])
    func `other times of day are refused`(text: String) throws {
        let block = try block("jobs: [{name: a, type: daily, schedule: '\(text)', component: x/y}]")
        #expect(reason(block).contains("is no schedule"), "\(reason(block))")
    }

    @Test func `an entry may grant its job files`() throws {
        let block = try block(
            """
            jobs:
              - {name: a, component: x/y, type: duration, schedule: 1s, access: {read: [/etc]}}
              - {name: b, component: x/y, type: duration, schedule: 1s, access: {read: [etc]}}
            """)
        #expect(try job(block).policy.access == FileAccess(read: ["/etc"]))
        #expect(reason(block, 1).contains("absolute"))
    }

    @Test func `the types that the guide leaves as exercises are there`() throws {
        let block = try block(
            """
            jobs:
              - {name: a, type: weekly, schedule: "MON,FRI 09:00", component: x/y}
              - {name: b, type: monthly, schedule: "1,-1 02:00", component: x/y, zone: Europe/Berlin}
            """)
        #expect(try job(block).schedule == .weekly("MON,FRI 09:00"))
        #expect(try job(block, 1).schedule == .monthly("1,-1 02:00", zone: "Europe/Berlin"))
    }

    @Test(arguments: [
        ("{name: a, type: yearly, schedule: x, component: x/y}", "must be duration, cron, daily, weekly or monthly"),
        ("{name: a, type: cron, schedule: 61 * * * *, component: x/y}", "is no schedule"),
        ("{name: A b, type: cron, schedule: '* * * * *', component: x/y}", "must be a name"),
        ("{name: a, schedule: 5s, component: x/y}", "jobs[0].type\" is missing"),
        ("{name: a, type: duration, schedule: 5s, component: x/y, enabeld: true}", "did you mean \"enabled\"?"),
        ("7", "must be an object"),
    ])
    func `an entry with a mistake says so, and the next one is fine`(entry: String, words: String) throws {
        let block = try block("jobs:\n  - \(entry)\n  - {name: b, type: cron, schedule: '@hourly', component: x/y}\n")
        #expect(reason(block).contains(words), "\(reason(block))")
        #expect(try job(block, 1).schedule == .cron("@hourly", zone: nil))
    }

    @Test func `the second of two entries with a name is refused`() throws {
        let entry = "{name: a, type: duration, schedule: 5s, component: x/y}"
        let block = try block("jobs: [\(entry), \(entry)]")
        #expect(reason(block).isEmpty)
        #expect(reason(block, 1).contains("has the name of an entry before it"))
    }

    @Test(arguments: ["jobs: 5", "- a", "enabled: maybe", "jops: []"])
    func `what is no such block is refused whole`(yaml: String) {
        #expect(throws: FieldError.self) { try block(yaml) }
    }
}
