import HTTPTypes
import Hummingbird
import HummingbirdTesting
import JobModel
import Testing

@testable import HostHTTP

/// The routes over a real engine.
struct HostAPITests {
    @Test func `a run is made, waited for and read back`() async throws {
        try await ServedEngine.with { client in
            let made = try await client.ask(
                .post, "/api/v1/runs?wait=30s", #"{"component":"basic/echo","params":{"x":1.50}}"#)
            #expect(made.status == 201)
            #expect(made.json["state"] == "succeeded")
            #expect(made.json["output"]?.text == #"{"x":1.50}"#)
            let read = try await client.ask(.get, "/api/v1/runs/last")
            #expect(read.json["id"] == made.json["id"])
            #expect(read.json["attempts"]?.array?.count == 1)
            let list = try await client.ask(.get, "/api/v1/runs?state=succeeded&component=basic/echo")
            #expect(list.json["runs"]?.array?.count == 1)
            #expect(list.json["next"] == nil)
        }
    }

    @Test func `many runs are answered one by one`() async throws {
        try await ServedEngine.with { client in
            let lines = """
                {"component":"basic/noop","unique":"k","in":"1h"}

                {"component":"basic/noop","unique":"k"}
                {"component":"basic/none"}
                nonsense
                """
            let answer = try await client.ask(.post, "/api/v1/runs", lines, type: "application/x-ndjson")
            #expect(answer.status == 201)
            #expect(answer.json["created"] == 1)
            #expect(answer.json["existing"] == 1)
            #expect(answer.json["refused"] == 2)
            let codes = (answer.json["results"]?.array ?? []).map { $0["code"]?.string }
            #expect(codes == [nil, nil, "component_not_found", "bad_json"])
            #expect((answer.json["results"]?.array ?? []).map { $0["line"]?.integer } == [nil, nil, 4, 5])
            let again = try await client.ask(.post, "/api/v1/runs", #"[{"component":"basic/noop","unique":"k"}]"#)
            #expect(again.status == 200)
        }
    }

    @Test func `a run is cancelled and given another go`() async throws {
        try await ServedEngine.with { client in
            let run = try await client.ask(.post, "/api/v1/runs", #"{"component":"basic/noop","in":"1h"}"#)
            let id = try #require(run.json["id"]?.integer)
            let cancelled = try await client.ask(.post, "/api/v1/runs/\(id)/cancel", #"{"reason":"a test"}"#)
            #expect(cancelled.json["state"] == "cancelled")
            let twice = try await client.ask(.post, "/api/v1/runs/\(id)/cancel")
            #expect(twice.status == 409)
            #expect(twice.json["code"] == "wrong_state")
            #expect(try await client.ask(.post, "/api/v1/runs/\(id)/retry").status == 200)
            #expect(try await client.ask(.get, "/api/v1/runs/\(id)/wait?timeout=30s").json["state"] == "succeeded")
        }
    }

    @Test func `jobs are applied whole or not at all`() async throws {
        try await ServedEngine.with { client in
            let good =
                #"{"jobs":[{"name":"a","component":"basic/noop"},{"name":"b","component":"basic/noop","every":"1h"}]}"#
            #expect(try await client.ask(.post, "/api/v1/jobs/apply", good).json["added"] == ["a", "b"])
            let bad =
                #"{"jobs":[{"name":"c","component":"basic/noop"},{"name":"d","component":"basic/noop","cron":"x"}]}"#
            let refused = try await client.ask(.post, "/api/v1/jobs/apply", bad)
            #expect(refused.status == 400)
            #expect(refused.json["field"] == "jobs[1].cron")
            #expect(try await client.ask(.get, "/api/v1/jobs").json["jobs"]?.array?.count == 2)
            #expect(try await client.ask(.post, "/api/v1/jobs/b/pause").json["paused"] == true)
            let run = try await client.ask(.post, "/api/v1/jobs/b/trigger")
            #expect(run.status == 201)
            #expect(run.json["job"] == "b")
            #expect(try await client.ask(.delete, "/api/v1/jobs/a").status == 204)
            #expect(try await client.ask(.get, "/api/v1/jobs/a").json["code"] == "job_not_found")
        }
    }

    @Test func `plugins, components, queues and the status are shown`() async throws {
        try await ServedEngine.with { client in
            let plugin = try await client.ask(.get, "/api/v1/plugins/basic")
            #expect(plugin.json["id"] == "basic")
            #expect(plugin.json["components"]?.array?.compactMap { $0["id"]?.string } == ["echo", "noop", "wait"])
            #expect(try await client.ask(.get, "/api/v1/components/basic/echo").json["kind"] == "handler")
            #expect(
                try await client.ask(.get, "/api/v1/components/basic/eco").json["detail"]?.string?.contains(
                    "basic/echo") == true)
            #expect(try await client.ask(.put, "/api/v1/queues/mail", #"{"slots":2}"#).json["slots"] == 2)
            let paused = try await client.ask(.put, "/api/v1/queues/mial", #"{"paused":true}"#)
            #expect(paused.json["code"] == "queue_not_found")
            #expect(try await client.ask(.get, "/api/v1/queues/none").json["code"] == "queue_not_found")
            let status = try await client.ask(.get, "/api/v1/status")
            #expect(status.json["store"]?["synchronous"] == "FULL")
            #expect(status.json["queues"]?.array?.count == 2)
        }
    }

    @Test(arguments: [
        ("/api/v1/runs/abc", 400, "invalid_field"), ("/api/v1/runs/99", 404, "run_not_found"),
        ("/api/v1/runs/last", 404, "no_runs"), ("/api/v1/runs?sate=x", 400, "unknown_field"),
        ("/api/v1/runs?limit=0", 400, "invalid_field"), ("/api/v1/runs?state=x", 400, "invalid_field"),
        ("/api/v1/jobs/none", 404, "job_not_found"), ("/api/v1/plugins/none", 404, "plugin_not_found"),
        ("/nothing", 404, "not_found"),
    ])
    func `what cannot be read is a problem with a code`(path: String, status: Int, code: String) async throws {
        try await ServedEngine.with { client in
            let answer = try await client.ask(.get, path)
            #expect(answer.status == status)
            #expect(answer.json["code"]?.string == code)
        }
    }

    @Test(arguments: [
        ("/api/v1/runs/7", HTTPRequest.Method.put, "GET, PATCH"), ("/api/v1/queues/x", .delete, "GET, PUT"),
        ("/api/v1/scheduler/start", .get, "POST"), ("/healthz", .post, "GET"),
    ])
    func `a path that takes other methods says which`(
        path: String, method: HTTPRequest.Method, allowed: String
    ) async throws {
        try await ServedEngine.with { client in
            try await client.execute(uri: path, method: method) { response in
                #expect(response.status == .methodNotAllowed)
                let methods = Set((response.headers[.allow] ?? "").split(separator: ", "))
                #expect(methods.isSuperset(of: allowed.split(separator: ", ")), "\(methods)")
                let json = try JSONParser.parse(response.body.readableBytesView)
                #expect(json["code"] == "method_not_allowed" && json["detail"]?.string?.contains(path) == true)
            }
            #expect(try await client.ask(method, "/api/v1/nothing").status == 404)
        }
    }

    @Test func `what a job names that is not there is warned of, and refuses nothing`() async throws {
        try await ServedEngine.with { client in
            let job = #"{"name":"a","component":"basic/noop","pre_step":"gone/away","on_failure":{"job":"nobody"}}"#
            let applied = try await client.ask(.post, "/api/v1/jobs/apply", #"{"jobs":[\#(job)]}"#)
            #expect(applied.json["added"] == ["a"])
            let warnings = (applied.json["warnings"]?.array ?? []).compactMap(\.string)
            #expect(warnings.count == 2 && warnings[0].contains("gone/away") && warnings[1].contains("\"nobody\""))
            let shown = try await client.ask(.get, "/api/v1/jobs/a")
            #expect(shown.json["warnings"]?.array?.count == 2 && shown.json["on_failure"]?["job"] == "nobody")
            let two =
                #"{"jobs":[{"name":"x","component":"basic/noop","queue":"q1"},{"name":"y","component":"basic/noop","queue":"q2"}]}"#
            let refused = try await client.ask(.post, "/api/v1/jobs/apply", two)
            #expect(refused.json["detail"]?.string?.contains("\"q1\"") == true)
            #expect(refused.json["detail"]?.string?.contains("\"q2\"") == true, "all that is wrong is said")
            let limit = try await client.ask(.put, "/api/v1/components/basic/nop", #"{"at_once":2}"#)
            #expect(limit.json["warning"]?.string?.contains("basic/noop") == true)
        }
    }

    @Test func `a body that is too large is refused`() async throws {
        try await ServedEngine.with { client in
            let body = String(repeating: " ", count: RequestBodyLimit.bytes + 1)
            let answer = try await client.ask(.post, "/api/v1/runs", body)
            #expect(answer.status == 413)
            #expect(answer.json["code"] == "body_too_large")
        }
    }

    @Test func `over the network everything but health needs the token`() async throws {
        try await ServedEngine.with(door: .network(host: "localhost", port: 0, token: "secret")) { client in
            let open: HTTPFields = [.authorization: "Bearer secret"]
            var foreign = open
            foreign[.origin] = "http://evil.example"
            let asked: [(path: String, headers: HTTPFields, status: Int)] = [
                ("/api/v1/runs", [:], 401), ("/nothing", [:], 401), ("/healthz", [:], 200), ("/readyz", [:], 200),
                ("/api/v1/runs", open, 200), ("/api/v1/runs", foreign, 403),
            ]
            for (path, headers, status) in asked {
                let answer = try await client.ask(.get, path, headers: headers)
                #expect(answer.status == status, "\(path)")
            }
        }
    }
}
