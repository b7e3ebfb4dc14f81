import Foundation
import JobModel
import NIOCore
import NIOHTTP1
import NIOPosix
import TestSupport
import Testing

@testable import Upstreams

/// Whatever comes in at the port, it stays open for what is well-formed. W25, and who may call.
@Suite struct PowerJobDoorTests {
    /// Sends bytes over one connection, and gives all that comes back until the other side closes it.
    private static func talk(_ worker: String, _ text: String) throws -> String {
        let descriptor = try visit(worker)
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        try #require(send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count)
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while case let count = recv(descriptor, &buffer, buffer.count, 0), count > 0 { answer += buffer[..<count] }
        return String(decoding: answer, as: UTF8.self)
    }

    /// The descriptor of a connection.
    private static func visit(_ worker: String) throws -> Int32 {
        let address = try #require(HostPort(worker))
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_addr.s_addr = inet_addr(address.host)
        place.sin_port = UInt16(address.port).bigEndian
        let isConnected = withUnsafePointer(to: &place) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        try #require(isConnected)
        return descriptor
    }

    /// Whether the other side has closed the connection.
    private static func isOver(_ descriptor: Int32) -> Bool {
        var byte: UInt8 = 0
        let count = recv(descriptor, &byte, 1, Int32(MSG_PEEK | MSG_DONTWAIT))
        return count == 0 || count < 0 && errno != EAGAIN
    }

