import HTTPTypes
import Hummingbird
import HummingbirdTesting
import JobModel
import Testing

@testable import HostHTTP

/// The answers that clients of another scheduler expect.
struct SchedulerRoutesTests {
    @Test func `jobs are listed as documented, without a last run until there is one`() async throws {
        try await ServedEngine.with { client in
            let job = #"{"jobs":[{"name":"hello_job","component":"basic/noop","every":"1h"}]}"#
            #expect(try await client.ask(.post, "/api/v1/jobs/apply", job).status == 200)
            let before = try await client.ask(.get, "/api/v1/scheduler/jobs")
            #expect(before.status == 200)
            #expect(before.json["code"] == 200)
            #expect(before.json["message"] == "success")
            let listed = try #require(before.json["data"]?.array?.first)
            #expect(listed["id"]?.string?.isEmpty == false)
            #expect(listed["name"] == "hello_job")
            #expect(listed["next_run"]?.string.flatMap(Instant.init(rfc3339:)) != nil)
            #expect(listed.members?.contains(JSONMember("last_run", .null)) == true)
            _ = try await client.ask(.post, "/api/v1/jobs/hello_job/trigger")
            let after = try await client.ask(.get, "/api/v1/scheduler/jobs")
            #expect(after.json["data"]?.array?.first?["last_run"]?.string.flatMap(Instant.init(rfc3339:)) != nil)
        }
    }

    @Test func `start and stop answer in the envelope, every time`() async throws {
        try await ServedEngine.with { client in
            for (path, state) in [("stop", "stopped"), ("stop", "stopped"), ("start", "running"), ("start", "running")]
            {
                let answer = try await client.ask(.post, "/api/v1/scheduler/\(path)")
                #expect(answer.status == 200)
                #expect(answer.json["code"] == 200)
                #expect(answer.json["message"] == "success")
                #expect(answer.json["schedules"]?.string == state)
                #expect(try await client.ask(.get, "/readyz").json["schedules"]?.string == state)
            }
        }
    }
}
