import HTTPTypes
import Hummingbird
import HummingbirdTesting
import JobModel
import Testing

@testable import HostHTTP

/// Nothing that is asked for is passed over in silence.
struct QueryGuardTests {
    @Test(arguments: [
        (HTTPRequest.Method.get, "/api/v1/jobs?limit=3", "limit", "GET /api/v1/jobs takes no query"),
        (.get, "/api/v1/queues?name=a", "name", "takes no query"),
        (.get, "/api/v1/components?plugin=a", "plugin", "takes no query"),
        (.get, "/api/v1/runs?stat=failed", "stat", "did you mean \"state\"?"),
        (.get, "/api/v1/runs/1/wait?wait=3s", "wait", "known: timeout"),
        (.post, "/api/v1/jobs/x/pause?until=tomorrow", "until", "takes no query"),
    ])
    func `an unknown word of a query is named, with what there is`(
        method: HTTPRequest.Method, path: String, word: String, hint: String
    ) async throws {
        try await ServedEngine.with { client in
            let answer = try await client.ask(method, path)
            #expect(answer.status == 400)
            #expect(answer.json["code"] == "unknown_field" && answer.json["field"]?.string == word)
            #expect(answer.json["detail"]?.string?.contains(hint) == true, "\(answer.json.text)")
        }
    }

    @Test func `every route with words of a query is a route`() async throws {
        try await ServedEngine.with { client in
            for route in QueryWords.routes.keys {
                let parts = route.split(separator: " ").map(String.init)
                let method = try #require(HTTPRequest.Method(parts[0]))
                let answer = try await client.ask(method, parts[1].replacing("{id}", with: "1") + "?nonsense=1")
                #expect(answer.json["code"] == "unknown_field", "\(route)")
            }
        }
    }

    @Test func `what would be dropped is refused`() async throws {
        try await ServedEngine.with { client in
            let run = #"{"component":"basic/noop"}"#
            let list = try await client.ask(.post, "/api/v1/runs?wait=5s", "[\(run)]")
            #expect(list.status == 400 && list.json["field"] == "wait")
            let lines = try await client.ask(.post, "/api/v1/runs?wait=5s", run, type: "application/x-ndjson")
            #expect(lines.status == 400 && lines.json["field"] == "wait")
            #expect(try await client.ask(.post, "/api/v1/runs?wait=5s", run).status == 201)
            let none = try await client.ask(.get, "/api/v1/runs?state=")
            #expect(none.status == 400 && none.json["field"] == "state")
            #expect(try await client.ask(.get, "/api/v1/runs").json["runs"]?.array?.count == 1)
        }
    }

    @Test func `a time that cannot be written is refused`() async throws {
        try await ServedEngine.with { client in
            for due in [#""in":"80000000h""#, #""at":"9999-12-31T23:59:59-10:00""#] {
                let answer = try await client.ask(.post, "/api/v1/runs", "{\"component\":\"basic/noop\",\(due)}")
                #expect(answer.status == 400, "\(due)")
            }
            let last = #"{"component":"basic/noop","at":"9999-12-31T23:59:59Z"}"#
            #expect(try await client.ask(.post, "/api/v1/runs", last).json["due"] == "9999-12-31T23:59:59Z")
        }
    }

    @Test func `a queue that is missing is told as the value it is`() async throws {
        try await ServedEngine.with { client in
            let answer = try await client.ask(.post, "/api/v1/runs", #"{"component":"basic/noop","queue":"mial"}"#)
            #expect(answer.status == 404 && answer.json["field"] == "queue" && answer.json["value"] == "mial")
        }
    }

    @Test(arguments: ["/healthz", "/readyz", "/api/v1/status", "/api/v1/events"])
    func `what can be asked for can be asked for without its body`(path: String) async throws {
        try await ServedEngine.with { client in
            try await client.execute(uri: path, method: .head) { response in
                #expect(response.status == .ok && response.body.readableBytes == 0)
            }
        }
    }

    @Test func `who shows no token learns no names`() async throws {
        let status = UpstreamStatus(name: "cluster", kind: "powerjob", state: .unreachable)
        try await ServedEngine.with(
            door: .network(host: "localhost", port: 0, token: "secret"), upstreams: [status]
        ) { client in
            let outside = try await client.ask(.get, "/readyz")
            #expect(outside.status == 200 && outside.json["status"] == "ready")
            #expect(!outside.json.text.contains("cluster"), "\(outside.json.text)")
            #expect(outside.json.text.contains("1 of 1 upstreams"), "\(outside.json.text)")
            let inside = try await client.ask(.get, "/readyz", headers: [.authorization: "Bearer secret"])
            #expect(inside.json.text.contains("upstream cluster is"), "\(inside.json.text)")
        }
    }
}
