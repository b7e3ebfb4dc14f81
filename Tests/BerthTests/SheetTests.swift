import HostHTTP
import JobModel
import Testing

@testable import berth

/// One thing seen closely leaves nothing out that somebody wrote down.
struct SheetTests {
    @Test func `a job shows what it was defined with`() throws {
        let text = """
            {"name": "a", "component": "x/y", "priority": 5, "at_once": 2, "limits": {"memory": "64MiB"}, "grace": "9s",
             "not_after": "10m", "tags": ["night", "big"]}
            """
        let job = try JobDefinition(json: try JSONParser.parse(Array(text.utf8)))
        let lines = JobTable.facts(JobView(json: job.json)).lines.map { "\($0.0)=\($0.1)" }
        for line in ["priority=5", "at_once=2", "grace=9s", "not_after=10m"] {
            #expect(lines.contains(line), "\(line) in \(lines)")
        }
        #expect(lines.contains { $0.hasPrefix("tags=") && $0.contains("night") && $0.contains("big") }, "\(lines)")
        #expect(lines.contains { $0.hasPrefix("limits=") && $0.contains("memory") }, "\(lines)")
    }

    @Test func `a run that succeeded at a limit says so`() throws {
        let attempt: JSONValue = ["number": 1, "outcome": "succeeded", "evidence": ["limit": "log 64 KiB"]]
        let run: JSONValue = ["id": 7, "state": "succeeded", "component": "x/y", "attempts": [attempt]]
        let lines = RunSheet(RunView(json: run)).attempts.lines()
        #expect(lines.last?.hasSuffix("at its limit: log 64 KiB") == true, "\(lines)")
    }

    @Test func `a run shows who asked for it and what it may reach`() throws {
        let run: JSONValue = [
            "id": 7, "state": "pending", "component": "x/y", "queue": "default", "priority": 3, "source": "api",
            "actor": "cli", "tags": ["night"], "correlation": "order-9", "access": ["read": ["/srv"]],
        ]
        let lines = RunSheet(RunView(json: run)).facts.lines.map { "\($0.0)=\($0.1)" }
        for line in ["source=api, by cli", "tags=night", "correlation=order-9", "priority=3"] {
            #expect(lines.contains(line), "\(line) in \(lines)")
        }
        #expect(lines.contains { $0.hasPrefix("access=") && $0.contains("/srv") }, "\(lines)")
    }
}
