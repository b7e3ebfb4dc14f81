import Foundation
import TestSupport
import Testing

/// The runners that come with Berth, each with real programs, files and servers, through a real host.
struct RunnerTests {
    /// The projects' own tests, against the files that `make plugins` built.
    @Test(arguments: ["command", "script", "http", "file", "container"])
    func `a runner passes the tests of its project`(plugin: String) async throws {
        let library = RunningHost.projectPlugins.appendingPathComponent("\(plugin).so").path
        let folder = Checkout.root.appendingPathComponent("Plugins/\(plugin)")
        let tested = try await Shell.run("make", "-s", "test", "OUT=\(library)", in: folder)
        #expect(tested.status == 0, "\(tested.output)\(tested.errors)")
        #expect(tested.output.contains("all tests passed"))
    }

    @Test func `a command line runs where the operator allows it, and is refused with the reason elsewhere`()
        async throws
    {
        try await Self.with("plugins: {command: {grants: [subprocess], config: {shell: {}}}}") { host in
            let ran = try await Self.once(host, "command/shell", "-p", "command=seq 3 | sort -r; echo done >&2")
            #expect(ran.status == 0 && ran.said.contains(#""stdout":"3\n2\n1\n""#), "\(ran.said)")
            let blocked = try await Self.once(host, "command/shell", "-p", "command=true; rm x")
            #expect(blocked.status == 1 && blocked.said.contains("\"rm\", which is blocked"), "\(blocked.said)")
            let line = "command=sleep 600 | sleep 600"
            let slow = try await Self.once(host, "command/shell", "-p", line, "--timeout", "1s")
            #expect(slow.status == 1 && slow.said.contains("limit 1 s"), "\(slow.said)")
        }
        try await Self.with("plugins: {command: {grants: [subprocess]}}") { host in
            let off = try await Self.once(host, "command/shell", "-p", "command=ls")
            #expect(off.status == 1 && off.said.contains("shell: {}"), "\(off.said)")
        }
    }

    @Test func `programs reach the network where it is granted too`() async throws {
        let server = try await CalledServer()
        let port = server.plain.split(separator: ":").last ?? ""
        let line = "exec 3<>/dev/tcp/127.0.0.1/\(port) && echo connected"
        for (grants, isOpen) in [("subprocess", false), ("subprocess, network", true)] {
            try await Self.with("plugins: {command: {grants: [\(grants)], config: {shell: {}}}}") { host in
                let ran = try await Self.once(host, "command/shell", "-p", "command=\(line)")
                #expect(ran.status == (isOpen ? 0 : 1), "\(ran.said)")
                #expect(ran.said.contains(#""stdout":"connected\n""#) == isOpen, "\(ran.said)")
            }
        }
    }

