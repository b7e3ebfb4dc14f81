import JobModel
import Logging
import NIOCore

/// Keeps a connection to the server for as long as the host works: token, upgrade, registration, events.
struct CronjobConnection: Sendable {
    let upstream: CronjobUpstream
    let context: CronjobContext

    private var intervals: CronjobIntervals { context.intervals }

    func keep() async {
        var failures = 0
        while !Task.isCancelled {
            do throws(CronjobFault) {
                try await connect { failures = 0 }
                return
            } catch {
                guard !Task.isCancelled else { return }
                await upstream.lost(error)
            }
            try? await Task.sleep(for: pause(after: failures))
            failures += 1
        }
    }

    /// Not all of a server's workers come back in one instant.
    private func pause(after failures: Int) -> Duration {
        let longest = max(intervals.reconnect, intervals.longestReconnect)
        let pause = min(intervals.reconnect * (1 << min(failures, 20)), longest)
        return pause * Double.random(in: 0.8...1.2)
    }

    /// Returns when the connection was closed by us.
    private func connect(_ succeeded: () -> Void) async throws(CronjobFault) {
        if context.settings.runsSetup { try await prepareCategories() }
        let worker = await upstream.worker
        let address = try Self.address(context.settings.url)
        let client = try WebSocketClient(
            address, authorities: context.settings.authorities, patience: intervals.request)
        let key = "/ws/\(worker.id)"
        guard let value = try await context.server.acquire(key, for: 60) else {
            throw .refused(status: 200, "the token for a connection is taken; it comes free within a minute")
        }
        let target = "\(address.path)/ws/task/?key=\(CronjobServer.escaped(key))&value=\(CronjobServer.escaped(value))"
        let socket: WebSocketClient.Socket
        do throws(CronjobFault) {
            socket = try await client.open(target)
        } catch {
            // Unused it would bar every attempt for a minute.
            try? await context.server.release(key, value)
            throw error
        }
        succeeded()
        try await converse(socket, worker)
    }

    private static func address(_ url: String) throws(CronjobFault) -> ServerAddress {
        guard let address = ServerAddress(base: url) else { throw .unreadable("\(url) is no http or https URL") }
        return address
    }

    private func converse(_ socket: WebSocketClient.Socket, _ worker: WorkerIdentity) async throws(CronjobFault) {
        let outgoing = context.line.open(with: .registration(of: worker, key: context.settings.key.text))
        defer { context.line.close() }
        await upstream.connected()
        let registration = Task { await confirmRegistration(of: worker) }
        defer { registration.cancel() }
        let ear = EventEar(upstream: upstream, context: context)
        try await CronjobLink(socket: socket, intervals: intervals).run(saying: outgoing) { await ear.hear($0) }
    }

    /// Nobody answers a registration: the server is asked whether it has entered us, and told again until it has.
    private func confirmRegistration(of worker: WorkerIdentity) async {
        var pause = intervals.confirm
        while !Task.isCancelled {
            try? await Task.sleep(for: pause)
            do throws(CronjobFault) {
                let known = try await context.server.worker(worker.id)
                guard !Task.isCancelled else { return }
                await upstream.registered(as: known, worker)
                if known == worker.name { return }
            } catch {
                context.logger.debug("cannot ask for the registration", metadata: ["error": "\(error)"])
            }
            pause = min(pause * 4, intervals.ping)
            if pause == intervals.ping { context.line.say(.registration(of: worker, key: context.settings.key.text)) }
        }
    }

    /// Asks for what the server has each category checked with, and does that.
    private func prepareCategories() async throws(CronjobFault) {
        let setup = CategorySetup(patience: intervals.setup, logger: context.logger)
        for category in context.settings.taken {
            guard let row = try await context.server.category(category) else { continue }
            await upstream.prepared(category, complaint: await setup.complaint(about: row, of: category))
        }
    }
}

/// Finds the events in what one connection says.
private actor EventEar {
    private var reader = EventReader()
    private let upstream: CronjobUpstream
    private let context: CronjobContext

    init(upstream: CronjobUpstream, context: CronjobContext) {
        self.upstream = upstream
        self.context = context
    }

    func hear(_ bytes: ByteBuffer) async {
        for finding in reader.read(bytes.readableBytesView) {
            switch finding {
            case .event(let json): await upstream.hear(json, context)
            case .tooLong(let count):
                context.logger.warning("passed over an event that is too long", metadata: ["bytes": "\(count)"])
            }
        }
    }
}

extension CronjobUpstream {
    /// As the server is to know us: without the categories that the machine is not ready for.
    var worker: WorkerIdentity {
        var worker = settings.worker
        worker.categories.removeAll { standing.unready[$0] != nil }
        return worker
    }

    func connected() {
        standing.connected(at: .now)
        logger.info("connected", metadata: ["server": "\(settings.url)"])
    }

    func registered(as name: String?, _ worker: WorkerIdentity) {
        if name == worker.name { standing.connected(at: .now) } else { standing.unregistered(worker, known: name) }
    }

    func lost(_ fault: CronjobFault) {
        let before = standing.state
        standing.failed(fault, server: settings.url, key: !settings.key.text.isEmpty)
        guard before != standing.state || before == .connected else { return }
        logger.warning("not connected", metadata: ["server": "\(settings.url)", "error": "\(fault)"])
    }

    func prepared(_ category: String, complaint: String?) {
        standing.unready[category] = complaint
        if let complaint { logger.warning("\(complaint)") }
    }
}
