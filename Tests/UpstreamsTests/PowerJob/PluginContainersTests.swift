import Foundation
import JobModel
import TestSupport
import Testing

@testable import Upstreams

/// Plugin files that the server deploys.
@Suite struct PluginContainersTests {
    private static func hex(_ bytes: [UInt8]) -> String { ContainerFolder.md5(bytes) }

    private static func plugin(_ flags: [String] = []) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: FixturePlugin.library("surroundings", flags: flags)))
    }

    private static func serve(_ bytes: [UInt8], at world: PowerJobWorld) {
        world.server.script("/container/downloadJar") { _ in StandInPort.Answer(body: bytes) }
    }

    private static func order(
        _ world: PowerJobWorld, _ bytes: [UInt8], url: String? = nil, version: String? = nil
    ) -> JSONValue {
        let version = version ?? hex(bytes)
        return [
            "containerId": 7, "containerName": "demo-container", "version": .string(version),
            "downloadURL": .string(url ?? "http://\(world.server.web)/container/downloadJar?version=\(version)"),
        ]
    }

    private static func deploy(_ world: PowerJobWorld, _ order: JSONValue) async throws {
        let worker = try await world.worker()
        #expect(try await StandInServer.post(worker, "/worker/deployContainer", order).status == 200)
    }

    /// A heartbeat that says these versions are here.
    private static func hears(_ world: PowerJobWorld, of versions: [String]) async throws {
        let before = world.server.heartbeats().count
        try await eventually("containers \(versions) in a heartbeat") {
            let infos = world.server.heartbeats().dropFirst(before).last?["containerInfos"]?.array
            return infos?.compactMap { $0["version"]?.string } == versions ? true : nil
        }
    }

    private static func run(_ world: PowerJobWorld, _ processor: String, instance: Int64 = 1) async throws -> JSONValue
    {
        try await world.run(processor, instance: instance, ["processorType": "EXTERNAL"])
        return try await world.server.end(of: instance)
    }

    private static func file(_ world: PowerJobWorld) -> URL {
        world.host.home.appendingPathComponent("plugins/cluster-container-7.so")
    }

    @Test(arguments: [true, false])
    func `a deployed plugin is judged, told of in heartbeats and run`(strict: Bool) async throws {
        let bytes = try Self.plugin()
        try await PowerJobWorld.with(strict: strict, { $0.deploys = true }) { world in
            Self.serve(bytes, at: world)
            try await Self.deploy(world, Self.order(world, bytes))
            try await Self.hears(world, of: [Self.hex(bytes)])
            #expect(try await Self.run(world, "7#look")["instanceStatus"] == 5)
            #expect(try [UInt8](Data(contentsOf: Self.file(world))) == bytes)
            let info = try #require(world.server.heartbeats().last?["containerInfos"]?.array?.first)
            #expect(info["containerId"] == 7 && info["deployedTime"]?.integer != nil)
            #expect(info["workerAddress"]?.string == world.server.heartbeats().last?["workerAddress"]?.string)
            #expect(world.server.record.complaints.isEmpty)
        }
    }

    @Test func `the same version is not fetched again, a new one takes its place, and destroying ends it`() async throws
    {
        let (old, new) = (try Self.plugin(), try Self.plugin(["-O0"]))
        try await PowerJobWorld.with(strict: true, { $0.deploys = true }) { world in
            Self.serve(old, at: world)
            try await Self.deploy(world, Self.order(world, old))
            try await Self.hears(world, of: [Self.hex(old)])
            try await Self.deploy(world, Self.order(world, old))
            Self.serve(new, at: world)
            try await Self.deploy(world, Self.order(world, new))
            try await Self.hears(world, of: [Self.hex(new)])
            #expect(world.server.calls("/container/downloadJar").count == 2)
            let worker = try await world.worker()
            _ = try await StandInServer.post(worker, "/worker/destroyContainer", ["containerId": 7])
            try await Self.hears(world, of: [])
            #expect(!FileManager.default.fileExists(atPath: Self.file(world).path))
        }
    }

    @Test func `a container that is not here is asked for when a job needs it`() async throws {
        let bytes = try Self.plugin()
        try await PowerJobWorld.with(strict: true, { $0.deploys = true }) { world in
            Self.serve(bytes, at: world)
            let order = Self.order(world, bytes)
            world.server.script("/server/queryContainer") { call in
                guard call.message["containerId"] == 7 else { return StandInPort.Answer(status: 500) }
                return StandInPort.Answer(body: AskReply(isSuccess: true, data: order.bytes).json.bytes)
            }
            #expect(try await Self.run(world, "7#look")["instanceStatus"] == 5)
            let missing = try await Self.run(world, "7#nothing", instance: 2)
            #expect(missing["instanceStatus"] == 4 && missing["result"]?.string?.contains("look") == true)
            let foreign = try await Self.run(world, "8#look", instance: 3)
            #expect(foreign["instanceStatus"] == 4)
            let nonsense = try await Self.run(world, "look", instance: 4)
            #expect(nonsense["result"]?.string?.contains("number of a container") == true)
        }
    }

    @Test func `what is no plugin is judged like every file and said to those who would run it`() async throws {
        let bytes = Array("no ELF file".utf8)
        try await PowerJobWorld.with(strict: true, { $0.deploys = true }) { world in
            Self.serve(bytes, at: world)
            try await Self.deploy(world, Self.order(world, bytes))
            try await eventually("the file is there") {
                FileManager.default.fileExists(atPath: Self.file(world).path) ? true : nil
            }
            let end = try await Self.run(world, "7#look")
            #expect(end["instanceStatus"] == 4)
            #expect(end["result"]?.string?.contains("not a shared library") == true, "\(end)")
            try await Self.hears(world, of: [])
        }
    }

    @Test func `nothing is deployed where the operator did not allow it`() async throws {
        let bytes = try Self.plugin()
        try await PowerJobWorld.with(strict: true) { world in
            Self.serve(bytes, at: world)
            try await Self.deploy(world, Self.order(world, bytes))
            let end = try await Self.run(world, "7#look")
            #expect(end["instanceStatus"] == 4 && end["result"]?.string?.contains("deploy: true") == true)
            #expect(world.server.calls("/container/downloadJar").isEmpty)
            #expect(!FileManager.default.fileExists(atPath: Self.file(world).path))
        }
    }

    @Test func `other bytes than promised, other places and too many bytes are not taken`() async throws {
        let bytes = try Self.plugin()
        let elsewhere = try await StandInServer(isStrict: false)
        elsewhere.script("/container/downloadJar") { _ in StandInPort.Answer(body: bytes) }
        try await PowerJobWorld.with(strict: true, { $0.deploys = true }) { world in
            Self.serve(bytes, at: world)
            let other = String(repeating: "0", count: 32)
            try await Self.deploy(world, Self.order(world, bytes, version: other))
            try await Self.deploy(
                world, Self.order(world, bytes, url: "http://\(elsewhere.web)/container/downloadJar?version=x"))
            try await Self.deploy(world, ["containerId": 7, "version": "no digest", "downloadURL": "x"])
            // Orders are carried out one after the other: this one is the last.
            world.server.script("/container/downloadJar") { call in
                StandInPort.Answer(status: call.query["version"] == "gone" ? 404 : 200, body: bytes)
            }
            try await Self.deploy(
                world, Self.order(world, bytes, url: "http://\(world.server.web)/container/downloadJar?version=gone"))
            try await eventually("the last one was tried") {
                world.server.calls("/container/downloadJar").contains { $0.query["version"] == "gone" } ? true : nil
            }
            #expect(elsewhere.calls("/container/downloadJar").isEmpty)
            #expect(!FileManager.default.fileExists(atPath: Self.file(world).path))
        }
        await elsewhere.close()
    }
}

