import HostHTTP
import JobEngine
import JobModel
import JobStore
import Testing

struct ProblemTests {
    @Test func `every code has the status of its kind and survives the way to a client`() throws {
        for code in ProblemCode.allCases {
            #expect((400..<600).contains(code.status))
            let problem = Problem(code, "detail", field: "f")
            #expect(Problem(json: try JSONParser.parse(problem.json.text)) == problem)
        }
    }

    @Test func `what keeps the host from being ready is said as it is`() {
        let room = Problem(Trouble.room("40 MiB are free"))
        #expect(room.code == .diskFull && room.detail.hasPrefix("The disk is nearly full: 40 MiB are free. Runs"))
        let full = Problem(Trouble.store(.faulty(.diskFull, reason: "no space")))
        #expect(full.code == .diskFull && full.detail.hasPrefix("The disk under the store is full: no space. Make"))
    }

    @Test func `what the engine refuses keeps its code and says the value`() throws {
        let name = try #require(ComponentName("text/wordcout"))
        let cases: [(EngineError, ProblemCode, String)] = [
            (
                .componentNotFound(name, known: ["text/wordcount"]), .componentNotFound,
                "Did you mean \"text/wordcount\"?"
            ),
            (.queueNotFound("mail"), .queueNotFound, "\"mail\""),
            (.jobNotFound("nightly"), .jobNotFound, "\"nightly\""),
            (.runNotFound(7), .runNotFound, "run 7"),
            (.noRuns, .noRuns, "last"),
            (.invalid(field: "cron", value: "* *", reason: "two fields"), .invalidField, "two fields; it is * *"),
            (.wrongState(7, .running, wanted: "held"), .wrongState, "Run 7 is running"),
            (.jobOwned(name: "n", by: "file:a.yaml", wanted: "api"), .jobOwned, "defined by the job file \"a.yaml\""),
            (.enabledElsewhere(name: "n", by: "file:a.yaml"), .jobOwned, "`berth job pause n`"),
            (.mistakes([.queueNotFound("mail"), .jobNotFound("x")]), .queueNotFound, "There is no job \"x\""),
            (.store(.failed(reason: "disk full")), .storeFailing, "disk full"),
            (.store(.newerSchema(path: "/x", found: 9, supported: 1)), .storeFailing, "schema 9"),
            (.store(.closed), .stopping, "closed"),
            (.stopping, .stopping, "shutting down"),
        ]
        for (error, code, words) in cases {
            let problem = Problem(error)
            #expect(problem.code == code)
            #expect(problem.detail.contains(words), "\(problem.detail)")
        }
    }

    @Test func `a misspelt field and a wrong one have codes of their own`() {
        let unknown = Problem(FieldError(unknown: "retry.attemps", hint: "did you mean \"attempts\"?"))
        #expect(unknown.code == .unknownField)
        #expect(unknown.detail == "\"retry.attemps\" is not a field here; did you mean \"attempts\"?")
        let wrong = Problem(FieldError(path: "queue", value: "\"Mail\"", reason: "must be a name"))
        #expect(wrong.code == .invalidField)
        #expect(wrong.field == "queue")
    }
}
