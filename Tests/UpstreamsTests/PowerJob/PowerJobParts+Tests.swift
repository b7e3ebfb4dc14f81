import AsyncHTTPClient
import JobEngine
import JobModel

@testable import Upstreams

extension PowerJobParts {
    /// The parts of an upstream whose servers are nowhere, as long as a body runs.
    static func with(
        _ body: @escaping @Sendable (PowerJobParts, WorkingEngine) async throws -> Void
    ) async throws {
        try await WorkingEngine.with { host in
            var settings = PowerJobSettings(app: "swift-demo", servers: [HostPort(host: "127.0.0.1", port: 1)])
            settings.listen = HostPort(host: "127.0.0.1", port: 0)
            settings.pace.answer = .milliseconds(100)
            settings.pace.discovery = .milliseconds(20)
            let client = ServerCalls.makeClient(patience: settings.pace.answer)
            let calls = ServerCalls(client: client, patience: settings.pace.answer)
            let clock = ReportClock()
            let parts = PowerJobParts(
                name: "cluster", settings: settings, engine: host.engine,
                ledger: DispatchLedger(upstream: "cluster", engine: host.engine),
                discovery: Discovery(
                    settings: settings, calls: calls, clock: clock, version: "0", logger: WorkingEngine.quiet),
                calls: calls, clock: clock, address: HostPort(host: "127.0.0.1", port: 27777),
                processors: ProcessorNames(own: [:], host: [:]), version: "0", folder: "/",
                callers: Callers(ranges: [AddressRange("127.0.0.1")].compactMap(\.self), hosts: [String]()),
                logger: WorkingEngine.quiet)
            try await body(parts, host)
            try await client.shutdown()
        }
    }
}