@Suite struct ContainerOrderTests {
    private static let servers = [HostPort(host: "10.0.0.1", port: 7700), HostPort(host: "pj.example", port: 80)]

    @Test(arguments: [
        ("http://10.0.0.1:7700/container/downloadJar?version=1", true), ("HTTP://10.0.0.1:7700/x", true),
        ("http://pj.example/x", true), ("http://PJ.example:80/x", true), ("http://10.0.0.1/x", false),
        ("http://10.0.0.1:7701/x", false), ("https://10.0.0.1:7700/x", false), ("http://10.0.0.1:7700@evil/x", false),
        ("http://evil/http://10.0.0.1:7700/x", false), ("http://evil?10.0.0.1:7700/", false),
        ("http://10.0.0.1:7700.evil/x", false), ("http://[::1]:7700/x", false), ("file:///etc/passwd", false),
        ("", false),
    ])
    func `a file comes from the servers alone`(url: String, isTheirs: Bool) throws {
        let order = try #require(
            ContainerOrder(json: [
                "containerId": 7, "version": "9A0364B9E99BB480DD25E1F0284C8555", "downloadURL": .string(url),
            ]))
        #expect((order.source(among: Self.servers) != nil) == isTheirs)
        #expect(order.version == "9a0364b9e99bb480dd25e1f0284c8555")
    }

    @Test func `the MD5 is the one of the world`() {
        #expect(ContainerFolder.md5(Array("abc".utf8)) == "900150983cd24fb0d6963f7d28e17f72")
    }
}
