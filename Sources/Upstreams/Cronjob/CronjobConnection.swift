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
        await upstream.lookForComponents()
        if context.settings.runsSetup { try await prepareCategories() }
        let worker = await upstream.worker
        let address = try Self.address(context.settings.url)
        let client = try WebSocketClient(
            address, authorities: context.settings.authorities, patience: intervals.request,
            silence: intervals.silence)
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
        let registration = Task { await stayRegistered(as: worker) }
        defer { registration.cancel() }
        let ear = EventEar(upstream: upstream, context: context)
        try await CronjobLink(socket: socket, intervals: intervals).run(saying: outgoing) { await ear.hear($0) }
    }

    private func stayRegistered(as worker: WorkerIdentity) async {
        await withDiscardingTaskGroup { group in
            group.addTask { await confirmRegistration(of: worker) }
            group.addTask { await followComponents(from: worker) }
        }
    }

    /// What we take changes with the components that there are.
    private func followComponents(from worker: WorkerIdentity) async {
        var told = worker
        var changes = context.engine.announcements { if case .pluginsChanged = $0 { true } else { false } }
            .makeAsyncIterator()
        repeat {
            await upstream.lookForComponents()
            let now = await upstream.worker
            guard now != told else { continue }
            told = now
            register(now)
        } while await changes.next() != nil
    }

    private func register(_ worker: WorkerIdentity) {
        context.line.say(.registration(of: worker, key: context.settings.key.text))
    }

    /// Nobody answers a registration: the server is asked whether it has entered us, and told again until it has.
    private func confirmRegistration(of worker: WorkerIdentity) async {
        var pause = intervals.confirm
        var looks = 0
        while !Task.isCancelled {
            try? await Task.sleep(for: pause)
            looks += 1
            do throws(CronjobFault) {
                let known = try await context.server.worker(worker.id)
                guard !Task.isCancelled else { return }
                if known == worker.name || looks > 2 { await upstream.registered(as: known, worker) }
                if known == worker.name { return }
            } catch {
                context.logger.debug("cannot ask for the registration", metadata: ["error": "\(error)"])
            }
            pause = min(pause * 4, intervals.ping)
            if pause == intervals.ping { register(await upstream.worker) }
        }
    }

    /// Asks for what the server has each category checked with, and does that.
    private func prepareCategories() async throws(CronjobFault) {
        let setup = CategorySetup(patience: intervals.setup, logger: context.logger)
        for category in context.settings.taken where await !upstream.isPrepared(category) {
            do throws(CronjobFault) {
                guard let row = try await context.server.category(category) else { continue }
                await upstream.prepared(category, complaint: await setup.complaint(about: row, of: category))
            } catch {
                if case .unreachable = error { throw error }
                context.logger.warning("the server does not say how to set up \(category): \(error)")
            }
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
        worker.categories.removeAll { standing.unready[$0] != nil || standing.missing.contains($0) }
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

    /// Ready or not: who mends the machine starts the host again.
    func isPrepared(_ category: String) -> Bool { standing.prepared.contains(category) }

    /// Where the operator does not say what is taken, it is what there is a component for.
    func lookForComponents() async {
        guard settings.tasks == nil else { return }
        let components = await host.engine.components()
        standing.missing = Set(settings.taken).filter { category in
            guard let text = settings.categories[category]?.component ?? StandardCategory.components[category],
                let name = try? UpstreamText.component(text, aliases: host.aliases, among: components)
            else { return true }
            return !components.contains(name)
        }
    }

    func prepared(_ category: String, complaint: String?) {
        standing.prepared.insert(category)
        standing.unready[category] = complaint
        if let complaint { logger.warning("\(complaint)") }
    }
}
