import HTTPTypes
import HummingbirdTesting
import JobModel
import Testing

@testable import HostHTTP

/// Params at the edge, over a real engine: refused before anything is stored, completed, and their secrets kept.
struct ParamsTests {
    @Test func `params that do not fit are refused with every place and reason`() async throws {
        try await ServedEngine.with { client in
            let answer = try await client.ask(
                .post, "/api/v1/runs", #"{"component":"params/echo","params":{"times":12,"nam":"x"}}"#)
            #expect(answer.status == 400)
            #expect(answer.json["code"] == "invalid_params")
            #expect(answer.json["field"] == "params")
            #expect(
                answer.json["errors"]?.text
                    == #"[{"path":"$.times","reason":"must be at most 10, is 12"},"#
                    + #"{"path":"$.nam","reason":"is not a param here; did you mean \"name\"?"},"#
                    + #"{"path":"$.name","reason":"is missing"}]"#)
            let problem = try #require(Problem(json: answer.json))
            #expect(problem.faults.count == 3)
            #expect(problem.detail.contains("$.times: must be at most 10, is 12"))
            #expect(try await client.ask(.get, "/api/v1/runs").json["runs"] == [])
        }
    }

    @Test func `defaults are stored and the plugin gets them`() async throws {
        try await ServedEngine.with { client in
            let run = try await client.ask(
                .post, "/api/v1/runs?wait=30s", #"{"component":"params/echo","params":{"name":"a"}}"#)
            #expect(run.json["params"]?.text == #"{"name":"a","times":2}"#)
            #expect(run.json["output"]?.text == #"{"name":"a","times":2}"#)
        }
    }

    @Test func `each run of many is judged for itself`() async throws {
        try await ServedEngine.with { client in
            let lines = """
                {"component":"params/echo","params":{"name":"a"}}
                {"component":"params/echo","params":{"name":7}}
                """
            let answer = try await client.ask(.post, "/api/v1/runs", lines, type: "application/x-ndjson")
            #expect(answer.json["created"] == 1)
            #expect(answer.json["results"]?.array?.last?["code"] == "invalid_params")
        }
    }

    @Test func `a job with params that do not fit is not applied`() async throws {
        try await ServedEngine.with { client in
            let jobs = #"{"jobs":[{"name":"j","component":"params/echo","params":{"name":""}}]}"#
            let answer = try await client.ask(.post, "/api/v1/jobs/apply", jobs)
            #expect(answer.json["code"] == "invalid_params")
            #expect(answer.json["detail"]?.string?.contains(#"of job "j""#) == true)
            #expect(try await client.ask(.get, "/api/v1/jobs").json["jobs"] == [])
        }
    }

    @Test func `a secret is not seen in run, job, log or message, and the plugin gets it`() async throws {
        try await ServedEngine.with { client in
            let params = #"{"name":"a","token":"s3cr3t-token"}"#
            let run = try await client.ask(
                .post, "/api/v1/runs?wait=30s", #"{"component":"params/tell","params":\#(params)}"#)
            #expect(run.json["state"] == "failed")
            #expect(run.json["params"]?["token"] == "[secret]")
            #expect(!run.json.text.contains("s3cr3t"))
            #expect(run.json["reason"]?.string?.contains("[secret]") == true)
            let id = try #require(run.json["id"]?.integer)
            let logs = try await client.ask(.get, "/api/v1/runs/\(id)/logs")
            #expect(logs.json["lines"]?.array?.count == 2)
            #expect(!logs.json.text.contains("s3cr3t"))
            let jobs = #"{"jobs":[{"name":"j","component":"params/echo","params":\#(params)}]}"#
            #expect(try await client.ask(.post, "/api/v1/jobs/apply", jobs).status == 200)
            #expect(!(try await client.ask(.get, "/api/v1/jobs").json.text.contains("s3cr3t")))
            #expect(try await client.ask(.get, "/api/v1/jobs/j").json["params"]?["token"] == "[secret]")
            let echoed = try await client.ask(.post, "/api/v1/jobs/j/trigger")
            let echo = try #require(echoed.json["id"]?.integer)
            let ended = try await client.ask(.get, "/api/v1/runs/\(echo)/wait?timeout=30s")
            // Its output is the plugin's own.
            #expect(ended.json["output"]?["token"] == "s3cr3t-token")
        }
    }
}
