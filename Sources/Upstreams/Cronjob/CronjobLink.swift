import NIOCore
import NIOWebSocket
import Synchronization

/// One connection, from the upgrade to its end.
struct CronjobLink: Sendable {
    let socket: WebSocketClient.Socket
    let intervals: CronjobIntervals

    /// When the server was last heard, and whether it has ever answered a ping here.
    private final class Hearing: Sendable {
        private let state = Mutex((at: ContinuousClock.now, answersPings: false))

        func hear(isPong: Bool) {
            state.withLock { $0 = (.now, $0.answersPings || isPong) }
        }

        /// A server that answers no pings is not asked to; one that did is gone when it is silent.
        func isGone(after silence: Duration) -> Bool {
            state.withLock { $0.answersPings && ContinuousClock.now - $0.at > silence }
        }
    }

    /// Says what is in `outgoing`, closes the connection when that ends, and gives each message on. Returns when the
    /// connection is over; throws why where that was not our doing.
    func run(
        saying outgoing: AsyncStream<[UInt8]>, _ hear: @escaping @Sendable (ByteBuffer) async -> Void
    ) async throws(CronjobFault) {
        let hearing = Hearing()
        do {
            try await socket.executeThenClose { inbound, outbound in
                try await withThrowingTaskGroup { group in
                    group.addTask { try await say(outgoing, outbound) }
                    group.addTask { try await ping(outbound, hearing) }
                    group.addTask { try await listen(inbound, outbound, hearing, hear) }
                    defer { group.cancelAll() }
                    try await group.next()
                }
            }
        } catch let fault as CronjobFault {
            throw fault
        } catch is CancellationError {
        } catch {
            throw .unreachable("\(error)")
        }
    }

    private func say(
        _ outgoing: AsyncStream<[UInt8]>, _ outbound: NIOAsyncChannelOutboundWriter<WebSocketFrame>
    ) async throws {
        for await event in outgoing {
            for piece in EventFraming.messages(of: event) {
                try await outbound.write(.ours(.text, ByteBuffer(bytes: piece)))
            }
        }
        try Task.checkCancellation()
        var normal = ByteBuffer()
        normal.write(webSocketErrorCode: .normalClosure)
        try await outbound.write(.ours(.connectionClose, normal))
    }

    private func ping(_ outbound: NIOAsyncChannelOutboundWriter<WebSocketFrame>, _ hearing: Hearing) async throws {
        while true {
            try await Task.sleep(for: intervals.ping)
            guard !hearing.isGone(after: intervals.silence) else {
                throw CronjobFault.unreachable("not a word for \(intervals.silence.berthText)")
            }
            try await outbound.write(.ours(.ping, ByteBuffer()))
        }
    }

    private func listen(
        _ inbound: NIOAsyncChannelInboundStream<WebSocketFrame>,
        _ outbound: NIOAsyncChannelOutboundWriter<WebSocketFrame>, _ hearing: Hearing,
        _ hear: @Sendable (ByteBuffer) async -> Void
    ) async throws {
        for try await frame in inbound {
            hearing.hear(isPong: frame.opcode == .pong)
            switch frame.opcode {
            // Frames need not be joined into messages, since events are found across both.
            case .text, .binary, .continuation: await hear(frame.unmaskedData)
            case .ping: try await outbound.write(.ours(.pong, frame.unmaskedData))
            case .connectionClose:
                try await outbound.write(.ours(.connectionClose, frame.unmaskedData))
                throw CronjobFault.unreachable("the server closed the connection")
            default: break
            }
        }
        throw CronjobFault.unreachable("the connection ended")
    }
}

extension WebSocketFrame {
    /// A client masks what it sends.
    fileprivate static func ours(_ opcode: WebSocketOpcode, _ data: ByteBuffer) -> WebSocketFrame {
        WebSocketFrame(fin: true, opcode: opcode, maskKey: .random(), data: data)
    }
}
