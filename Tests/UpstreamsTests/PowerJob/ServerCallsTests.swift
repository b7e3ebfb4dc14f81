import Foundation
import JobModel
import NIOCore
import NIOPosix
import Testing
import Upstreams

/// Calls come to an end, whatever is at the other one.
@Suite struct ServerCallsTests {
    private static let calls = ServerCalls(
        client: ServerCalls.makeClient(patience: .milliseconds(200)), patience: .milliseconds(200))

    private final class Answering: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let answer: String
        private var hasAnswered = false

        init(_ answer: String) { self.answer = answer }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            guard !hasAnswered else { return }
            hasAnswered = true
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: answer)), promise: nil)
        }
    }

    /// Answers with these bytes once, and leaves the connection open.
    private static func with(
        _ answer: String, _ body: @Sendable (HostPort) async throws -> Void
    ) async throws {
        let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Answering(answer))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        try await body(HostPort(host: "127.0.0.1", port: server.localAddress?.port ?? 0))
        try await server.close()
    }

    @Test(arguments: [
        "", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\n{\"success\":",
    ])
    func `an answer that does not go on is none`(answer: String) async throws {
        try await Self.with(answer) { server in
            await #expect(throws: CallFault.self) { try await Self.calls.tell(server, "/x", [:]) }
            await #expect(throws: CallFault.self) { try await Self.calls.ask(server, "/x", [:]) }
            await #expect(throws: CallFault.self) { try await Self.calls.find(server, "/x") }
        }
    }
}
