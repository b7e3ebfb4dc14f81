import HTTPTypes
import Hummingbird
import HummingbirdTesting
import JobModel
import TestSupport
import Testing

@testable import HostHTTP

/// Every verb in every state it can meet, over a real engine: what is allowed, and what the refusal is called.
struct RunVerbTests {
    /// What becomes of a run in this state: its new state, or the code of the refusal.
    private static let table: [(verb: String, body: String, results: [(RunState, String)])] = [
        (
            "cancel", "{}",
            [
                (.pending, "cancelled"), (.running, "running or cancelled"), (.held, "cancelled"),
                (.succeeded, "wrong_state"),
                (.failed, "wrong_state"), (.cancelled, "wrong_state"), (.expired, "wrong_state"),
            ]
        ),
        (
            "retry", "{}",
            [
                (.pending, "wrong_state"), (.running, "wrong_state"), (.held, "pending"), (.succeeded, "wrong_state"),
                (.failed, "pending"), (.cancelled, "pending"), (.expired, "pending"),
            ]
        ),
        (
            "pause", "{}",
            [
                (.pending, "held"), (.running, "wrong_state"), (.held, "held"), (.succeeded, "wrong_state"),
                (.failed, "wrong_state"), (.cancelled, "wrong_state"), (.expired, "wrong_state"),
            ]
        ),
        (
            "resume", "{}",
            [
                (.pending, "pending"), (.running, "wrong_state"), (.held, "pending"), (.succeeded, "wrong_state"),
                (.failed, "wrong_state"), (.cancelled, "wrong_state"), (.expired, "wrong_state"),
            ]
        ),
        (
            "resolve", #"{"as":"succeeded","reason":"seen"}"#,
            [
                (.pending, "wrong_state"), (.running, "wrong_state"), (.held, "succeeded"), (.succeeded, "wrong_state"),
                (.failed, "wrong_state"), (.cancelled, "wrong_state"), (.expired, "wrong_state"),
            ]
        ),
        (
            "edit", #"{"params":{"new":1}}"#,
            [
                (.pending, "pending"), (.running, "wrong_state"), (.held, "held"), (.succeeded, "wrong_state"),
                (.failed, "failed"), (.cancelled, "cancelled"), (.expired, "expired"),
            ]
        ),
    ]

