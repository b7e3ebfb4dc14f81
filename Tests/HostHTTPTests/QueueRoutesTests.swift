import HTTPTypes
import Hummingbird
import HummingbirdTesting
import JobModel
import Testing

@testable import HostHTTP

/// Queues and what they refuse, over HTTP.
struct QueueRoutesTests {
    @Test func `a queue is made, changed and shown`() async throws {
        try await ServedEngine.with { client in
            let made = try await client.ask(
                .put, "/api/v1/queues/mail",
                #"{"slots":8,"min_slots":2,"rate":"10/s","burst":3,"max_pending":100,"aging":"5s"}"#)
            #expect(made.status == 200)
            #expect(made.json["width"] == 2)
            #expect(made.json["rate"] == "10/s" && made.json["burst"] == 3)
            #expect(made.json["max_pending"] == 100 && made.json["aging"] == "5s")
            let changed = try await client.ask(
                .put, "/api/v1/queues/mail", #"{"rate":"none","max_pending":"none","aging":"none","mode":"draining"}"#)
            #expect(changed.json["slots"] == 8, "what is not said stays")
            #expect(changed.json["rate"] == nil && changed.json["max_pending"] == nil)
            #expect(changed.json["aging"] == "none" && changed.json["mode"] == "drained", "nothing is in it")
            #expect(try await client.ask(.put, "/api/v1/queues/mial", #"{"paused":true}"#).status == 404)
        }
    }

    @Test(arguments: [
        (#"{"slots":0}"#, "slots"), (#"{"slots":2,"min_slots":3}"#, "min_slots"), (#"{"rate":"fast"}"#, "rate"),
        (#"{"burst":3}"#, "burst"), (#"{"max_pending":0}"#, "max_pending"), (#"{"aging":"0s"}"#, "aging"),
        (#"{"mode":"ajar"}"#, "mode"),
    ])
    func `a change that cannot be is refused with its field`(body: String, field: String) async throws {
        try await ServedEngine.with { client in
            let answer = try await client.ask(.put, "/api/v1/queues/default", body)
            #expect(answer.status == 400)
            #expect(answer.json["field"]?.string == field)
        }
    }

    @Test func `a full queue answers 429 with the time to wait`() async throws {
        try await ServedEngine.with { client in
            let change = #"{"slots":1,"max_pending":1,"mode":"paused"}"#
            #expect(try await client.ask(.put, "/api/v1/queues/mail", change).status == 200)
            let run = #"{"component":"basic/noop","queue":"mail"}"#
            #expect(try await client.ask(.post, "/api/v1/runs", run).status == 201)
            try await client.execute(
                uri: "/api/v1/runs", method: .post, headers: [.contentType: "application/json"],
                body: ByteBuffer(string: run)
            ) { response in
                #expect(response.status.code == 429)
                #expect(response.headers[.retryAfter] == "60", "it is paused")
                let json = try JSONParser.parse(response.body.readableBytesView)
                #expect(json["code"] == "queue_full" && json["field"] == "queue")
            }
            _ = try await client.ask(.put, "/api/v1/queues/mail", #"{"mode":"draining"}"#)
            let draining = try await client.ask(.post, "/api/v1/runs", run)
            #expect(draining.status == 409)
            #expect(draining.json["code"] == "queue_draining")
        }
    }

    @Test func `a taken key is answered as asked`() async throws {
        try await ServedEngine.with { client in
            func ask(_ policy: String, _ value: Int) async throws -> (status: Int, json: JSONValue) {
                try await client.ask(
                    .post, "/api/v1/runs",
                    #"{"component":"basic/echo","in":"1h","unique":"k","on_duplicate":"\#(policy)","params":{"v":\#(value)}}"#
                )
            }
            let first = try await ask("reject", 1)
            #expect(first.status == 201)
            let existing = try await ask("existing", 2)
            #expect(existing.status == 200)
            #expect(existing.json["params"]?.text == #"{"v":1}"#)
            let replaced = try await ask("replace", 3)
            #expect(replaced.status == 200)
            #expect(replaced.json["id"] == first.json["id"])
            #expect(replaced.json["params"]?.text == #"{"v":3}"#)
            let rejected = try await ask("reject", 4)
            #expect(rejected.status == 409)
            #expect(rejected.json["code"] == "key_taken")
            let alone = try await client.ask(
                .post, "/api/v1/runs", #"{"component":"basic/echo","on_duplicate":"reject"}"#)
            #expect(alone.status == 400 && alone.json["field"] == "on_duplicate")
        }
    }

    @Test func `a component is limited, and the limit is listed and taken away`() async throws {
        try await ServedEngine.with { client in
            #expect(try await client.ask(.put, "/api/v1/components/basic/noop", #"{"at_once":2}"#).json["at_once"] == 2)
            let list = try await client.ask(.get, "/api/v1/limits")
            #expect(list.json["limits"]?.array?.count == 1)
            #expect(try await client.ask(.put, "/api/v1/components/basic/noop", #"{"at_once":0}"#).status == 400)
            #expect(try await client.ask(.put, "/api/v1/components/basic/noop", "{}").status == 400)
            let gone = try await client.ask(.put, "/api/v1/components/basic/noop", #"{"at_once":"none"}"#)
            #expect(gone.json["at_once"] == "none")
            #expect(try await client.ask(.get, "/api/v1/limits").json["limits"]?.array?.isEmpty == true)
        }
    }

    @Test func `tags, correlation and deadlines are kept with the run`() async throws {
        try await ServedEngine.with { client in
            let made = try await client.ask(
                .post, "/api/v1/runs",
                #"{"component":"basic/noop","in":"1h","tags":["a","b"],"correlation":"order 7","not_after":"10m"}"#)
            let id = try #require(made.json["id"]?.integer)
            let run = try await client.ask(.get, "/api/v1/runs/\(id)")
            #expect(run.json["tags"]?.text == #"["a","b"]"#)
            #expect(run.json["correlation"] == "order 7" && run.json["not_after"] == "10m")
            let past = try await client.ask(
                .post, "/api/v1/runs", #"{"component":"basic/noop","not_after":"2001-01-01T00:00:00Z"}"#)
            #expect(past.status == 400 && past.json["field"] == "not_after")
            let bad = try await client.ask(.post, "/api/v1/runs", #"{"component":"basic/noop","tags":["two words"]}"#)
            #expect(bad.status == 400 && bad.json["field"] == "tags")
        }
    }
}
