import Foundation
import JobModel
import Testing
import Upstreams

@testable import berth

struct CronjobImportTests {
    private static let id = "11111111-2222-4333-8444-555555555555"
    private static let flat = """
        {"name":"w1","id":"\(id)","description":"cronjob worker","working_dir":".",
         "metadata":{"tasks":["default","command","git"]}}
        """
    private static let parts = """
        {"worker": {"name": "worker-01", "description": "first"},
         "server": {"api_url": "http://localhost:8080/", "auth_token": "s3cret"}, "websocket": {"ping_interval": 20}}
        """

    @Test func `the flat form says who the worker is, the environment where the server is`() throws {
        let environment = ["API_URL": "http://cron:8090/api/v1", "API_KEY": "k", "WORKER_NAME": "ignored"]
        let yaml = CronjobImport(file: try JSONParser.parse(Self.flat), environment: environment).yaml(name: "cron")
        let settings = try Self.settings(yaml, environment)
        #expect(settings.url == "http://cron:8090/api/v1" && settings.key == Secret("k"))
        #expect(settings.workerID == Self.id && settings.workerName == "w1")
        #expect(settings.description == "cronjob worker" && settings.tasks == ["default", "command"])
        #expect(yaml.contains("not taken: category \"git\""))
    }

    @Test func `the form in parts keeps its key to itself`() throws {
        let yaml = CronjobImport(file: try JSONParser.parse(Self.parts), environment: [:]).yaml(name: "cron")
        #expect(!yaml.contains("s3cret") && yaml.contains("{file: cronjob.key}"))
        let readable = yaml.replacing("{file: cronjob.key}", with: "{env: KEY}")
        let settings = try Self.settings(readable, ["KEY": "k"])
        #expect(settings.url == "http://localhost:8080/api/v1")
        #expect(settings.workerName == "worker-01" && settings.tasks == ["default"])
    }

    @Test func `the environment alone is enough`() throws {
        let environment = [
            "API_SERVER_URL": "https://cron/api/v1", "API_AUTH_TOKEN": "t", "WORKER_ID": Self.id,
            "WORKER_NAME": "工作 \"1\"",
            "WORKER_TASKS_LIST": "command,script,file,http", "WEBSOCKET_PING_INTERVAL": "20",
            "COMMAND_ALLOWED": "ls, wc", "COMMAND_BLOCKED": "rm", "ALLOWED_SCRIPT_DIRS": "/opt/a;/opt/b",
            "FILE_RUNNER_ALLOWED_PATHS": "/srv",
        ]
        let yaml = CronjobImport(file: nil, environment: environment).yaml(name: "cron")
        let settings = try Self.settings(yaml, environment)
        #expect(settings.workerName == "工作 \"1\"" && settings.intervals.ping == .seconds(20))
        #expect(settings.tasks == ["command", "script", "file", "http"] && settings.key == Secret("t"))
        for part in [
            #"allowed: ["ls", "wc"], blocked: ["rm"]"#, #"folders: ["/opt/a", "/opt/b"]"#, #"roots: ["/srv"]"#,
        ] {
            #expect(yaml.contains(part), "\(yaml)")
        }
    }

    @Test func `nothing at all gives settings to begin with`() throws {
        let yaml = CronjobImport(file: nil, environment: ["COMMAND_SECURITY_DISABLED": "true"]).yaml(name: "cron")
        let settings = try Self.settings(yaml, ["API_KEY": "k"])
        #expect(ServerTask.isID(settings.workerID) && settings.tasks == ["default"])
        #expect(yaml.contains("shell: {blocked: [], blocked_paths: []}"))
    }

    @Test func `what has no counterpart is said rather than dropped`() throws {
        let environment = [
            "WORKER_WORKING_DIR": "/srv/work", "COMMAND_BLOCKED_PATTERNS": "rm .*,dd", "WORKER_TASKS_LIST": "command",
        ]
        let yaml = CronjobImport(file: nil, environment: environment).yaml(name: "cron")
        #expect(yaml.contains("# working_dir \"/srv/work\"") && yaml.contains("metadata.working_dir"))
        #expect(yaml.contains(#"# COMMAND_BLOCKED_PATTERNS ["rm .*", "dd"]"#))
        _ = try Self.settings(yaml, ["API_KEY": "k"])
    }

    @Test func `a worker of categories without components takes nothing else`() throws {
        let yaml = CronjobImport(file: nil, environment: ["WORKER_TASKS_LIST": "git,message"]).yaml(name: "cron")
        #expect(try Self.settings(yaml, ["API_KEY": "k"]).taken == ["git", "message"])
        #expect(yaml.contains("not taken: category \"git\""))
    }

    /// What the host makes of that text.
    private static func settings(_ yaml: String, _ environment: [String: String]) throws -> CronjobSettings {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("berth-\(UUID().uuidString).yaml")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(yaml.utf8).write(to: file)
        let settings = try Settings(environment: environment.merging(["HOME": "/home/ada"]) { $1 }, file: file.path)
        guard case .cronjob(let cronjob) = try #require(settings.upstreams.first).settings else {
            throw Failure(.usage, "no cronjob upstream")
        }
        return cronjob
    }
}
