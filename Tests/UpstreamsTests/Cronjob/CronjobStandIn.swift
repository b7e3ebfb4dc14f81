import Foundation
import JobModel
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import NIOWebSocket
import TestSupport

@testable import Upstreams

/// A cronjob server made for tests: knows locks, tasks and workers as the real one does, and keeps everything it hears.
actor CronjobStandIn {
    static let key = "k-test"
    let port: Int
    private let listening: NIOAsyncChannel<EventLoopFuture<Visit>, Never>
    private(set) var heard: [Heard] = [] {
        didSet { watch?(heard) }
    }
    /// Called with everything that was heard whenever something is, before it is answered.
    private var watch: (@Sendable ([Heard]) -> Void)?
    private(set) var updates: [(task: String, data: JSONValue)] = []
    var whims: Set<Whim> = []
    var tasks: [String: [JSONMember]] = [:]
    /// By plain key.
    var locks: [String: (value: String, until: ContinuousClock.Instant)] = [:]
    var categories: [String: JSONValue] = [:]
    var credentials: [String: JSONValue] = [:]
    private(set) var logs: [String: String] = [:]
    private(set) var workers: [String: String] = [:]
    private var connections: [Int: Connection] = [:]
    private var decoders: [Int: ServerDecoder] = [:]
    private var last = 0

    struct Connection: Sendable {
        var channel: any Channel
        var outbound: NIOAsyncChannelOutboundWriter<WebSocketFrame>
    }

    enum Visit: Sendable {
        case socket(NIOAsyncChannel<WebSocketFrame, WebSocketFrame>)
        case request(NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>)
    }

    nonisolated var url: String { "http\(isSecure ? "s" : "")://127.0.0.1:\(port)/api/v1" }
    private nonisolated let isSecure: Bool

    /// `port` 0: one that is free.
    @discardableResult
    static func with<Result: Sendable>(
        port: Int = 0, tls: NIOSSLContext? = nil,
        _ body: @escaping @Sendable (CronjobStandIn) async throws -> Result
    ) async throws -> Result {
        let gate = TokenGate()
        let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            // Its connections have it too: one that is not read is full soon.
            .serverChannelOption(.socketOption(.so_rcvbuf), value: 16 << 10)
            .bind(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls))
                    }
                    return try Self.prepare(channel, gate)
                }
            }
        let server = CronjobStandIn(channel, isSecure: tls != nil)
        await gate.open { await server.mayUpgrade($0) }
        return try await withThrowingTaskGroup { group in
            group.addTask { try? await server.serve() }
            let result = try await body(server)
            group.cancelAll()
            return result
        }
    }

    private init(_ channel: NIOAsyncChannel<EventLoopFuture<Visit>, Never>, isSecure: Bool) {
        self.isSecure = isSecure
        listening = channel
        port = channel.channel.localAddress?.port ?? 0
    }

    private static func prepare(_ channel: any Channel, _ gate: TokenGate) throws -> EventLoopFuture<Visit> {
        let upgrader = NIOTypedWebSocketServerUpgrader<Visit>(
            maxFrameSize: 1 << 20,
            shouldUpgrade: { channel, head in
                channel.eventLoop.makeFutureWithTask {
                    if await gate.passes(head.uri) { return HTTPHeaders() }
                    try await refuse(channel)
                    return nil
                }
            },
            upgradePipelineHandler: { channel, _ in
                channel.eventLoop.makeCompletedFuture {
                    .socket(try NIOAsyncChannel(wrappingChannelSynchronously: channel))
                }
            })
        let upgrade = NIOTypedHTTPServerUpgradeConfiguration<Visit>(
            upgraders: [upgrader],
            notUpgradingCompletionHandler: { channel in
                channel.eventLoop.makeCompletedFuture {
                    .request(try NIOAsyncChannel(wrappingChannelSynchronously: channel))
                }
            })
        return try channel.pipeline.syncOperations.configureUpgradableHTTPServerPipeline(
            configuration: .init(upgradeConfiguration: upgrade))
    }

    private static func refuse(_ channel: any Channel) async throws {
        let head = HTTPResponseHead(
            version: .http1_1, status: .forbidden, headers: ["Content-Length": "0", "Connection": "close"])
        channel.write(HTTPServerResponsePart.head(head), promise: nil)
        try await channel.writeAndFlush(HTTPServerResponsePart.end(nil))
        try await channel.close()
    }

    private func serve() async throws {
        try await listening.executeThenClose { inbound in
            try await withThrowingDiscardingTaskGroup { group in
                for try await visit in inbound {
                    group.addTask {
                        switch try? await visit.get() {
                        case .socket(let channel): try? await self.talk(channel)
                        case .request(let channel): try? await self.answer(channel)
                        case nil: break
                        }
                    }
                }
            }
        }
    }

    // MARK: The WebSocket

    /// Whether the target of an upgrade has a token, which is used up by that.
    private func mayUpgrade(_ target: String) -> Bool {
        let parts = target.split(separator: "?", maxSplits: 1).map(String.init)
        let request = Request(
            method: "GET", path: String(parts[0].dropFirst("/api/v1".count)), query: parts.count > 1 ? parts[1] : "",
            headers: [:], body: [], at: .now)
        heard.append(.request(request))
        guard !whims.contains(.refusesUpgrades), request.path == "/ws/task/",
            let key = request.value("key")?.removingPercentEncoding, key.hasPrefix("/ws/"),
            let value = request.value("value"), locks[key]?.value == value
        else { return false }
        locks[key] = nil
        return true
    }

    private func talk(_ channel: NIOAsyncChannel<WebSocketFrame, WebSocketFrame>) async throws {
        last += 1
        let number = last
        heard.append(.opened(number))
        var isClean = false
        try? await channel.executeThenClose { inbound, outbound in
            connections[number] = Connection(channel: channel.channel, outbound: outbound)
            try await sendPending(outbound)
            for try await frame in inbound {
                if frame.opcode == .connectionClose { isClean = true }
                try await hear(frame, number, outbound)
            }
        }
        connections[number] = nil
        heard.append(.closed(number, clean: isClean))
    }

    private struct MessageTooLong: Error {}

    /// A worker that has just come is sent what waits, five at most, whether it is registered or not.
    private func sendPending(_ outbound: NIOAsyncChannelOutboundWriter<WebSocketFrame>) async throws {
        let pending = tasks.values.filter { JSONValue.object($0)["status"] == "pending" }.prefix(5)
        guard !pending.isEmpty else { return }
        let event = CronjobWorld.bare("run", Array(pending))
        try await outbound.write(
            WebSocketFrame(fin: true, opcode: .text, data: ByteBuffer(bytes: EventFraming.frame(event))))
    }

    private func hear(
        _ frame: WebSocketFrame, _ number: Int, _ outbound: NIOAsyncChannelOutboundWriter<WebSocketFrame>
    ) async throws {
        while whims.contains(.stopsReading) { try await Task.sleep(for: .seconds(1)) }
        let bytes = Array(frame.unmaskedData.readableBytesView)
        switch frame.opcode {
        case .text, .binary, .continuation:
            heard.append(.message(bytes, connection: number))
            guard bytes.count <= ServerDecoder.longestMessage else { throw MessageTooLong() }
            for json in decoders[number, default: ServerDecoder()].take(bytes) { try update(json) }
        case .ping:
            heard.append(.ping(number))
            guard !whims.contains(.answersNoPings) else { return }
            try await outbound.write(WebSocketFrame(fin: true, opcode: .pong, data: frame.unmaskedData))
        case .pong: heard.append(.pong(bytes, number))
        default: break
        }
    }

    /// As the real one: silent whatever is wrong, the first final status wins, a start says who runs it.
    private func update(_ json: [UInt8]) throws {
        let event = try JSONParser.parse(json)
        let task = event["task_id"]?.string ?? ""
        guard let data = event["data"], event["api_key"]?.string == Self.key else { return }
        if event["action"]?.string == "regist_worker" {
            guard !whims.contains(.hidesWorkers) else { return }
            workers[event["worker_id"]?.string ?? ""] = data["name"]?.string
        } else {
            updates.append((task, data))
            guard !whims.contains(.ignoresUpdates), let known = tasks[task],
                ServerTask.Status.isOpen(JSONValue.object(known)["status"]?.string ?? "")
            else { return }
            for name in ["status", "output", "worker_id", "worker_name"] {
                if let value = data[name] { set(name, value, of: task) }
            }
        }
    }

    // MARK: HTTP

    private func answer(
        _ channel: NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>
    ) async throws {
        try await channel.executeThenClose { inbound, outbound in
            var head: HTTPRequestHead?
            var body: [UInt8] = []
            for try await part in inbound {
                switch part {
                case .head(let given): head = given
                case .body(let bytes): body += bytes.readableBytesView
                case .end:
                    guard let head else { continue }
                    let (status, json) = reply(to: head, body)
                    body = []
                    let bytes = ByteBuffer(bytes: json.bytes)
                    var headers: HTTPHeaders = [
                        "Content-Type": "application/json", "Content-Length": "\(bytes.readableBytes)",
                    ]
                    if let location = json["location"]?.string { headers.add(name: "Location", value: location) }
                    try await outbound.write(
                        .head(HTTPResponseHead(version: .http1_1, status: .init(statusCode: status), headers: headers)))
                    try await outbound.write(.body(.byteBuffer(bytes)))
                    try await outbound.write(.end(nil))
                }
            }
        }
    }

    private func reply(to head: HTTPRequestHead, _ body: [UInt8]) -> (Int, JSONValue) {
        let parts = head.uri.split(separator: "?", maxSplits: 1).map(String.init)
        let headers = Dictionary(head.headers.map { ($0.name.lowercased(), $0.value) }) { $1 }
        let request = Request(
            method: head.method.rawValue, path: String(parts[0].dropFirst("/api/v1".count)),
            query: parts.count > 1 ? parts[1] : "", headers: headers, body: body, at: .now)
        heard.append(.request(request))
        if request.path == "/ws/task/" { return (403, ["code": 403, "message": "no"]) }
        if whims.contains(.sendsAway) { return (307, ["location": .string("http://127.0.0.2:\(port)\(head.uri)")]) }
        if whims.contains(.sendsOn), request.value("again") == nil {
            return (307, ["location": .string(head.uri + (head.uri.contains("?") ? "&" : "?") + "again=1")])
        }
        if whims.contains(.isBroken) { return (500, ["code": 500, "message": "broken"]) }
        guard headers["authorization"] == "Bearer \(Self.key)", !whims.contains(.refusesKeys) else {
            return (401, ["code": 401, "message": "no such key", "error": "AUTH_FAILED"])
        }
        let answer = route(request)
        if whims.contains(.losesLogAnswers), request.path.hasPrefix("/tasklog/"), request.method == "POST" {
            return (500, ["code": 500, "message": "it is stored, and you will not know"])
        }
        if whims.contains(.saysAbsurdSizes), request.path.hasPrefix("/tasklog/"), request.method == "POST" {
            return (200, ["code": 0, "data": ["size": .number(Int64.min)], "message": "ok"])
        }
        return answer ?? (404, ["code": 404, "message": "not found"])
    }

    // MARK: What tests say and ask

    func set(_ name: String, _ value: JSONValue, of task: String) {
        tasks[task]?.removeAll { $0.name == name }
        tasks[task]?.append(JSONMember(name, value))
    }

    func note(log content: String, of task: String) -> Int {
        logs[task, default: ""] += content
        return logs[task, default: ""].utf8.count
    }

    func watch(_ watch: (@Sendable ([Heard]) -> Void)?) { self.watch = watch }
    func allow(_ whim: Whim) { whims.insert(whim) }
    func forbid(_ whim: Whim) { whims.remove(whim) }
    func lock(_ key: String, as value: String) { locks[key] = (value, .now + .seconds(60)) }
    func unlock(_ key: String) { locks[key] = nil }
    func know(category: String, check: String, setup: String) {
        categories[category] = ["id": 7, "code": .string(category), "check": .string(check), "setup": .string(setup)]
    }
    func know(credential: String, _ answer: JSONValue) { credentials[credential] = answer }

    /// In one text message, to every connection.
    func say(_ bytes: [UInt8]) async throws {
        for connection in connections.values {
            try await connection.outbound.write(
                WebSocketFrame(fin: true, opcode: .text, data: ByteBuffer(bytes: bytes)))
        }
    }

    func ping(_ payload: [UInt8]) async throws {
        for connection in connections.values {
            try await connection.outbound.write(
                WebSocketFrame(fin: true, opcode: .ping, data: ByteBuffer(bytes: payload)))
        }
    }

    /// As a server that dies: without a word.
    func drop() {
        for connection in connections.values { connection.channel.close(promise: nil) }
    }
}

/// Upgrades are judged before the server stands.
private actor TokenGate {
    private var judge: (@Sendable (String) async -> Bool)?
    func open(_ judge: @escaping @Sendable (String) async -> Bool) { self.judge = judge }
    func passes(_ target: String) async -> Bool { await judge?(target) ?? false }
}

extension ServerTask.Status {
    fileprivate static func isOpen(_ word: String) -> Bool { ["pending", "running"].contains(word) }
}