    private static func request(_ body: String, _ more: String = "", path: String = "/worker/stopInstance") -> String {
        "POST \(path) HTTP/1.1\r\nhost: x\r\n\(more)content-length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    @Test(arguments: [true, false])
    func `W25 what makes no sense is refused, and what follows is served`(strict: Bool) async throws {
        try await PowerJobWorld.with(strict: strict) { world in
            let worker = try await world.worker()
            let ending = "connection: close\r\n"
            let malformed = try Self.talk(worker, Self.request("{\"instanceId\": ", ending))
            #expect(malformed.hasPrefix("HTTP/1.1 400"))
            #expect(try Self.talk(worker, Self.request("[1]", ending)).hasPrefix("HTTP/1.1 400"))
            #expect(try Self.talk(worker, Self.request("{}", ending)).hasPrefix("HTTP/1.1 400"))
            #expect(try Self.talk(worker, Self.request("{}", ending, path: "/api/v1/runs")).hasPrefix("HTTP/1.1 404"))
            let got = try Self.talk(worker, "GET /worker/runJob HTTP/1.1\r\nhost: x\r\n\(ending)\r\n")
            #expect(got.hasPrefix("HTTP/1.1 405"))
            let chunked =
                "POST /worker/stopInstance HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\(ending)\r\n"
                + "8\r\n{\"instan\r\n9\r\nceId\": 5}\r\n0\r\n\r\n"
            #expect(try Self.talk(worker, chunked).hasPrefix("HTTP/1.1 200"))
            let two = try Self.talk(
                worker, Self.request("{\"instanceId\": 1}") + Self.request("{\"instanceId\": 2}", ending))
            #expect(two.components(separatedBy: "HTTP/1.1 200").count == 3)
            #expect(try Self.talk(worker, "nonsense\r\n\r\n").contains("400") == true)
            let large = try await StandInServer.post(
                worker, "/worker/runJob", ["jobParams": .string(String(repeating: "x", count: 10 << 20))])
            #expect(large.status == 413)
            try await world.run("basic/noop")
            #expect(try await world.server.end(of: PowerJobWorld.instance)["instanceStatus"] == 5)
        }
    }

    @Test func `who is no server and not named is turned away`() async throws {
        let strangers = Callers(ranges: [AddressRange("10.0.0.0/8")].compactMap(\.self), hosts: ["192.0.2.1"])
        #expect(await strangers.allow("10.1.2.3"))
        #expect(await strangers.allow("192.0.2.1"))
        #expect(await !strangers.allow("127.0.0.1"))
        await strangers.add("localhost")
        try await eventually("a server that is known by a name may call") {
            await strangers.allow("127.0.0.1") ? true : nil
        }
    }

    @Test func `a caller that is not allowed gets nothing but a refusal`() async throws {
        let callers = Callers(ranges: [], hosts: ["192.0.2.1"])
        let door = try await PowerJobDoor.open(
            HostPort(host: "127.0.0.1", port: 0), callers: callers, logger: WorkingEngine.quiet)
        let serving = Task { await door.serve { _, _ in .ok } }
        let answer = try Self.talk("127.0.0.1:\(door.port)", Self.request("{}", "connection: close\r\n"))
        #expect(answer.hasPrefix("HTTP/1.1 403") && answer.contains("127.0.0.1 is not allowed"))
        serving.cancel()
        await serving.value
    }

    @Test func `of a caller that is not allowed no more is read than it takes to refuse it`() async throws {
        let callers = Callers(ranges: [], hosts: ["192.0.2.1"])
        let door = try await PowerJobDoor.open(
            HostPort(host: "127.0.0.1", port: 0), callers: callers, logger: WorkingEngine.quiet)
        let serving = Task { await door.serve { _, _ in .ok } }
        // The body never comes.
        let answer = try Self.talk(
            "127.0.0.1:\(door.port)", "POST /worker/runJob HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\n\r\n")
        #expect(answer.hasPrefix("HTTP/1.1 403"))
        serving.cancel()
        await serving.value
    }

    @Test func `strangers who wait for a name to be looked up are few, too`() async throws {
        let (gate, opening) = AsyncStream.makeStream(of: Void.self)
        let callers = Callers(ranges: [], hosts: ["server"]) { _ in
            for await _ in gate {}
            return []
        }
        let door = try await PowerJobDoor.open(
            HostPort(host: "127.0.0.1", port: 0), callers: callers, logger: WorkingEngine.quiet)
        let serving = Task { await door.serve { _, _ in .ok } }
        let visitors = try (0..<60).map { _ in try Self.visit("127.0.0.1:\(door.port)") }
        try await eventually("all but 50 are turned away") { visitors.count(where: Self.isOver) == 10 ? true : nil }
        opening.finish()
        for visitor in visitors { close(visitor) }
        serving.cancel()
        await serving.value
    }

    @Test func `a door may be closed while many come in`() async throws {
        for _ in 0..<5 {
            let callers = Callers(ranges: [AddressRange("127.0.0.1")].compactMap(\.self), hosts: [String]())
            let door = try await PowerJobDoor.open(
                HostPort(host: "127.0.0.1", port: 0), callers: callers, logger: WorkingEngine.quiet)
            let serving = Task { await door.serve { _, _ in .ok } }
            let visitors = try (0..<60).map { _ in try Self.visit("127.0.0.1:\(door.port)") }
            serving.cancel()
            await serving.value
            for visitor in visitors { close(visitor) }
        }
    }

    @Test func `a request that does not come to its end is not waited for`() async throws {
        let callers = Callers(ranges: [AddressRange("127.0.0.1")].compactMap(\.self), hosts: [String]())
        let door = try await PowerJobDoor.open(
            HostPort(host: "127.0.0.1", port: 0), callers: callers, patience: .milliseconds(100),
            logger: WorkingEngine.quiet)
        let serving = Task { await door.serve { _, _ in .ok } }
        let answer = try Self.talk(
            "127.0.0.1:\(door.port)", "POST /worker/runJob HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n{")
        #expect(answer.isEmpty)
        let whole = try Self.talk("127.0.0.1:\(door.port)", Self.request("{}", "connection: close\r\n"))
        #expect(whole.hasPrefix("HTTP/1.1 200"))
        serving.cancel()
        await serving.value
    }

    @Test func `strangers are few at a time, and named once`() {
        let crowd = DoorCrowd(mostKnown: 1, mostStrangers: 2)
        #expect(crowd.enter(isKnown: false) && crowd.enter(isKnown: false) && !crowd.enter(isKnown: false))
        #expect(crowd.enter(isKnown: true) && !crowd.enter(isKnown: true))
        crowd.leave(isKnown: false)
        #expect(crowd.enter(isKnown: false))
        #expect(crowd.isNews("a") && !crowd.isNews("a") && crowd.isNews("b") && !crowd.isNews("c"))
    }

    @Test func `names are looked up one after the other, and a name server that is gone takes nothing away`() async {
        let names = NameServer()
        let callers = Callers(ranges: [], hosts: ["server"]) { await names.find($0) }
        #expect(await callers.allow("10.0.0.1"))
        await names.fail()
        await callers.add("other")
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<20 { group.addTask { await callers.allow("10.0.0.2") } }
            for await isAllowed in group { #expect(!isAllowed) }
        }
        #expect(await callers.allow("10.0.0.1"))
        #expect(await names.most == 1)
    }

    private actor NameServer {
        private var isDown = false
        private var asked = 0
        private(set) var most = 0

        func fail() { isDown = true }

        func find(_ host: String) async -> [AddressRange]? {
            asked += 1
            most = max(most, asked)
            await Task.yield()
            asked -= 1
            return isDown ? nil : [AddressRange("10.0.0.1")].compactMap(\.self)
        }
    }

    @Test func `a port that is closed under it is opened again`() async throws {
        try await PowerJobParts.with { parts, _ in
            let door = try await PowerJobDoor.open(
                HostPort(host: "127.0.0.1", port: 0), callers: parts.callers, logger: parts.logger)
            let worker = "127.0.0.1:\(door.port)"
            let node = PowerJobNode(parts: parts, door: door)
            let running = Task { await node.run() }
            func ask() async -> Int? {
                try? await StandInServer.post(worker, "/worker/stopInstance", ["instanceId": 404]).status
            }
            try await eventually("the port is served") { await ask() }
            await door.close()
            try await eventually("the port is served again") { await ask() }
            running.cancel()
            await running.value
        }
    }

    @Test func `a port that is taken is a state with a remedy, and is taken when it is free`() async throws {
        let other = try await StandInPort { _ in .init() }
        let port = other.port
        try await PowerJobWorld.with(strict: false) {
            $0.listen.port = port
        } _: { world in
            let status = try await world.status("the obstacle") { $0.lastError != nil }
            #expect(status.state == .starting && status.lastError?.contains("127.0.0.1:\(port)") == true)
            await other.close()
            #expect(try await world.worker() == "127.0.0.1:\(port)")
        }
    }

    @Test(arguments: [
        ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.1", false), ("10.0.0.5", "10.0.0.5", true),
        ("10.0.0.5", "10.0.0.6", false), ("10.0.0.5", "::ffff:10.0.0.5", true),
        ("192.168.1.128/25", "192.168.1.1", false),
        ("192.168.1.128/25", "192.168.1.200", true), ("fd00::/9", "fd7f::1", true), ("fd00::/9", "fd80::1", false),
        ("0.0.0.0/0", "1.2.3.4", true), ("0.0.0.0/0", "::1", false), ("10.0.0.0/8", "nonsense", false),
    ])
    func `a network holds its addresses`(range: String, address: String, isHeld: Bool) throws {
        let network = try #require(AddressRange(range))
        #expect(network.holds(address) == isHeld)
    }

    @Test(arguments: ["", "10.0.0", "10.0.0.0/33", "::/129", "10.0.0.0/8/8", "host", "10.0.0.0/x"])
    func `what is no network is none`(text: String) {
        #expect(AddressRange(text) == nil)
    }
}
