import HTTPTypes
import Hummingbird
import HummingbirdTesting
import JobModel
import Testing

@testable import HostHTTP

/// What can be done to jobs, in every state, and the named refusals that other schedulers have.
struct JobVerbTests {
    private static let tick =
        #"{"name":"tick","component":"basic/wait","schedule":{"every":"1h"}}"#

    @Test func `a job is created once, then updated, disabled, enabled and deleted`() async throws {
        try await ServedEngine.with { client in
            func ask(_ method: HTTPRequest.Method, _ path: String, _ body: String? = nil) async throws -> String? {
                let answer = try await client.ask(method, "/api/v1/jobs\(path)", body)
                return answer.json["code"]?.string ?? "\(answer.status)"
            }
            let early = try await ask(.post, "/tick/trigger")
            #expect(early == "job_not_found")
            #expect(try await ask(.post, "", Self.tick) == "201")
            #expect(try await ask(.post, "", Self.tick) == "job_already_exists")
            #expect(try await ask(.put, "/tick", Self.tick) == "200")
            #expect(try await ask(.put, "/other", Self.tick) == "invalid_field")
            for verb in ["disable", "disable", "enable", "enable", "pause", "pause", "resume", "resume"] {
                #expect(try await ask(.post, "/tick/\(verb)") == "200", "\(verb), also when it is so already")
            }
            #expect(try await ask(.delete, "/tick") == "204")
            #expect(try await ask(.delete, "/tick") == "job_not_found")
            for verb in ["disable", "enable", "pause", "resume", "trigger"] {
                #expect(try await ask(.post, "/tick/\(verb)") == "job_not_found")
            }
        }
    }

    private static let badSchedules = [
        #"{"cron":"61 * * * *"}"#, #"{"cron":"often"}"#, #"{"cron":""}"#, #"{"cron":5}"#, #"{"every":"0s"}"#,
        #"{"cron":"1 * * * *","zone":"Mars/Base"}"#, #"{"cron":"1 * * * *","day_rule":"mine"}"#,
        #"{"cron":"1 * * * *","daily":"02:00"}"#, "{}", "\"now and then\"",
    ]

    @Test func `whatever is wrong with a schedule has one code`() async throws {
        try await ServedEngine.with { client in
            for schedule in Self.badSchedules {
                let job = "{\"name\":\"bad\",\"component\":\"basic/noop\",\"schedule\":\(schedule)}"
                let answer = try await client.ask(.post, "/api/v1/jobs", job)
                #expect(answer.json["code"]?.string == "invalid_schedule", "\(answer.json.text)")
            }
        }
    }

    @Test func `a strict trigger says by name why the schedule could not`() async throws {
        try await ServedEngine.with { client in
            func code(_ path: String, _ body: String = "{}") async throws -> String? {
                let answer = try await client.ask(.post, "/api/v1\(path)", body)
                return answer.json["code"]?.string ?? "\(answer.status)"
            }
            let strict = #"{"strict":true}"#
            #expect(try await code("/jobs", Self.tick) == "201")
            #expect(try await code("/scheduler/start?strict=true") == "scheduler_already_started")
            _ = try await code("/scheduler/stop")
            #expect(try await code("/jobs/tick/trigger", strict) == "scheduler_not_started")
            _ = try await code("/scheduler/start?strict=true")
            _ = try await code("/jobs/tick/pause")
            #expect(try await code("/jobs/tick/trigger", strict) == "job_paused")
            _ = try await code("/jobs/tick/resume")
            _ = try await code("/jobs/tick/disable")
            #expect(try await code("/jobs/tick/trigger", strict) == "job_disabled")
            _ = try await code("/jobs/tick/enable")
            #expect(try await code("/jobs/tick/trigger", strict) == "201")
            #expect(try await code("/jobs/tick/trigger", strict) == "job_running")
            #expect(try await code("/jobs/tick/trigger") == "201", "whoever does not ask strictly gets a run")
            let unknown = #"{"component":"basic/none"}"#
            #expect(try await code("/runs", unknown) == "component_not_found")
        }
    }
}
