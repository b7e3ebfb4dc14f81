import HostHTTP
import JobModel
import JobStore
import Testing

@testable import berth

struct InboxEntryTests {
    private let entry = InboxEntry(aliases: [:], queues: ["default", "billing"])

    private func row(_ change: (inout InboxJob) -> Void = { _ in }) -> InboxJob {
        var row = InboxJob(
            id: 17, name: "report", type: "cron_job", cron: "0 0 8 * * *", service: "text", method: "wordcount")
        change(&row)
        return row
    }

    private func task(_ change: (inout InboxTask) -> Void = { _ in }) -> InboxTask {
        var task = InboxTask(id: 3, name: "t", service: "text", method: "wordcount", key: "k")
        change(&task)
        return task
    }

    @Test func `a row of job_center is a job`() throws {
        let job = try entry.job(
            row {
                $0.args = #"{"date":"auto"}"#; $0.timeout = 20; $0.system = "billing"
            })
        #expect(job.name == "report")
        #expect(job.component == "text/wordcount")
        #expect(job.schedule == .cron("0 0 8 * * *", zone: nil))
        #expect(job.params == #"{"date":"auto"}"#, "byte for byte")
        #expect(job.policy.timeout == .seconds(20))
        #expect(job.queue == "billing")
        #expect(job.enabled)
    }

    @Test func `what is left out has the defaults those systems have`() throws {
        let job = try entry.job(
            row {
                $0.timeout = -1; $0.system = "unknown"; $0.args = " [] "; $0.isEnabled = false
            })
        #expect(job.policy.timeout == .seconds(300))
        #expect(job.queue == "default")
        #expect(job.params == "{}")
        #expect(!job.enabled)
        #expect(try entry.job(row { $0.timeout = .max }).policy.timeout == .seconds(365 * 86_400))
    }

    @Test func `a name of other letters becomes the description`() throws {
        let job = try entry.job(row { $0.name = "每日报表" })
        #expect(job.name == "inbox.17")
        #expect(job.description == "每日报表")
    }

    @Test(arguments: [
        (
            #"{"day": 1.50}"#,
            #"{"url":"http://h/x","method":"POST","body_text":"{\"day\": 1.50}","#
                + #""headers":{"Content-Type":"application/json"}}"#
        ),
        ("a=b", #"{"url":"http://h/x","method":"POST","body_text":"a=b"}"#),
        ("", #"{"url":"http://h/x","method":"POST"}"#),
    ])
    func `a hook posts its arguments, byte for byte`(args: String, params: String) throws {
        let job = try entry.job(
            row {
                $0.type = "cron_hook"; $0.url = "http://h/x\n"; $0.service = ""; $0.args = args
            })
        #expect(job.component == "http/request")
        #expect(job.params == params)
    }

    @Test func `an alias stands for a component`() throws {
        let aliases = InboxEntry(
            aliases: ["UserService/Sync": try #require(ComponentName("users/sync"))], queues: [])
        let job = try aliases.job(
            row {
                $0.service = "UserService"; $0.method = "Sync"
            })
        #expect(job.component == "users/sync")
    }

    @Test func `a row that cannot be says why`() {
        let cases: [(InboxJob, String)] = [
            (
                row {
                    $0.type = "cron_hook"; $0.url = " "
                }, "needs its hook_url, which is empty"
            ),
            (row { $0.type = "back_job" }, "must be cron_job or cron_hook, not \"back_job\""),
            (row { $0.service = "UserService" }, "\"UserService/wordcount\" is no component"),
            (row { $0.service = "" }, "is no component"),
            (row { $0.args = "[1]" }, "must be a JSON object; it is [1]"),
            (row { $0.args = "{\"a\":}" }, "is no JSON: line 1"),
        ]
        for (row, words) in cases {
            let refusal = #expect(throws: InboxRefusal.self) { try entry.job(row) }
            #expect(refusal?.reason.contains(words) == true, "\(refusal?.reason ?? "")")
        }
    }

    @Test func `a row of asynctasks is a run with the row's key`() throws {
        let request = try entry.request(
            task {
                $0.argument = #"{"n":1.50}"#; $0.retries = 2; $0.priority = 9
            })
        #expect(request.component.description == "text/wordcount")
        #expect(String(decoding: request.params, as: UTF8.self) == #"{"n":1.50}"#)
        #expect(request.policy.retry.attempts == 3, "two retries are three attempts")
        #expect(request.priority == 9)
        #expect(request.uniqueKey == "k")
    }

    @Test(arguments: [(Int64.min, 1), (-1, 1), (0, 1), (3, 4), (Int64.max, 1000)])
    func `any number of retries is a number of attempts`(retries: Int64, attempts: Int) throws {
        #expect(try entry.request(task { $0.retries = retries }).policy.retry.attempts == attempts)
        #expect(abs(try entry.request(task { $0.priority = retries }).priority) <= 100)
    }
}
