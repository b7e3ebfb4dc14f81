import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import NIOWebSocket
import Synchronization

/// Opens WebSocket connections.
struct WebSocketClient: Sendable {
    typealias Socket = NIOAsyncChannel<WebSocketFrame, WebSocketFrame>

    /// What an answer to the request for an upgrade leads to.
    private enum Door: Sendable {
        case open(Socket)
        case shut(NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>)

        func close() async {
            switch self {
            case .open(let socket): try? await socket.executeThenClose { _, _ in }
            case .shut(let channel): try? await channel.executeThenClose { _, _ in }
            }
        }
    }

    /// Larger frames end the connection.
    private static let longestFrame = 16 << 20

    let address: ServerAddress
    let patience: Duration
    /// For which what was sent may stay unacknowledged.
    let silence: Duration
    let tls: NIOSSLContext?

    /// `authorities`: a file in PEM of those that are believed beside the system's.
    init(_ address: ServerAddress, authorities: String?, patience: Duration, silence: Duration) throws(CronjobFault) {
        self.address = address
        self.silence = silence
        self.patience = patience
        do {
            tls = address.isSecure ? try NIOSSLContext(configuration: .trusting(authorities)) : nil
        } catch {
            throw .unreachable("cannot set up TLS with \(authorities ?? "the system's authorities"): \(error)")
        }
    }

    /// `target`: path and query. Ends when the caller is cancelled, and when patience does, whatever is waited for.
    func open(_ target: String) async throws(CronjobFault) -> Socket {
        let opening = Opening()
        let limit = Task {
            try await Task.sleep(for: patience)
            opening.end()
        }
        defer { limit.cancel() }
        guard let door = await door(target, opening) else {
            opening.end()
            throw .unreachable("it was no longer waited for")
        }
        switch door {
        case .success(.open(let socket)): return socket
        case .success(.shut(let channel)): throw await Self.refusal(channel)
        case .failure(let error): throw .unreachable("\(error)")
        }
    }

    /// Nil when the caller is cancelled: what comes of it later is closed.
    private func door(_ target: String, _ opening: Opening) async -> Result<Door, any Error>? {
        let (doors, input) = AsyncStream.makeStream(of: Result<Door, any Error>.self)
        Task {
            let result = await connected(target, opening)
            if case .terminated = input.yield(result), case .success(let door) = result { await door.close() }
            input.finish()
        }
        return await doors.first { _ in true }
    }

    private func connected(_ target: String, _ opening: Opening) async -> Result<Door, any Error> {
        let milliseconds = SocketOptionValue(clamping: silence.microseconds / 1000)
        do {
            let future: EventLoopFuture<Door> = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .connectTimeout(.nanoseconds(patience.nanoseconds))
                .channelOption(.socketOption(.tcp_nodelay), value: 1)
                // A machine that is gone without a word is noticed by what it does not acknowledge.
                .channelOption(.tcpOption(.init(rawValue: TCP_USER_TIMEOUT)), value: milliseconds)
                .connect(host: address.host, port: address.port) { channel in
                    opening.note(channel)
                    return channel.eventLoop.makeCompletedFuture { try prepare(channel, target) }
                }
            return .success(try await future.get())
        } catch {
            return .failure(error)
        }
    }

    private func prepare(_ channel: any Channel, _ target: String) throws -> EventLoopFuture<Door> {
        if let tls {
            let name = address.host.isIPAddress ? nil : address.host
            try channel.pipeline.syncOperations.addHandler(NIOSSLClientHandler(context: tls, serverHostname: name))
        }
        let upgrader = NIOTypedWebSocketClientUpgrader<Door>(maxFrameSize: Self.longestFrame) { channel, _ in
            channel.eventLoop.makeCompletedFuture { .open(try Socket(wrappingChannelSynchronously: channel)) }
        }
        let head = HTTPRequestHead(
            version: .http1_1, method: .GET, uri: target,
            headers: ["Host": address.authority, "Content-Length": "0"])
        let upgrade = NIOTypedHTTPClientUpgradeConfiguration<Door>(
            upgradeRequestHead: head, upgraders: [upgrader],
            notUpgradingCompletionHandler: { channel in
                channel.eventLoop.makeCompletedFuture {
                    .shut(try NIOAsyncChannel(wrappingChannelSynchronously: channel))
                }
            })
        var pipeline = NIOUpgradableHTTPClientPipelineConfiguration(upgradeConfiguration: upgrade)
        // The server's first tasks may come in one packet with its answer.
        pipeline.leftOverBytesStrategy = .forwardBytes
        return try channel.pipeline.syncOperations.configureUpgradableHTTPClientPipeline(configuration: pipeline)
    }

    /// Why there was no upgrade.
    private static func refusal(
        _ channel: NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>
    ) async -> CronjobFault {
        let fault = try? await channel.executeThenClose { inbound, _ in
            for try await part in inbound {
                if case .head(let head) = part {
                    return CronjobFault.notUpgraded(status: Int(head.status.code))
                }
            }
            return CronjobFault.unreachable("the connection was closed instead of upgraded")
        }
        return fault ?? .unreachable("the connection broke while it was to be upgraded")
    }
}

/// A connection that is being made.
private final class Opening: Sendable {
    private struct State {
        var channel: (any Channel)?
        var isOver = false
    }

    private let state = Mutex(State())

    func note(_ channel: any Channel) {
        let isOver = state.withLock { state in
            state.channel = channel
            return state.isOver
        }
        if isOver { channel.close(promise: nil) }
    }

    /// Closes it, now or as soon as there is one.
    func end() {
        let channel = state.withLock { state in
            state.isOver = true
            return state.channel
        }
        channel?.close(promise: nil)
    }
}

extension TLSConfiguration {
    /// The system's authorities, and those of a file in PEM.
    static func trusting(_ authorities: String?) -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        if let authorities { configuration.additionalTrustRoots = [.file(authorities)] }
        return configuration
    }
}

extension String {
    fileprivate var isIPAddress: Bool { (try? SocketAddress(ipAddress: self, port: 0)) != nil }
}
