import Foundation
import JobModel
import Testing
import Upstreams

@testable import berth

struct CronjobSettingsTests {
    private static let least =
        "url: http://cron:8000/api/v1/, worker: {id: 11111111-2222-4333-8444-555555555555, name: w1}"

    @Test func `the least that is needed`() throws {
        let settings = try Self.read(Self.least)
        #expect(settings.url == "http://cron:8000/api/v1" && settings.workerName == "w1")
        #expect(settings.taken == ["command", "container", "default", "file", "http", "script"])
        #expect(!settings.runsSetup && settings.queue == "default" && settings.intervals == CronjobIntervals())
    }

    @Test func `everything that can be said`() throws {
        let settings = try Self.read(
            Self.least
                + """
                , api_key: {env: KEY}, tasks: [command, report, git], queue: slow, setup: true, ca: /etc/ca.pem,
                categories: {report: acme/report, file: {access: {write: [/data]}, queue: files},
                  db: {component: query, credentials: {credential_id: login}}},
                intervals: {ping: 10ms, reconnect: 1s}
                """)
        #expect(settings.key == Secret("hush") && !"\(settings)".contains("hush"))
        #expect(settings.taken == ["command", "report", "git"] && settings.runsSetup)
        #expect(settings.categories["report"]?.component == "acme/report")
        #expect(settings.categories["file"]?.access.write == ["/data"] && settings.categories["file"]?.queue == "files")
        #expect(settings.categories["db"]?.credentials == ["credential_id": "login"])
        #expect(settings.intervals.ping == .milliseconds(10) && settings.authorities == "/etc/ca.pem")
    }

    @Test(arguments: [
        (
            "url: cron:8000, worker: {id: 11111111-2222-4333-8444-555555555555, name: w1}",
            #""upstreams.cron.url" must be"#
        ),
        ("url: http://cron/api/v1", #""upstreams.cron.worker" is missing"#),
        ("url: http://cron/api/v1, worker: {name: w1}", #""upstreams.cron.worker.id" must be a UUID"#),
        ("\(least), tasks: [report]", "has no component; `categories: {report: PLUGIN/COMPONENT}`"),
        ("\(least), categories: {report: {queue: slow}}", #""upstreams.cron.categories.report" needs a component"#),
        ("\(least), intervals: {ping: 0s}", #""upstreams.cron.intervals.ping" must be a duration"#),
        ("\(least), api_key: secret", #""upstreams.cron.api_key" must be {env: NAME} or {file: PATH}"#),
        ("\(least), tsaks: [command]", "tsaks"),
    ])
    func `what makes no sense is refused with the place and what to do`(text: String, complaint: String) {
        #expect { try Self.read(text) } throws: { error in
            "\((error as? Failure)?.message ?? "")".contains(complaint) && !"\(error)".contains("secret\"")
        }
    }

    private static func read(_ text: String) throws -> CronjobSettings {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("berth-\(UUID().uuidString).yaml")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data("upstreams: {cron: {kind: cronjob, \(text)}}\n".utf8).write(to: file)
        let settings = try Settings(environment: ["HOME": "/home/ada", "KEY": "hush"], file: file.path)
        guard case .cronjob(let cronjob) = try #require(settings.upstreams.first).settings else {
            throw Failure(.usage, "no cronjob upstream")
        }
        return cronjob
    }
}
