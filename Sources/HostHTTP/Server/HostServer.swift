import Glibc
import Hummingbird
package import Logging
import NIOCore
import ServiceLifecycle

/// Serves the API at one door until graceful shutdown.
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
        try await application.run()
    }

    private var application: some ApplicationProtocol {
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .warning)
        return Application(
            router: api.router(for: door), configuration: ApplicationConfiguration(address: address),
            onServerRunning: { [door, onServing] channel in
                if case .socket(let path) = door { chmod(path, 0o600) }
                await onServing(channel.localAddress?.port)
            },
            logger: quiet)
    }

    private var address: BindAddress {
        switch door {
        case .socket(let path): .unixDomainSocket(path: path)
        case .network(let host, let port, _): .hostname(host, port: port)
        }
    }
}
