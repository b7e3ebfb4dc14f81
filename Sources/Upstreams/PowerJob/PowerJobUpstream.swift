package import JobModel
import AsyncHTTPClient
import Logging
import ServiceLifecycle
import Synchronization

/// A worker of one app of a PowerJob cluster.
package final class PowerJobUpstream: Upstream {
    package let name: String
    private let settings: PowerJobSettings
    private let host: UpstreamHost
    private let ledger: DispatchLedger
    private let clock: ReportClock
    private let logger: Logger

    private struct Stage {
        /// Once the port is open.
        var node: PowerJobNode?
        var isDraining = false
        /// Why there is no node yet.
        var obstacle: (error: String, remedy: String)?
    }

    private let stage = Mutex(Stage())

    package convenience init(name: String, settings: PowerJobSettings, host: UpstreamHost) {
        self.init(name: name, settings: settings, host: host, clock: ReportClock())
    }

    package init(name: String, settings: PowerJobSettings, host: UpstreamHost, clock: ReportClock) {
        self.name = name
        self.settings = settings
        self.host = host
        self.clock = clock
        ledger = DispatchLedger(upstream: name, engine: host.engine)
        var logger = host.logger
        logger[metadataKey: "upstream"] = "\(name)"
        self.logger = logger
    }

    package func run() async {
        let client = ServerCalls.makeClient(patience: settings.pace.answer)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.work(client) }
            try? await gracefulShutdown()
            await stage.withLock({ $0.node })?.flush()
            group.cancelAll()
        }
        try? await client.shutdown()
    }

    package func drain() async {
        let node = stage.withLock { stage in
            stage.isDraining = true
            return stage.node
        }
        await node?.drain()
    }

    package func status() async -> UpstreamStatus {
        let stage = stage.withLock { $0 }
        if let node = stage.node { return await node.status() }
        let figures = await ledger.figures(now: .now)
        return UpstreamStatus(
            name: name, kind: PowerJobNode.kind, state: stage.isDraining ? .draining : .starting, lag: figures.lag,
            open: figures.open, owed: figures.owed, lastError: stage.obstacle?.error, remedy: stage.obstacle?.remedy)
    }

    private func work(_ client: HTTPClient) async {
        let calls = ServerCalls(client: client, patience: settings.pace.answer)
        while !Task.isCancelled {
            if let node = await node(calls) {
                let isDraining = stage.withLock { stage in
                    stage.node = node
                    return stage.isDraining
                }
                if isDraining { await node.drain() }
                return await node.run()
            }
            try? await Task.sleep(for: settings.pace.discovery)
        }
    }

    /// Nil while there is no port or no address; both may come.
    private func node(_ calls: ServerCalls) async -> PowerJobNode? {
        let callers = Callers(ranges: settings.allow, hosts: settings.servers.map(\.host))
        do {
            let door = try await PowerJobDoor.open(settings.listen, callers: callers, logger: logger)
            guard let address = await address(port: door.port) else {
                await door.close()
                let servers = settings.servers.map(\.description).joined(separator: ", ")
                note(
                    "this machine has no IPv4 address towards \(servers)",
                    remedy: "say in advertise: HOST:PORT how servers reach this host")
                return nil
            }
            return PowerJobNode(parts: parts(calls, address, callers), door: door)
        } catch {
            note(
                "cannot listen on \(settings.listen): \(error)",
                remedy: "free the port, or choose another with listen: HOST:PORT")
            return nil
        }
    }

    private func parts(_ calls: ServerCalls, _ address: HostPort, _ callers: Callers) -> PowerJobParts {
        PowerJobParts(
            name: name, settings: settings, engine: host.engine, ledger: ledger,
            discovery: Discovery(
                settings: settings, calls: calls, clock: clock, version: host.version, logger: logger),
            calls: calls, clock: clock, address: address,
            processors: ProcessorNames(own: settings.aliases, host: host.aliases), version: host.version,
            folder: host.plugins, callers: callers, logger: logger)
    }

    private func note(_ error: String, remedy: String) {
        let isNew = stage.withLock { stage in
            defer { stage.obstacle = (error, remedy) }
            return stage.obstacle?.error != error
        }
        if isNew { logger.error("the upstream cannot begin", metadata: ["reason": "\(error)", "remedy": "\(remedy)"]) }
    }

    private func address(port: Int) async -> HostPort? {
        if let advertise = settings.advertise {
            return advertise.port == 0 ? HostPort(host: advertise.host, port: port) : advertise
        }
        if settings.listen.host != "0.0.0.0" { return HostPort(host: settings.listen.host, port: port) }
        for server in settings.servers {
            if let own = await OwnAddress.towards(server) { return HostPort(host: own, port: port) }
        }
        return nil
    }
}
