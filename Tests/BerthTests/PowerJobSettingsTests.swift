import HostHTTP
import JobModel
import Testing
import Upstreams

@testable import berth

struct PowerJobSettingsTests {
    private static func read(_ more: String) throws -> PowerJobSettings {
        let text = #"{"a": {"kind": "powerjob", "app": "demo", "servers": ["10.0.0.1", "s:7701"]"# + more + "}}"
        let all = try UpstreamSettings.all(
            try JSONParser.parse(Array(text.utf8)), path: "upstreams", in: Surroundings())
        guard case .powerJob(let settings)? = all.first?.settings else { throw CancellationError() }
        return settings
    }

    @Test func `the least that is needed`() throws {
        let settings = try Self.read("")
        #expect(settings.app == "demo" && settings.servers.map(\.description) == ["10.0.0.1:7700", "s:7701"])
        #expect(settings.listen.description == "0.0.0.0:27777" && settings.advertise == nil && !settings.deploys)
        #expect(settings.pace == PowerJobPace() && settings.tasks == TaskPace())
    }

    @Test func `everything that can be said`() throws {
        let settings = try Self.read(
            #", "listen": "127.0.0.1:1", "advertise": "h:2", "allow": ["10.0.0.0/8"], "tag": "blue", "queue": "q","#
                + #" "aliases": {"demo": "text/wordcount"}, "light": 3, "heavy": 0, "deploy": true,"#
                + #" "access": {"read": ["/srv"]}, "pace": {"report": "7s", "first_report": "3s"},"#
                + #" "tasks": {"alive": "4s", "reports_for": "5s"}"#)
        #expect(settings.listen.port == 1 && settings.advertise?.port == 2 && settings.tag == "blue")
        #expect(settings.allow.count == 1 && settings.allow[0].holds("10.9.9.9") && settings.queue == "q")
        #expect(settings.aliases == ["demo": ComponentName("text/wordcount")].compactMapValues(\.self))
        #expect(settings.mostLight == 3 && settings.mostHeavy == 0 && settings.deploys)
        #expect(settings.access.read == ["/srv"])
        #expect(settings.pace.report == .seconds(7) && settings.pace.firstReport == .seconds(3) ... .seconds(6))
        #expect(settings.tasks.alive == .seconds(4) && settings.tasks.reportsFor == .seconds(5))
    }

    @Test(arguments: [
        (#", "listen": "::1""#, "listen", "HOST:PORT"),
        (#", "advertise": "0.0.0.0:1""#, "advertise", "HOST:PORT"), (#", "allow": ["x"]"#, "allow", "networks"),
        (#", "aliases": {"demo": "text"}"#, "aliases", "text/wordcount"),
        (#", "pace": {"report": 5}"#, "pace.report", "duration"),
        (#", "pace": {"patience": "61s"}"#, "pace.patience", "60s"),
        (#", "pace": {"heartbeat": "55s"}"#, "pace.heartbeat", "60s"),
        (#", "pace": {"report": "55s"}"#, "pace.report", "patience"),
        (#", "pace": {"patience": "10s"}"#, "pace.report", "patience"),
        (#", "pace": {"first_report": "28s"}"#, "pace.first_report", "patience"),
    ])
    func `what servers would take ill is refused where it stands`(more: String, path: String, words: String) throws {
        let error = try #require(throws: FieldError.self) { _ = try Self.read(more) }
        #expect(error.path == "upstreams.a.\(path)", "\(error)")
        #expect(error.description.contains(words), "\(error)")
    }
}
