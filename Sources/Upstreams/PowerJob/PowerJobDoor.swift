package import JobModel
package import Logging
import NIOCore
import NIOHTTP1
import NIOPosix

/// What a caller at the door gets.
package struct DoorAnswer: Hashable, Sendable {
    package var status: Int
    package var body: [UInt8]

    package init(status: Int = 200, body: [UInt8] = []) {
        self.status = status
        self.body = body
    }

    package init(_ reply: AskReply) {
        self.init(body: reply.json.bytes)
    }

    package static let ok = DoorAnswer()

    package static func fault(_ status: Int, _ text: String) -> DoorAnswer {
        DoorAnswer(status: status, body: AskReply.failure(text).json.bytes)
    }
}

/// Where calls of servers and other workers come in: a port of its own, behind which nothing else is. Reads requests of
/// bounded size from callers that are allowed, one after the other on each connection.
package struct PowerJobDoor: Sendable {
    package typealias Handler = @Sendable (_ path: String, _ message: JSONValue) async -> DoorAnswer

    /// Whether what a caller says that nobody named shows who it is; it is among the callers then.
    package typealias Vouching = @Sendable (_ path: String, _ message: JSONValue) async -> Bool

    typealias Connection = NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>

    /// The port that was opened, also when it is closed again.
    package let port: Int
    /// Of connections that nothing is read from yet: those that nobody comes to take may be dropped.
    private let server: NIOAsyncChannel<any Channel, Never>
    private let callers: Callers
    private let crowd: DoorCrowd
    private let logger: Logger

    /// Of a request.
    package static let mostBytes = 4 << 20
    private static let mostBytesOfStrangers = 1 << 20
    private static let idle = TimeAmount.seconds(120)

    /// Opens the port; throws the system's reason when that cannot be done. `patience`: for a request to come in.
    package static func open(
        _ place: HostPort, callers: Callers, patience: Duration = .seconds(30), logger: Logger
    ) async throws -> PowerJobDoor {
        let patience = TimeAmount.microseconds(patience.microseconds)
        let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.autoRead, value: false)
            .bind(host: place.host, port: place.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.configureHTTPServerPipeline()
                    try pipeline.addHandlers([IdleStateHandler(readTimeout: idle), DoorPatience(patience)])
                    return channel
                }
            }
        return PowerJobDoor(
            port: server.channel.localAddress?.port ?? place.port, server: server, callers: callers, crowd: DoorCrowd(),
            logger: logger)
    }

    /// For a door that nobody serves.
    package func close() async { try? await server.channel.close() }

    /// Serves until it is cancelled, or the port is closed by an error. `strangersAt`: the one path at which a caller that is not
    /// allowed is heard, and only to find out who it is.
    package func serve(
        _ handler: @escaping Handler, strangersAt path: String? = nil,
        vouch: @escaping Vouching = { _, _ in false }
    ) async {
        do {
            try await server.executeThenClose { connections in
                try await withThrowingDiscardingTaskGroup { group in
                    for try await channel in connections {
                        group.addTask { try? await self.serve(channel, path, vouch, handler) }
                    }
                }
            }
        } catch {
            if !Task.isCancelled { logger.error("the port is closed", metadata: ["reason": "\(error)"]) }
        }
    }

    private func serve(
        _ channel: any Channel, _ strangersAt: String?, _ vouch: @escaping Vouching, _ handler: @escaping Handler
    ) async throws {
        let address = channel.remoteAddress?.ipAddress ?? "?"
        guard let isKnown = await admit(address) else { return channel.close(promise: nil) }
        defer { crowd.leave(isKnown: isKnown) }
        let connection = try await channel.eventLoop.submit {
            guard channel.isActive else { throw ChannelError.alreadyClosed }
            return try Connection(wrappingChannelSynchronously: channel)
        }.get()
        try await connection.executeThenClose { inbound, outbound in
            try await channel.setOption(.autoRead, value: true).get()
            if isKnown { return try await self.serve(inbound, outbound, handler) }
            try await self.meet(address, strangersAt, inbound, outbound, stranger(address, vouch, handler))
        }
    }

    /// Whether who came in is known, by a look-up if need be, for which it waits among the strangers. Nil: there are too many.
    private func admit(_ address: String) async -> Bool? {
        let isKnown = await callers.knows(address)
        guard crowd.enter(isKnown: isKnown) else { return nil }
        guard !isKnown, await callers.allow(address) else { return isKnown }
        crowd.leave(isKnown: false)
        return crowd.enter(isKnown: true) ? true : nil
    }

    private func serve(
        _ inbound: NIOAsyncChannelInboundStream<HTTPServerRequestPart>,
        _ outbound: NIOAsyncChannelOutboundWriter<HTTPServerResponsePart>, _ handler: @escaping Handler
    ) async throws {
        var request = DoorRequest(most: Self.mostBytes)
        for try await part in inbound {
            guard let whole = request.take(part) else { continue }
            try await Self.write(await whole.answer(handler), to: outbound, isLast: !whole.isKeptAlive)
            guard whole.isKeptAlive else { return }
            request = DoorRequest(most: Self.mostBytes)
        }
    }

    /// Hears one request of a caller that is not allowed, and of most no more than the head.
    private func meet(
        _ address: String, _ path: String?, _ inbound: NIOAsyncChannelInboundStream<HTTPServerRequestPart>,
        _ outbound: NIOAsyncChannelOutboundWriter<HTTPServerResponsePart>, _ handler: @escaping Handler
    ) async throws {
        var request = DoorRequest(most: Self.mostBytesOfStrangers)
        for try await part in inbound {
            if case .head(let head) = part, head.path != path {
                return try await Self.write(refusal(address), to: outbound, isLast: true)
            }
            guard let whole = request.take(part) else { continue }
            return try await Self.write(await whole.answer(handler), to: outbound, isLast: true)
        }
    }

    private func stranger(
        _ address: String, _ vouch: @escaping Vouching, _ handler: @escaping Handler
    ) -> Handler {
        { path, message in
            if await vouch(path, message), await callers.allow(address) { return await handler(path, message) }
            return refusal(address)
        }
    }

    private func refusal(_ address: String) -> DoorAnswer {
        if crowd.isNews(address) {
            logger.warning(
                "a caller is not allowed; name it in allow, if it is a server or a worker",
                metadata: ["address": "\(address)"])
        }
        return .fault(403, "\(address) is not allowed to call here")
    }

    private static func write(
        _ answer: DoorAnswer, to outbound: NIOAsyncChannelOutboundWriter<HTTPServerResponsePart>, isLast: Bool
    ) async throws {
        var headers: HTTPHeaders = ["content-length": "\(answer.body.count)"]
        if !answer.body.isEmpty { headers.add(name: "content-type", value: "application/json") }
        if isLast { headers.add(name: "connection", value: "close") }
        let head = HTTPResponseHead(version: .http1_1, status: .init(statusCode: answer.status), headers: headers)
        try await outbound.write(.head(head))
        if !answer.body.isEmpty { try await outbound.write(.body(.byteBuffer(ByteBuffer(bytes: answer.body)))) }
        try await outbound.write(.end(nil))
    }
}
