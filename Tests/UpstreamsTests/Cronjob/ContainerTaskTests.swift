import GuestPool
import JobModel
import TestSupport
import Testing

@testable import Upstreams

/// Tasks of the server's category `container`, run by a real engine.
@Suite(
    .enabled("needs a container engine that works: podman with runc, and a C compiler that links statically") {
        await ContainerEngine.isThere.value
    }, .serialized)
struct ContainerTaskTests {
    private typealias World = CronjobWorld

    @Test func `a container runs to its end, stays, is looked at and removed`() async throws {
        try await withEngine { world, engine in
            let run: JSONValue = [
                "action": "run", "image": .string(ContainerEngine.image), "name": "report", "network": "none",
                "command": ["print", "hello", "world"], "env": ["NAME=ada"],
                // As forms of the server's have them that say nothing.
                "restart": "no", "registry": "", "registry_cred": "", "pull": false, "tls": false, "tail": 0,
                "host": "", "namespace": "default",
                "volumes": [], "ports": .null,
            ]
            let (end, id) = try await task(run, world, savesLog: true)
            #expect(end["status"] == "success", "\(end)")
            let output = try JSONParser.parse(try #require(end["output"]?.string))
            #expect(output["action"] == "run" && output["name"] == "report" && output["exit_code"] == 0)
            #expect(output["stdout"] == "hello\nworld\n")
            let log = try #require(await world.server.logs[id])
            for line in ["hello", "world", "NAME is ada"] { #expect(log.contains(line + "\n"), "\(log)") }

            let printed = try await self.output(of: ["action": "logs", "container": "report", "tail": 1], world)
            #expect(printed["logs"]?.string?.isEmpty == false)
            let state = try await self.output(of: ["action": "inspect", "container": "report"], world)
            #expect(state["status"] == "exited" && state["name"]?.string?.hasSuffix("report") == true, "\(state)")
            #expect(try await engine.containers() == ["report"])
            let removed = try await self.output(of: ["action": "remove", "container": "report"], world)
            #expect(removed["type"] == "container" && removed["container"] == "report")
            #expect(try await engine.containers().isEmpty)
            let (gone, _) = try await task(["action": "inspect", "container": "report"], world)
            #expect(gone["status"] == "failed")
        }
    }

    @Test func `the status it exits with decides`() async throws {
        try await withEngine { world, engine in
            let (end, id) = try await task(Self.run(["exit", "3"]), world)
            #expect(end["status"] == "failed")
            let report = try #require(await world.server.reports(of: id).last)
            #expect(report["exit_code"] == 3 && report["error"]?.string?.contains("as I was told") == true, "\(report)")
            #expect(try await engine.containers().isEmpty)
        }
    }

    @Test(arguments: [("wait", "stop"), ("stubborn", "stop"), ("stubborn", "kill")])
    func `a stop reaches what runs in it, and nothing of it stays`(how: String, event: String) async throws {
        try await withEngine { world, engine in
            let id = World.newID()
            try await world.run(
                World.task(id, category: "container", args: Self.run([.string(how)]).text, savesLog: true))
            try await eventually("its first word") {
                await world.server.logs[id]?.contains("begun") == true ? true : nil
            }
            try await world.say(event, id)
            #expect(try await world.end(of: id)["status"] == "stopped")
            try await eventually("the engine has removed it") { try await engine.containers().isEmpty ? true : nil }
        }
    }

    @Test func `its time limit ends it`() async throws {
        try await withEngine { world, engine in
            let task = World.task(World.newID(), category: "container", args: Self.run(["wait"]).text, timeout: 2)
            let id = try await world.run(task)
            #expect(try await world.end(of: id)["status"] == "timeout")
            #expect(try await engine.containers().isEmpty)
        }
    }

    @Test func `a service is left running, and stopped, started and killed by its name`() async throws {
        try await withEngine { world, engine in
            var service = Self.run(["wait"]).members ?? []
            service.removeAll { $0.name == "remove" }
            service += [JSONMember("restart", "always"), JSONMember("name", "service")]
            let begun = try await output(of: .object(service), world)
            #expect(begun["status"] == "running" && begun["container_id"]?.string?.count == 64)
            for (action, status) in [("stop", "exited"), ("start", "running"), ("restart", "running")] {
                let done = try await output(
                    of: ["action": .string(action), "container": "service", "timeout": 5], world)
                #expect(done["action"]?.string == action && done["container"] == "service")
                let state = try await output(of: ["action": "inspect", "container": "service"], world)
                #expect(state["status"]?.string == status, "\(action): \(state)")
            }
            _ = try await output(of: ["action": "remove", "container": "service", "force": true], world)
            #expect(try await engine.containers().isEmpty)
        }
    }

    @Test func `what the operator does not allow is refused by name`() async throws {
        try await withEngine { world, engine in
            for (member, value, why) in [
                ("volumes", ["/etc:/x"], "what may be mounted"), ("volumes", ["db:/x"], "the volume db"),
                ("network", "host", "host_network"), ("image", "docker.io/other", "not among those"),
                ("runtime", "containerd", "only engines with Docker's API"), ("connection", "tcp", "Unix socket alone"),
                ("action", "exec", "container/run"),
            ] as [(String, JSONValue, String)] {
                var args = Self.run(["print"]).members ?? []
                args.removeAll { $0.name == member }
                args.append(JSONMember(member, value))
                let (end, id) = try await task(.object(args), world)
                let report = try #require(await world.server.reports(of: id).last)
                #expect(end["status"] == "error" && report["action"] == "ParseArgs", "\(member): \(report)")
                #expect(report["error"]?.string?.contains(why) == true, "\(member): \(report)")
            }
            #expect(try await engine.containers().isEmpty)
        }
    }

    // MARK: What all of them need

    private func withEngine(
        _ body: @escaping @Sendable (CronjobWorld, ContainerEngine) async throws -> Void
    ) async throws {
        try await ContainerEngine.with { engine in
            var settings = PluginSettings(
                configuration: #"{"socket": "\#(engine.socket)", "images": ["localhost/*"]}"#, grants: [.network])
            settings.sandbox.set(.callFilter, false)
            let plugins = ["container": settings]
            try await World.with(projects: ["container"], plugins: plugins, { $0.tasks = ["container"] }) { world in
                try await body(world, engine)
            }
        }
    }

    private static func run(_ command: [JSONValue]) -> JSONValue {
        [
            "action": "run", "image": .string(ContainerEngine.image), "network": "none", "remove": true,
            "command": .array(command),
        ]
    }

    private func task(_ args: JSONValue, _ world: CronjobWorld, savesLog: Bool = false) async throws -> (
        JSONValue, String
    ) {
        let id = try await world.run(
            World.task(World.newID(), category: "container", args: args.text, savesLog: savesLog))
        return (try await world.end(of: id), id)
    }

    private func output(of args: JSONValue, _ world: CronjobWorld) async throws -> JSONValue {
        let (end, id) = try await task(args, world)
        let reports = await world.server.reports(of: id)
        #expect(end["status"] == "success", "\(reports)")
        return try JSONParser.parse(try #require(end["output"]?.string))
    }
}
