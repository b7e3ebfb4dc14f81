import Glibc
import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore
import ServiceLifecycle

/// Serves the API at one door until graceful shutdown.
///
/// Built from Hummingbird's server and router without its `Application`, which wakes the process every second to have the
/// date at hand: an idle host sleeps.
package struct HostServer: Service {
    private let api: HostAPI
    private let door: Door
    private let logger: Logger
    private let onServing: @Sendable (Int?) async -> Void

    /// `onServing` is called when the door is open, with the port where there is one. The caller holds the home's lock:
    /// a socket file found at the path is taken for a leftover and replaced.
    package init(
        api: HostAPI, door: Door, logger: Logger, onServing: @escaping @Sendable (Int?) async -> Void = { _ in }
    ) {
        self.api = api
        self.door = door
        self.logger = logger
        self.onServing = onServing
    }

    /// Until graceful shutdown, and then until the answers on their way are out, but not longer than `farewell`: a reader
    /// that does not read, or a body that does not end, would keep the host from ever stopping.
    package func run() async throws {
        do {
            let server = try server()
            try await withThrowingTaskGroup { group in
                group.addTask { try await server.run() }
                group.addTask {
                    try await gracefulShutdown()
                    try await Task.sleep(for: Self.farewell)
                }
                try await group.next()
                group.cancelAll()
            }
        } catch let error as IOError {
            throw DoorError(door, error)
        }
    }

    private static let farewell = Duration.seconds(5)
    /// A connection that says nothing for so long is closed, within a request too.
    private static let silence = TimeAmount.seconds(60)
    /// More wait in the system's queue until others close: descriptors are needed for guests, too.
    private static let mostConnections = 512

    private func server() throws -> any Service {
        var quiet = logger
        quiet.logLevel = .critical
        let answers = Answers(responder: api.router(for: door).buildResponder(), logger: logger)
        return try HTTPServerBuilder.http1(configuration: .init(idleTimeout: Self.silence)).buildServer(
            configuration: configuration,
            eventLoopGroup: EventLoopGroupProvider.singleton.eventLoopGroup, logger: quiet,
            responder: { request, writer, channel in
                let response = await answers.response(to: request, from: channel)
                try await writer.write(response: response.head, body: response.body)
            },
            onServerRunning: { [door, onServing] channel in
                if case .socket(let path) = door { chmod(path, 0o600) }
                await onServing(channel.localAddress?.port)
            })
    }

    private var configuration: ServerConfiguration {
        switch door {
        case .socket(let path): ServerConfiguration(address: .unixDomainSocket(path: path))
        case .network(let host, let port, _):
            ServerConfiguration(
                address: .hostname(host, port: port),
                availableConnectionsDelegate: MaximumAvailableConnections(Self.mostConnections))
        }
    }
}

/// The router's answers, each with its date.
private struct Answers<Responder: HTTPResponder>: Sendable where Responder.Context == BasicRequestContext {
    let responder: Responder
    let logger: Logger

    func response(to request: Request, from channel: any Channel) async -> Response {
        let source = ApplicationRequestContextSource(channel: channel, logger: logger)
        var response: Response
        do {
            // The router passes over empty parts, and would take an empty name for the whole list.
            let path = request.uri.path
            guard !path.contains("//"), path == "/" || !path.hasSuffix("/") else {
                throw Problem(.notFound, "There is nothing at \(path.excerpt): a name in it is empty.")
            }
            response = try await responder.respond(to: request, context: BasicRequestContext(source: source))
        } catch {
            response = Problem(thrown: error, path: request.uri.path).response
        }
        response.headers[.date] = SystemClock.now.httpDate
        return request.method == .head ? response.createHeadResponse() : response
    }
}
