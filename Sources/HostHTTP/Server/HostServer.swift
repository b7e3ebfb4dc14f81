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

    package func run() async throws {
        try await server().run()
    }

    private func server() throws -> any Service {
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .warning)
        let answers = Answers(responder: api.router(for: door).buildResponder(), logger: quiet)
        return try HTTPServerBuilder.http1().buildServer(
            configuration: ServerConfiguration(address: address),
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

    private var address: BindAddress {
        switch door {
        case .socket(let path): .unixDomainSocket(path: path)
        case .network(let host, let port, _): .hostname(host, port: port)
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
            response = try await responder.respond(to: request, context: BasicRequestContext(source: source))
        } catch {
            response = Problem(thrown: error, path: request.uri.path).response
        }
        response.headers[.date] = SystemClock.now.httpDate
        return response
    }
}
