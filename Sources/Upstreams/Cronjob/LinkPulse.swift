import NIOCore
import NIOWebSocket
import Synchronization

/// What is known of the other end of one connection: when it was last heard, and whether it takes what is said.
final class LinkPulse: Sendable {
    private struct State {
        var heardAt = ContinuousClock.now
        /// A server that answers no pings is not asked to; one that did is gone when it is silent.
        var answersPings = false
        /// Writes that are under way, and when one last came to an end, or the first began.
        var writes = 0
        var progressAt = ContinuousClock.now
    }

    private let state = Mutex(State())

    func hear(isPong: Bool) {
        state.withLock { state in
            state.heardAt = .now
            state.answersPings = state.answersPings || isPong
        }
    }

    func isSilent(for time: Duration) -> Bool {
        state.withLock { $0.answersPings && ContinuousClock.now - $0.heardAt > time }
    }

    func isStuck(for time: Duration) -> Bool {
        state.withLock { $0.writes > 0 && ContinuousClock.now - $0.progressAt > time }
    }

    fileprivate func begin() {
        state.withLock { state in
            if state.writes == 0 { state.progressAt = .now }
            state.writes += 1
        }
    }

    fileprivate func end() {
        state.withLock { state in
            state.writes -= 1
            state.progressAt = .now
        }
    }
}

/// What we say on one connection.
struct LinkVoice: Sendable {
    let outbound: NIOAsyncChannelOutboundWriter<WebSocketFrame>
    let pulse: LinkPulse

    /// Returns when there is room for more. A client masks what it sends.
    func say(_ opcode: WebSocketOpcode, _ data: ByteBuffer) async throws {
        pulse.begin()
        defer { pulse.end() }
        try await outbound.write(WebSocketFrame(fin: true, opcode: opcode, maskKey: .random(), data: data))
    }
}
