import Foundation
import JobModel
import NIOSSL
import TestSupport
import Testing

@testable import PluginCatalog
@testable import Upstreams

/// What a worker does about its connection, case by case, against a server that does what the real one does.
struct ConnectionCaseTests {
    @Test func `case 1, start: a token, an upgrade with it, and the registration as first message`() async throws {
        try await CronjobWorld.with { world in
            try await world.connected()
            let requests = await world.server.requests
            let acquire = try #require(requests.first)
            #expect(acquire.path == "/lock/acquire")
            #expect(acquire.query == "key=/ws/\(CronjobWorld.worker)&expire=60")
            #expect(acquire.headers["authorization"] == "Bearer k-test")
            let upgrade = requests[1]
            #expect(upgrade.path == "/ws/task/" && upgrade.query.hasPrefix("key=%2Fws%2F\(CronjobWorld.worker)&value="))
            let registration = try #require(await world.server.registrations.first)
            #expect(registration["api_key"]?.string == "k-test")
            #expect(await world.server.messages.first == EventFraming.frame(registration.bytes))
            let status = try await eventually("to be known") {
                let status = await world.upstream.status()
                return status.state == .connected && status.lastContact != nil ? status : nil
            }
            #expect(status.server == world.server.url && status.remedy == nil)
        }
    }

