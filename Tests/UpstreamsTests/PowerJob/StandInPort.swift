import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix

/// A port of 127.0.0.1 at which tests answer HTTP by themselves.
final class StandInPort: Sendable {
    struct Request: Sendable {
        var method: String
        /// Without the query.
        var path: String
        var query: String
        var body: [UInt8]
    }

    struct Answer: Sendable {
        var status = 200
        var body: [UInt8] = []
    }

    private typealias Connection = NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>

    let port: Int
    private let serving: Task<Void, Never>

    /// Answers on a port, 0 for any that is free, until `close`.
    init(port: Int = 0, _ answer: @escaping @Sendable (Request) async -> Answer) async throws {
        let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .bind(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    return try Connection(wrappingChannelSynchronously: channel)
                }
            }
        self.port = server.channel.localAddress?.port ?? 0
        serving = Task {
            try? await server.executeThenClose { connections in
                try await withThrowingDiscardingTaskGroup { group in
                    for try await connection in connections {
                        group.addTask { try? await Self.serve(connection, answer) }
                    }
                }
            }
        }
    }

    /// Nobody answers any more, not on connections that are there either.
    func close() async {
        serving.cancel()
        await serving.value
    }

    private static func serve(
        _ connection: Connection, _ answer: @Sendable (Request) async -> Answer
    ) async throws {
        try await connection.executeThenClose { inbound, outbound in
            var request = Request(method: "", path: "", query: "", body: [])
            for try await part in inbound {
                switch part {
                case .head(let head):
                    let parts = head.uri.split(separator: "?", maxSplits: 1)
                    request = Request(
                        method: head.method.rawValue, path: String(parts.first ?? ""),
                        query: parts.count == 2 ? String(parts[1]) : "", body: [])
                case .body(let bytes): request.body += bytes.readableBytesView
                case .end:
                    let reply = await answer(request)
                    let head = HTTPResponseHead(
                        version: .http1_1, status: .init(statusCode: reply.status),
                        headers: ["content-length": "\(reply.body.count)"])
                    try await outbound.write(.head(head))
                    try await outbound.write(.body(.byteBuffer(ByteBuffer(bytes: reply.body))))
                    try await outbound.write(.end(nil))
                }
            }
        }
    }
}