    @Test func `a script runs from a text and from an allowed folder, with the run's access alone`() async throws {
        let folder = try Self.folder(["lines.sh": "echo \"$1 $(wc -l <\"$0\")\"\nsleep ${2:-0}\n"])
        defer { try? FileManager.default.removeItem(at: folder) }
        let settings = "plugins: {script: {grants: [subprocess], config: {folders: [\(folder.path)]}}}"
        try await Self.with(settings) { host in
            let text = ["-p", "language=perl", "-p", #"code=print 6 * 7, qq(\n)"#]
            let code = try await Self.once(host, "script/script", text)
            #expect(code.status == 0 && code.said.contains(#""stdout":"42\n""#), "\(code.said)")
            let file = ["-p", "language=bash", "-p", "file=\(folder.path)/lines.sh"]
            let fenced = try await Self.once(host, "script/script", file)
            #expect(fenced.status == 1 && fenced.said.contains("access.read"), "\(fenced.said)")
            let readable = file + ["--read", folder.path]
            let granted = try await Self.once(host, "script/script", readable + ["-p", #"args=["lines:"]"#])
            #expect(granted.status == 0 && granted.said.contains("lines: 2"), "\(granted.said)")
            let slow = readable + ["-p", #"args=["a", "600"]"#, "--timeout", "1s"]
            let stopped = try await Self.once(host, "script/script", slow)
            #expect(stopped.status == 1 && stopped.said.contains("limit 1 s"), "\(stopped.said)")
        }
    }

    @Test func `a URL is called over TLS with secrets of the operator's, and its status decides`() async throws {
        let server = try await CalledServer()
        let secrets = "{ca: \"file:\(server.folder.path)/ca.pem\", token: \"env:HOOK_TOKEN\"}"
        let settings = "plugins: {http: {grants: [network], secrets: \(secrets)}}"
        try await Self.with(settings, environment: ["HOOK_TOKEN": "t0ken"]) { host in
            func ask(_ path: String, _ words: String...) async throws -> Ended {
                let trust = [
                    "-p", "url=\(server.safe)\(path)", "-p", #"tls={"ca_secret": "ca"}"#, "-p",
                    #"auth={"type": "bearer", "token_secret": "token"}"#,
                ]
                return try await Self.once(host, "http/request", trust + words)
            }
            let asked = try await ask("/echo", "-p", "method=POST", "-p", #"body={"a": 1}"#)
            #expect(asked.status == 0 && asked.said.contains("Bearer t0ken"), "\(asked.said)")
            let failed = try await ask("/status/500")
            #expect(failed.status == 1 && failed.said.contains("answered 500: status 500"), "\(failed.said)")
            let slow = try await ask("/hang", "--timeout", "1s")
            #expect(slow.status == 1 && slow.said.contains("limit 1 s"), "\(slow.said)")
            let doubtful = try await Self.once(host, "http/request", "-p", "url=\(server.safe)/echo")
            #expect(doubtful.status == 1 && doubtful.said.contains("tls.ca_file"), "\(doubtful.said)")
        }
    }

    @Test func `a job that is a URL posts to it`() async throws {
        let server = try await CalledServer()
        try await Self.with("plugins: {http: {grants: [network]}}") { host in
            let jobs = "jobs:\n  - {name: hook, http: {url: \"\(server.plain)/echo\", body: {day: today}}}\n"
            let file = host.home.appendingPathComponent("hook.yaml")
            try Data(jobs.utf8).write(to: file)
            let applied = try await host.berth("job", "apply", "-f", file.path)
            #expect(applied.status == 0, "\(applied.errors)")
            let posted = try await host.berth("job", "trigger", "hook", "--wait")
            let said = posted.output + posted.errors
            #expect(posted.status == 0 && said.contains("POST") && said.contains("today"), "\(said)")
        }
    }

    @Test func `files are looked after inside the roots, with the run's access alone`() async throws {
        let folder = try Self.folder(["a.log": "one", "b.log": "two", "c.txt": "three"])
        defer { try? FileManager.default.removeItem(at: folder) }
        try await Self.with("plugins: {file: {config: {roots: [\(folder.path)]}}}") { host in
            func act(_ params: String, _ words: String...) async throws -> Ended {
                try await Self.once(host, "file/action", ["--params", params] + words)
            }
            let clean = #"{"action": "cleanup", "path": "\#(folder.path)", "pattern": "*.log"}"#
            let fenced = try await act(clean)
            #expect(fenced.status == 1 && fenced.said.contains("access.read or access.write"), "\(fenced.said)")
            let packed = try await act(
                #"{"action": "backup", "source": "\#(folder.path)/c.txt", "target": "\#(folder.path)/c.gz", "compress": true}"#,
                "--write", folder.path)
            #expect(packed.status == 0 && packed.said.contains(#""copied_count":1"#), "\(packed.said)")
            let cleaned = try await act(clean, "--write", folder.path)
            #expect(cleaned.status == 0 && cleaned.said.contains(#""deleted_count":2"#), "\(cleaned.said)")
            let left = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
            #expect(left.count == 2 && left.first == "c.txt" && left.last?.hasPrefix("c_") == true, "\(left)")
            let outside = try await act(#"{"action": "stat", "path": "/var/log"}"#, "--read", "/var/log")
            #expect(outside.status == 1 && outside.said.contains("none of the allowed folders"), "\(outside.said)")
        }
    }

    @Test func `a container is run to its end, stopped when time is up, and removed`() async throws {
        let folder = try Self.folder([:])
        defer { try? FileManager.default.removeItem(at: folder) }
        let socket = folder.appendingPathComponent("engine.sock").path
        let engine = try await Companion(of: "container", target: "engine", socket)
        let settings = "grants: [network], config: {socket: \(socket)}"
        try await Self.with("plugins: {container: {\(settings)}}") { host in
            let fenced = try await Self.once(host, "container/run", "-p", "image=ok")
            #expect(fenced.status == 1 && fenced.said.contains("sandbox: {SystemCallFilter: no}"), "\(fenced.said)")
        }
        try await Self.with("plugins: {container: {\(settings), sandbox: {SystemCallFilter: no}}}") { host in
            let ran = try await Self.once(host, "container/run", "-p", "image=ok", "-p", #"command=["a", "b"]"#)
            #expect(ran.status == 0 && ran.said.contains(#""stdout":"hello world\nsecond""#), "\(ran.said)")
            let failed = try await Self.once(host, "container/run", "-p", "image=fail")
            #expect(failed.status == 1 && failed.said.contains("exit status 3: it is bad"), "\(failed.said)")
            let slow = try await Self.once(host, "container/run", "-p", "image=hang", "--timeout", "1s")
            #expect(slow.status == 1 && slow.said.contains("limit 1 s"), "\(slow.said)")
        }
        let asked = engine.end()
        let wanted = [
            #""Cmd":["a","b"]"#, "POST /containers/0002/kill?signal=SIGUSR1", "DELETE /containers/0002?v=1&force=1",
        ]
        for part in wanted { #expect(asked.contains(part), "\(asked)") }
    }

    // MARK: Surroundings

    struct Ended {
        var status: Int32
        /// Output or reason.
        var said: String
    }

    /// One attempt, through the command line.
    private static func once(_ host: RunningHost, _ component: String, _ words: String...) async throws -> Ended {
        try await once(host, component, words)
    }

    private static func once(_ host: RunningHost, _ component: String, _ words: [String]) async throws -> Ended {
        let ended = try await host.berth(["enqueue", component, "--wait", "--retry", "1"] + words)
        return Ended(status: ended.status, said: ended.output + ended.errors)
    }

    /// A host whose berth.yaml is `settings`.
    private static func with(
        _ settings: String, environment: [String: String] = [:], _ body: (RunningHost) async throws -> Void
    ) async throws {
        let home = try folder(["berth.yaml": settings])
        defer { try? FileManager.default.removeItem(at: home) }
        try await RunningHost.with(home: home, environment: environment, body)
    }

    /// A new folder with files in it.
    private static func folder(_ files: [String: String]) throws -> URL {
        let folder = temporaryFolder()
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (name, text) in files { try Data(text.utf8).write(to: folder.appendingPathComponent(name)) }
        return folder
    }
}
