import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import NIOWebSocket

/// Opens WebSocket connections.
struct WebSocketClient: Sendable {
    typealias Socket = NIOAsyncChannel<WebSocketFrame, WebSocketFrame>

    /// What an answer to the request for an upgrade leads to.
    private enum Door: Sendable {
        case open(Socket)
        case shut(NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>)
    }

    /// Larger frames end the connection.
    private static let longestFrame = 16 << 20

    let address: ServerAddress
    let patience: Duration
    let tls: NIOSSLContext?

    /// `authorities`: a file in PEM of those that are believed beside the system's.
    init(_ address: ServerAddress, authorities: String?, patience: Duration) throws(CronjobFault) {
        self.address = address
        self.patience = patience
        do {
            tls = address.isSecure ? try NIOSSLContext(configuration: .trusting(authorities)) : nil
        } catch {
            throw .unreachable("cannot set up TLS with \(authorities ?? "the system's authorities"): \(error)")
        }
    }

    /// `target`: path and query.
    func open(_ target: String) async throws(CronjobFault) -> Socket {
        let door: Door
        do {
            let future: EventLoopFuture<Door> = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .connectTimeout(.nanoseconds(patience.nanoseconds))
                .channelOption(.socketOption(.tcp_nodelay), value: 1)
                .connect(host: address.host, port: address.port) { channel in
                    channel.eventLoop.makeCompletedFuture { try prepare(channel, target) }
                }
            door = try await future.get()
        } catch {
            throw .unreachable("\(error)")
        }
        switch door {
        case .open(let socket): return socket
        case .shut(let channel): throw await Self.refusal(channel)
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
        let door = try channel.pipeline.syncOperations.configureUpgradableHTTPClientPipeline(configuration: pipeline)
        let deadline = channel.eventLoop.scheduleTask(in: .nanoseconds(patience.nanoseconds)) {
            channel.close(promise: nil)
        }
        door.whenComplete { _ in deadline.cancel() }
        return door
    }

    /// Why there was no upgrade.
    private static func refusal(
        _ channel: NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>
    ) async -> CronjobFault {
        let fault = try? await channel.executeThenClose { inbound, _ in
            for try await part in inbound {
                if case .head(let head) = part {
                    return CronjobFault.refused(status: Int(head.status.code), "no upgrade")
                }
            }
            return CronjobFault.unreachable("the connection was closed instead of upgraded")
        }
        return fault ?? .unreachable("the connection broke while it was to be upgraded")
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
