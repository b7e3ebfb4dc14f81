import HostHTTP
import JobModel
import Testing

struct RunRequestTests {
    private let now = Instant(microseconds: 1_000_000)

    private func request(_ text: String) throws -> RunRequest {
        try RunRequest(json: try JSONParser.parse(text), now: now)
    }

    @Test func `a component is enough`() throws {
        let component = try #require(ComponentName("text/wordcount"))
        #expect(try request(#"{"component":"text/wordcount"}"#) == RunRequest(component: component))
    }

    @Test func `every field arrives`() throws {
        let run = try request(
            """
            {"component":"text/wordcount","params":{"n":1.50},"timeout":"90s","grace":"1s","queue":"mail","priority":-3,
             "retry":{"attempts":7,"delay":["1s","5s"],"crashes":2},"access":{"read":["/etc"],"write":["/tmp/x"]},
             "unique":"k","in":"10m","not_after":"1h","on_unknown":"hold"}
            """)
        #expect(run.params == Array(#"{"n":1.50}"#.utf8))
        #expect(run.policy.timeout == .seconds(90))
        #expect(run.hasOwnTimeout)
        #expect(run.policy.grace == .seconds(1))
        #expect(run.policy.retry == RetryPolicy(attempts: 7, delay: .list([.seconds(1), .seconds(5)]), crashes: 2))
        #expect(run.policy.access == FileAccess(read: ["/etc"], write: ["/tmp/x"]))
        #expect(run.policy.notAfter == .seconds(3600))
        #expect(run.policy.onUnknown == .hold)
        #expect(run.queue == "mail")
        #expect(run.priority == -3)
        #expect(run.uniqueKey == "k")
        #expect(run.due == now + .seconds(600))
    }

    @Test func `no time limit must be written`() throws {
        #expect(try request(#"{"component":"a/b","timeout":"none"}"#).policy.timeout == nil)
        #expect(try request(#"{"component":"a/b"}"#).policy.timeout == .seconds(300))
    }

    @Test func `retry may be a number of attempts`() throws {
        #expect(try request(#"{"component":"a/b","retry":1}"#).policy.retry.attempts == 1)
    }

    @Test func `a policy written out reads back`() throws {
        var policy = RunPolicy(timeout: nil, grace: .milliseconds(1500), onUnknown: .hold, notAfter: .seconds(9))
        policy.retry.delay = .exponential(first: .seconds(1), cap: .seconds(60))
        policy.access = FileAccess(read: ["/a"], write: [])
        let json = JSONValue.object([JSONMember("component", "a/b")] + policy.jsonMembers)
        #expect(try RunRequest(json: json, now: now).policy == policy)
    }

    @Test(arguments: [
        (#"{}"#, "component", "is missing"),
        (#"{"component":"text"}"#, "component", "must be a component such as"),
        (#"{"component":"a/b","params":[1]}"#, "params", "must be an object"),
        (#"{"component":"a/b","timeout":5}"#, "timeout", "must be \"none\" or a duration"),
        (#"{"component":"a/b","timeout":"0s"}"#, "timeout", "must be \"none\" or a duration"),
        (#"{"component":"a/b","timeuot":"5s"}"#, "timeuot", "did you mean \"timeout\"?"),
        (#"{"component":"a/b","retry":{"attemps":3}}"#, "retry.attemps", "did you mean \"attempts\"?"),
        (#"{"component":"a/b","retry":0}"#, "retry", "must be a whole number from 1 to 1000"),
        (#"{"component":"a/b","retry":{"delay":["1s","x"]}}"#, "retry.delay[1]", "must be a duration"),
        (#"{"component":"a/b","retry":{"delay":{"cap":"1h"}}}"#, "retry.delay.exponential", "is missing"),
        (#"{"component":"a/b","access":{"read":["etc"]}}"#, "access.read", "must be a list of absolute paths"),
        (#"{"component":"a/b","queue":"Mail"}"#, "queue", "must be a name"),
        (#"{"component":"a/b","priority":1.5}"#, "priority", "must be a whole number"),
        (#"{"component":"a/b","at":"tomorrow"}"#, "at", "must be a time such as"),
        (#"{"component":"a/b","at":"2030-01-01T00:00:00Z","in":"1s"}"#, "in", "cannot be given together"),
        (#"{"component":"a/b","on_unknown":"maybe"}"#, "on_unknown", "must be \"rerun\" or \"hold\""),
        (#"{"component":"a/b","unique":""}"#, "unique", "must be a text of 1 to 200 bytes"),
        (#"[]"#, "", "must be an object, not a list"),
    ])
    func `a wrong field is named with the reason`(text: String, path: String, reason: String) throws {
        let error = try #require(throws: FieldError.self) { try request(text) }
        #expect(error.path == path)
        #expect(error.description.contains(reason), "\(error)")
    }

    @Test func `hostile JSON is answered with a request or an error`() throws {
        let seed = Array(
            #"{"component":"a/b","timeout":"5s","retry":{"attempts":3,"delay":["1s"]},"in":"10m","priority":99}"#.utf8)
        var random = SeededGenerator(seed: 11)
        var accepted = 0
        for _ in 0..<5000 {
            guard let json = try? JSONParser.parse(seed.mutated(&random)) else { continue }
            if let run = try? RunRequest(json: json, now: now) {
                accepted += 1
                #expect(run.policy.retry.attempts >= 1)
            }
        }
        #expect(accepted > 0)
    }
}
