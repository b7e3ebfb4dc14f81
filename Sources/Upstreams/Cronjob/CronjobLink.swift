import NIOCore
import NIOWebSocket

/// One connection, from the upgrade to its end.
struct CronjobLink: Sendable {
    let socket: WebSocketClient.Socket
    let intervals: CronjobIntervals

    /// Says what is in `outgoing`, closes the connection when that ends, and gives each message on. Returns when the
    /// connection is over; throws why where that was not our doing.
    func run(
        saying outgoing: AsyncStream<[UInt8]>, _ hear: @escaping @Sendable (ByteBuffer) async -> Void
    ) async throws(CronjobFault) {
        let pulse = LinkPulse()
        do {
            try await socket.executeThenClose { inbound, outbound in
                try await withThrowingTaskGroup { group in
                    let voice = LinkVoice(outbound: outbound, pulse: pulse)
                    group.addTask { try await say(outgoing, voice) }
                    group.addTask { try await ping(voice) }
                    group.addTask { try await listen(inbound, voice, pulse, hear) }
                    group.addTask { try await watch(pulse) }
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

    private func say(_ outgoing: AsyncStream<[UInt8]>, _ voice: LinkVoice) async throws {
        for await event in outgoing {
            for piece in EventFraming.messages(of: event) { try await voice.say(.text, ByteBuffer(bytes: piece)) }
        }
        try Task.checkCancellation()
        var normal = ByteBuffer()
        normal.write(webSocketErrorCode: .normalClosure)
        try await voice.say(.connectionClose, normal)
    }

    private func ping(_ voice: LinkVoice) async throws {
        while true {
            try await Task.sleep(for: intervals.ping)
            try await voice.say(.ping, ByteBuffer())
        }
    }

    /// What waits for the server itself cannot notice that it waits for ever.
    private func watch(_ pulse: LinkPulse) async throws {
        while true {
            try await Task.sleep(for: min(intervals.silence, intervals.write) / 4)
            if pulse.isSilent(for: intervals.silence) {
                throw CronjobFault.unreachable("not a word for \(intervals.silence.berthText)")
            }
            if pulse.isStuck(for: intervals.write) {
                throw CronjobFault.unreachable("it has read nothing for \(intervals.write.berthText)")
            }
        }
    }

    private func listen(
        _ inbound: NIOAsyncChannelInboundStream<WebSocketFrame>, _ voice: LinkVoice, _ pulse: LinkPulse,
        _ hear: @Sendable (ByteBuffer) async -> Void
    ) async throws {
        for try await frame in inbound {
            pulse.hear(isPong: frame.opcode == .pong)
            switch frame.opcode {
            // Frames need not be joined into messages, since events are found across both.
            case .text, .binary, .continuation: await hear(frame.unmaskedData)
            case .ping: try await voice.say(.pong, frame.unmaskedData)
            case .connectionClose:
                try await voice.say(.connectionClose, frame.unmaskedData)
                throw CronjobFault.unreachable("the server closed the connection")
            default: break
            }
        }
        throw CronjobFault.unreachable("the connection ended")
    }
}