    @Test func `an edit may set single params beside those that are there`() async throws {
        try await ServedEngine.with { client in
            let run = #"{"component":"basic/echo","in":"1h","params":{"a":1,"b":2}}"#
            let id = try #require(try await client.ask(.post, "/api/v1/runs", run).json["id"]?.integer)
            let edited = try await client.ask(.patch, "/api/v1/runs/\(id)", #"{"set":{"b":3,"c":4}}"#)
            #expect(edited.json["params"]?.text == #"{"a":1,"b":3,"c":4}"#)
            let both = try await client.ask(.patch, "/api/v1/runs/\(id)", #"{"params":{"x":1},"set":{"y":2}}"#)
            #expect(both.json["params"]?.text == #"{"x":1,"y":2}"#)
            #expect(try await client.ask(.patch, "/api/v1/runs/\(id)", #"{"set":5}"#).json["field"] == "set")
            #expect(try await client.ask(.patch, "/api/v1/runs/\(id)", #"{"in":"2h","at":"x"}"#).status == 400)
            #expect(try await client.ask(.patch, "/api/v1/runs/\(id)", #"{"in":"0s"}"#).status == 200)
            let ended = try await client.ask(.get, "/api/v1/runs/\(id)/wait?timeout=60s").json
            #expect(ended["state"]?.string == "succeeded", "it was due in an hour")
            #expect(try await client.ask(.patch, "/api/v1/runs/\(id)", #"{"in":"0s"}"#).json["code"] == "wrong_state")
        }
    }

    @Test func `every verb has a defined result in every state`() async throws {
        try await ServedEngine.with { client in
            // A run that is given another go stays pending, whatever became of it before.
            #expect(try await client.ask(.put, "/api/v1/queues/idle", #"{"slots":1}"#).status == 200)
            for (verb, body, results) in Self.table {
                for (state, expected) in results {
                    let id = try await Self.make(state, client)
                    let answer =
                        verb == "edit"
                        ? try await client.ask(.patch, "/api/v1/runs/\(id)", body)
                        : try await client.ask(.post, "/api/v1/runs/\(id)/\(verb)", body)
                    let got = answer.json["code"]?.string ?? answer.json["state"]?.string
                    let allowed = expected.split(separator: " ").map(String.init)
                    #expect(allowed.contains(got ?? ""), "\(verb) of a run that is \(state.word): \(answer.json.text)")
                    #expect(answer.status == (RunState(word: allowed[0]) == nil ? 409 : 200))
                    _ = try await client.ask(.post, "/api/v1/runs/\(id)/cancel")
                }
            }
        }
    }

    /// A run in a state, in a queue that is paused once it is there.
    private static func make(_ state: RunState, _ client: any TestClientProtocol) async throws -> Int64 {
        func ask(_ path: String, _ body: String = "{}") async throws -> JSONValue {
            try await client.ask(.post, "/api/v1/runs\(path)", body).json
        }
        func mode(_ mode: String) async throws {
            _ = try await client.ask(.put, "/api/v1/queues/idle", #"{"mode":"\#(mode)"}"#)
        }
        try await mode(state == .running || state == .succeeded ? "open" : "paused")
        let component = state == .running ? "wait" : "noop"
        let more = state == .expired ? #","not_after":"1ms""# : ""
        let run = try await ask(
            "", #"{"component":"basic/\#(component)","queue":"idle"\#(more)}"#)
        let id = try #require(run["id"]?.integer, "\(run.text)")
        switch state {
        case .held: _ = try await ask("/\(id)/pause")
        case .failed:
            _ = try await ask("/\(id)/pause")
            _ = try await ask("/\(id)/resolve", #"{"as":"failed"}"#)
        case .cancelled: _ = try await ask("/\(id)/cancel")
        default: break
        }
        try await eventually("run \(id) is \(state.word)") {
            let now = try await client.ask(.get, "/api/v1/runs/\(id)").json["state"]?.string
            return now == state.word ? true : nil
        }
        try await mode("paused")
        return id
    }

    @Test func `many runs are found, counted and changed by a filter`() async throws {
        try await ServedEngine.with { client in
            for index in 0..<5 {
                let made = try await client.ask(
                    .post, "/api/v1/runs", #"{"component":"basic/noop","in":"1h","tags":["t\#(index % 2)"]}"#)
                let id = try #require(made.json["id"]?.integer)
                _ = try await client.ask(.post, "/api/v1/runs/\(id)/pause")
                _ = try await client.ask(.post, "/api/v1/runs/\(id)/resolve", #"{"as":"failed"}"#)
            }
            let dry = try await client.ask(
                .post, "/api/v1/runs/retry", #"{"filter":"tag:t0 component:noop state:failed","dry_run":true}"#)
            #expect(dry.json["matched"] == 3 && dry.json["changed"] == 0)
            #expect(dry.json["runs"]?.array?.count == 3)
            _ = try await client.ask(.put, "/api/v1/queues/default", #"{"paused":true}"#)
            let done = try await client.ask(.post, "/api/v1/runs/retry", #"{"filter":"tag:t0","rate":"1/h"}"#)
            #expect(done.json["matched"] == 3 && done.json["changed"] == 3, "\(done.json.text)")
            let pending = try await client.ask(.get, "/api/v1/runs?filter=state:pending%20tag:t0")
            let dues = (pending.json["runs"]?.array ?? []).compactMap {
                $0["due"]?.string.flatMap(Instant.init(rfc3339:))
            }
            #expect(dues.count == 3)
            let spread = try #require(dues.max()) - (try #require(dues.min()))
            #expect(spread >= .seconds(7199), "an hour between each and the next")
            let paused = try await client.ask(.post, "/api/v1/runs/pause", #"{"all":true}"#)
            #expect(paused.json["changed"] == 3)
            let status = try await client.ask(.get, "/api/v1/status")
            #expect(status.json["held"]?.array?.count == 3, "they stand out")
            #expect(try await client.ask(.post, "/api/v1/runs/resume", #"{"filter":"tag:t0"}"#).json["changed"] == 3)
            #expect(try await client.ask(.post, "/api/v1/runs/cancel", #"{"all":true}"#).json["changed"] == 3)
        }
    }

    @Test(arguments: [
        ("/runs/retry", "{}", "invalid_filter"), ("/runs/retry", #"{"filter":"sate:failed"}"#, "invalid_filter"),
        ("/runs/retry", #"{"filter":"component:nothing"}"#, "invalid_filter"),
        ("/runs/cancel", #"{"filter":"tag:a","rate":"1/s"}"#, "unknown_field"),
        ("/runs/retry", #"{"filter":"tag:a","rate":"fast"}"#, "invalid_field"),
        ("/runs/1/resolve", #"{"as":"pending"}"#, "invalid_field"), ("/runs/1/resolve", "{}", "invalid_field"),
    ])
    func `what says too little is refused`(path: String, body: String, code: String) async throws {
        try await ServedEngine.with { client in
            let answer = try await client.ask(.post, "/api/v1\(path)", body)
            #expect(answer.status == 400)
            #expect(answer.json["code"]?.string == code)
        }
    }
}