    @Test func `case 2, framing: the first message is byte for byte that of the original`() async throws {
        try await CronjobWorld.with({ $0.tasks = ["command", "http"] }) { world in
            try await world.connected()
            let message = try #require(await world.server.messages.first)
            #expect(
                message.starts(with: EventFraming.separator) && message.suffix(17).elementsEqual(EventFraming.separator)
            )
            #expect(Digest.of(message) == "49321e1385d3db0db31d7982c9463fc7485ddfa227daa557348806c288463e54")
        }
    }

    @Test func `case 19, ping: control pings go out, and a server without pongs is kept`() async throws {
        try await CronjobStandIn.with { server in
            await server.allow(.answersNoPings)
            try await CronjobWorld.with(server: server) {
                $0.intervals.ping = .milliseconds(10)
                $0.intervals.silence = .milliseconds(30)
            } _: { world in
                try await eventually("twenty pings") {
                    await server.count { if case .ping = $0 { true } else { false } } >= 20 ? true : nil
                }
                #expect(await server.count { if case .closed = $0 { true } else { false } } == 0)
                #expect(await server.messages.allSatisfy { !String(decoding: $0, as: UTF8.self).contains("\"ping\"") })
            }
        }
    }

    @Test func `a server that answered pings and falls silent is given up`() async throws {
        try await CronjobWorld.with({
            $0.intervals.ping = .milliseconds(10)
            $0.intervals.silence = .milliseconds(100)
        }) { world in
            try await eventually("three pings") {
                await world.server.count { if case .ping = $0 { true } else { false } } >= 3 ? true : nil
            }
            await world.server.allow(.answersNoPings)
            try await world.connected(times: 2)
        }
    }

    @Test func `case 20, server ping: a pong with its payload`() async throws {
        try await CronjobWorld.with { world in
            try await world.connected()
            try await world.server.ping(Array("are you there".utf8))
            try await eventually("a pong") {
                await world.server.heard.contains(.pong(Array("are you there".utf8), 1)) ? true : nil
            }
        }
    }

    @Test func `case 21, drop: a new token, upgrade and registration, again and again while refused`() async throws {
        try await CronjobWorld.with { world in
            try await world.connected()
            await world.server.allow(.refusesUpgrades)
            await world.server.drop()
            try await eventually("attempts") { await world.server.requests("/ws/task/").count >= 4 ? true : nil }
            #expect(await world.upstream.status().state == .refused)
            await world.server.forbid(.refusesUpgrades)
            try await world.connected(times: 2)
        }
    }

    @Test func `a server that is not there, or gone, is a state with a remedy and no end of ours`() async throws {
        let port = try await CronjobStandIn.with { $0.port }
        try await CronjobStandIn.with { server in
            try await CronjobWorld.with(server: server, { $0.url = "http://127.0.0.1:\(port)/api/v1" }) { world in
                let status = try await eventually("a verdict") {
                    let status = await world.upstream.status()
                    return status.state == .unreachable ? status : nil
                }
                #expect(status.remedy?.contains("127.0.0.1:\(port)") == true && status.lastError != nil)
                try await CronjobStandIn.with(port: port) { late in
                    try await eventually("a registration") { await late.registrations.isEmpty ? nil : true }
                }
                try await eventually("the end to be noticed") {
                    await world.upstream.status().state == .unreachable ? true : nil
                }
            }
        }
    }

    @Test func `over TLS a server is believed whose authority is known, and no other`() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("berth-tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (key, certificate) = ("\(folder.path)/key.pem", "\(folder.path)/certificate.pem")
        let made = try await Shell.run(
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
            "-addext",
            "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate)
        try #require(made.status == 0, "\(made.errors)")
        let tls = try NIOSSLContext(
            configuration: .makeServerConfiguration(
                certificateChain: NIOSSLCertificate.fromPEMFile(certificate).map { .certificate($0) },
                privateKey: .privateKey(NIOSSLPrivateKey(file: key, format: .pem))))
        try await CronjobStandIn.with(tls: tls) { server in
            try await CronjobWorld.with(server: server, { $0.authorities = certificate }) { world in
                let id = try await world.run(CronjobWorld.task(CronjobWorld.newID(), command: "echo x"))
                #expect(try await world.end(of: id)["status"] == "success")
            }
            let before = await server.registrations.count
            try await CronjobWorld.with(server: server) { world in
                try await eventually("a verdict") {
                    await world.upstream.status().state == .unreachable ? true : nil
                }
                #expect(await server.registrations.count == before)
            }
        }
    }

    @Test func `a key that is refused is a state with a remedy`() async throws {
        try await CronjobStandIn.with { server in
            await server.allow(.refusesKeys)
            try await CronjobWorld.with(server: server) { world in
                let status = try await eventually("a verdict") {
                    let status = await world.upstream.status()
                    return status.state == .refused ? status : nil
                }
                #expect(status.remedy?.contains("api_key") == true)
                #expect(!"\(status)".contains(CronjobStandIn.key))
                await server.forbid(.refusesKeys)
                try await world.connected()
            }
        }
    }

    @Test func `a registration that the server passes over in silence is noticed`() async throws {
        try await CronjobStandIn.with { server in
            await server.allow(.hidesWorkers)
            try await CronjobWorld.with(server: server, { $0.intervals.ping = .milliseconds(50) }) { world in
                let status = try await eventually("a verdict") {
                    let status = await world.upstream.status()
                    return status.state == .unregistered ? status : nil
                }
                #expect(status.remedy?.contains("swift-w1") == true)
                await server.forbid(.hidesWorkers)
                try await eventually("another registration") {
                    await world.upstream.status().state == .connected ? true : nil
                }
            }
        }
    }

    @Test func `case 25, category set-up: what is not ready is left to others, what is made ready is taken`()
        async throws
    {
        let mark = FileManager.default.temporaryDirectory.appendingPathComponent("berth-setup-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: mark) }
        try await CronjobStandIn.with { server in
            await server.know(category: "command", check: "test -e \(mark.path)", setup: "touch \(mark.path)")
            await server.know(category: "script", check: "false", setup: "exit 3")
            await server.know(category: "default", check: "", setup: "null")
            try await CronjobWorld.with(server: server, { $0.runsSetup = true }) { world in
                try await world.connected()
                let registered = try #require(await server.registrations.first)
                #expect(
                    registered["data"]?["metadata"]?["tasks"]
                        == .texts(["command", "default", "http", "file", "git", "basic"]))
                #expect(FileManager.default.fileExists(atPath: mark.path))
                try await eventually("the reason") {
                    await world.upstream.status().lastError?.contains("category \"script\" ended with status 3") == true
                        ? true : nil
                }
                let done = try await world.run(CronjobWorld.task(CronjobWorld.newID(), command: "true"))
                #expect(try await world.end(of: done)["status"] == "success")
                await server.drop()
                try await world.connected(times: 2)
                #expect(await server.requests("/category/script/").count == 1)
            }
        }
    }

    @Test func `what the server gives to make ready ends with all that it started`() async throws {
        let mark = FileManager.default.temporaryDirectory.appendingPathComponent("berth-setup-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: mark) }
        let json: JSONValue = ["id": 1, "setup": .string("sleep 600 & echo $! > \(mark.path); wait")]
        let row = try #require(CategoryRow(json))
        let setup = CategorySetup(patience: .seconds(1), logger: WorkingEngine.quiet)
        #expect(await setup.complaint(about: row, of: "command")?.contains("signal 9") == true)
        let child = try #require(Int32(try String(contentsOf: mark, encoding: .utf8).dropLast()))
        try await eventually("its child to be gone") { kill(child, 0) == 0 ? nil : true }
    }

    @Test func `a plugin that comes later has its category registered`() async throws {
        try await CronjobWorld.with({ ($0.tasks, $0.categories) = (nil, [:]) }) { world in
            try await world.connected()
            #expect(await Self.categories(world) == ["command", "default"])
            let script = world.host.home.appendingPathComponent("plugins/script.so")
            try FileManager.default.copyItem(
                at: Checkout.root.appendingPathComponent(".build/plugins/script.so"), to: script)
            try await eventually("another registration") {
                await Self.categories(world) == ["command", "default", "script"] ? true : nil
            }
            #expect(await world.server.count { if case .opened = $0 { true } else { false } } == 1)
        }
    }

    private static func categories(_ world: CronjobWorld) async -> [String] {
        let last = await world.server.registrations.last
        return (last?["data"]?["metadata"]?["tasks"]?.array ?? []).compactMap(\.string)
    }

    @Test func `a server that sends on to another path is followed, to another server it is not`() async throws {
        try await CronjobStandIn.with { server in
            await server.allow(.sendsOn)
            try await CronjobWorld.with(server: server) { world in
                let id = try await world.run(CronjobWorld.task(CronjobWorld.newID(), command: "echo x", savesLog: true))
                #expect(try await world.end(of: id)["status"] == "success")
                #expect(await server.logs[id] == "x\n")
            }
            await server.allow(.sendsAway)
            try await CronjobWorld.with(server: server) { world in
                let status = try await eventually("a verdict") {
                    let status = await world.upstream.status()
                    return status.state == .refused ? status : nil
                }
                #expect(status.lastError?.contains("another server") == true)
                #expect(status.remedy?.contains("write url") == true)
            }
        }
    }

    @Test func `an upgrade that is refused is a matter of the token`() async throws {
        try await CronjobStandIn.with { server in
            await server.allow(.refusesUpgrades)
            try await CronjobWorld.with(server: server) { world in
                let status = try await eventually("a verdict") {
                    let status = await world.upstream.status()
                    return status.state == .refused ? status : nil
                }
                #expect(status.lastError?.contains("403") == true && status.remedy?.contains("worker.id") == true)
            }
        }
    }

    @Test func `without the operator's word no command of the server's runs`() async throws {
        let mark = FileManager.default.temporaryDirectory.appendingPathComponent("berth-setup-\(UUID().uuidString)")
        try await CronjobStandIn.with { server in
            await server.know(category: "command", check: "touch \(mark.path)", setup: "touch \(mark.path)")
            try await CronjobWorld.with(server: server) { world in
                try await world.connected()
                #expect(!FileManager.default.fileExists(atPath: mark.path))
                #expect(await server.requests("/category/").isEmpty)
            }
        }
    }
}
