import JobEngine
import JobModel
import Testing

@testable import HostHTTP

struct ViewTests {
    private func run(_ change: (inout RunRecord) -> Void = { _ in }) throws -> RunRecord {
        var run = RunRecord(
            id: 7, component: try #require(ComponentName("text/wordcount")), queue: "default",
            due: Instant(microseconds: 2_000_000), createdAt: Instant(microseconds: 1_000_000),
            params: Array(#"{"path":"/etc"}"#.utf8))
        change(&run)
        return run
    }

    @Test func `a run has what clients rely on`() throws {
        let view = RunView(try run(), attempts: [])
        #expect(view.json.text.hasPrefix(#"{"id":7,"state":"pending","component":"text/wordcount","queue":"default""#))
        #expect(view.json["params"] == ["path": "/etc"])
        #expect(view.json["created_at"] == "1970-01-01T00:00:01Z")
        #expect(view.json["timeout"] == "5m")
        #expect(view.attempts.isEmpty)
    }

    @Test func `a run says who makes its attempt, and whose task it is`() throws {
        let view = RunView(
            try run { $0.instance = "745847914496000320/0.3#0@10.0.0.5:27777" }, attempts: [], lentTo: "10.0.0.6:27777")
        #expect(view.borrowedFrom == "10.0.0.5:27777" && view.lentTo == "10.0.0.6:27777")
        let plain = RunView(try run { $0.instance = "745847914496000320" }, attempts: [])
        #expect(plain.borrowedFrom == nil && plain.lentTo == nil)
        var end = AttemptEnd(
            outcome: .succeeded, startedAt: Instant(microseconds: 1), finishedAt: Instant(microseconds: 2))
        end.evidence = Evidence()
        end.evidence?.host = "10.0.0.6:27777"
        #expect(AttemptView(AttemptRecord(run: 7, number: 1, end: end), inputBytes: 0).host == "10.0.0.6:27777")
    }

    @Test func `an ended run says how it went`() throws {
        let view = RunView(
            try run {
                $0.state = .failed
                $0.outcome = .crashed(.memoryFault)
                $0.reason = "SIGSEGV, last breadcrumb \"row 7\""
                $0.startedAt = Instant(microseconds: 2_000_000)
                $0.finishedAt = Instant(microseconds: 3_500_000)
            })
        #expect(view.outcome == "crashed")
        #expect(view.text("detail") == "memory_fault")
        #expect(view.took == "1s500ms" || view.took == "1.5s")
        #expect(view.state == .failed)
    }

    @Test(arguments: [
        (Array(#"{"lines":3}"#.utf8), "output"), (Array("three lines".utf8), "output_text"),
        ([0xFF, 0x00], "output_base64"),
        (Array("7".utf8), "output"),
    ])
    func `output is JSON, text or base64, and comes back`(bytes: [UInt8], field: String) throws {
        let view = RunView(try run { $0.output = bytes }, attempts: nil)
        #expect(view.json[field] != nil)
        #expect(view.output == bytes)
    }

    @Test func `lists leave out what is large`() throws {
        let page = RunPageView([try run { $0.output = Array("x".utf8) }], limit: 1)
        #expect(page.next == 7)
        let only = try #require(page.runs.first)
        #expect(only.json["params"] == nil)
        #expect(only.json["output_text"] == nil)
        #expect(RunPageView([try run()], limit: 2).next == nil)
    }

    @Test func `a plugin shows its components, a rejected file its reason`() {
        let descriptor = PluginDescriptor(
            id: "text", version: "1.2.0", vendor: "v", abiVersion: 1 << 16,
            components: [ComponentDescriptor(id: "grep", kind: .processor, flags: [.cooperative, .pure])])
        let plugin = PluginView(
            PluginRecord(
                path: "/p/text.so", digest: "ab", state: .active, descriptor: descriptor,
                arrivedAt: Instant(microseconds: 0)))
        #expect(plugin.id == "text")
        #expect(plugin.json["abi"] == "1.0")
        #expect(plugin.components.map(\.id) == ["grep"])
        #expect(plugin.components.map(\.kind) == ["processor"])
        #expect(plugin.components.map(\.flags) == [["cooperative", "pure"]])
        let rejected = PluginView(
            PluginRecord(
                path: "/p/x.so", digest: "", state: .rejected, reason: "It is no library.",
                arrivedAt: Instant(microseconds: 0)))
        #expect(rejected.id == nil)
        #expect(rejected.reason == "It is no library.")
        #expect(rejected.components.isEmpty)
    }

    @Test func `evidence and steps are told`() {
        let end = AttemptEnd(
            outcome: .timedOut, message: "limit 1 s, asked, killed after 1.5 s", startedAt: Instant(microseconds: 0),
            finishedAt: Instant(microseconds: 1_500_000),
            evidence: Evidence(
                signal: "SIGKILL", limit: "wall time 1 s",
                steps: [EndingStep(.asked, at: Instant(microseconds: 1_000_000))]))
        #expect(AttemptView(AttemptRecord(run: 7, number: 2, end: end), inputBytes: 2).json["metrics"] == nil)
        var measured = end
        measured.metrics = ["b": -2, "a": 1]
        let view = AttemptView(AttemptRecord(run: 7, number: 2, end: measured), inputBytes: 2)
        #expect(view.metrics.map(\.name) == ["a", "b"] && view.metrics.map(\.value) == [1, -2])
        #expect(view.outcome == "timed_out")
        #expect(view.json["evidence"]?["steps"]?.array?.first?["step"] == "asked")
    }

    @Test(
        arguments: [
            (["cron": "0 9 * * *", "zone": "Europe/Berlin"], "0 9 * * * Europe/Berlin"), (["every": "5m"], "every 5m"),
            (["weekly": "MON 09:00", "zone": "Asia/Tokyo"], "weekly MON 09:00 Asia/Tokyo"),
            (["calendar": "Mon *-*-* 09:00"], "calendar Mon *-*-* 09:00"), (["none": "x"], "-"),
        ] as [(JSONValue, String)])
    func `every kind of schedule is shown as people write it`(schedule: JSONValue, text: String) {
        #expect(JobView(json: ["schedule": schedule]).schedule == text)
    }
}
