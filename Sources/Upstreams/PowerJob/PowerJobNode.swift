import JobEngine
package import JobModel
import Logging
import Synchronization

/// A worker whose port is open: finds its server, lives before it, takes what it dispatches and tells it what became of that.
package final class PowerJobNode: Sendable {
    static let kind = "powerjob"

    private let parts: PowerJobParts
    private let door: PowerJobDoor
    private let reports: InstanceReports
    private let logs: InstanceLogs
    private let heavy: HeavyInstances
    private let intake: Intake
    private let containers: PluginContainers
    private let machine: MachineProbe
    private let isDraining = Atomic(false)
    private let beatFault = Mutex<CallFault?>(nil)
    /// Why the port is closed, while it is.
    private let doorFault = Mutex<String?>(nil)

    package init(parts: PowerJobParts, door: PowerJobDoor) {
        self.parts = parts
        self.door = door
        heavy = HeavyInstances(parts: parts)
        logs = InstanceLogs(parts: parts)
        reports = InstanceReports(parts: parts, logs: logs, heavy: heavy)
        containers = PluginContainers(parts: parts)
        intake = Intake(parts: parts, reports: reports, heavy: heavy, containers: containers)
        machine = MachineProbe(folder: parts.folder)
    }

    /// Works until it is cancelled.
    package func run() async {
        do throws(EngineError) {
            try await parts.ledger.recover()
        } catch {
            return await door.close()
        }
        await heavy.report(
            hurry: { [reports] in await reports.hurry($0) }, drop: { [reports] in _ = await reports.stop($0) })
        for open in await parts.ledger.open.values { await resume(open) }
        await heavy.recover()
        // Everything that ended before this host began is in the book before servers can ask for it again.
        while let ended = await parts.ledger.takeEnd() { await finish(ended) }
        await withDiscardingTaskGroup { group in
            group.addTask { await self.serve() }
            group.addTask { await self.reports.run() }
            group.addTask { await self.logs.run() }
            group.addTask { await self.heavy.run() }
            group.addTask { await self.containers.run() }
            group.addTask { for await ended in self.parts.ledger.ends { await self.finish(ended) } }
            group.addTask { await self.lookForServers() }
            group.addTask { await self.beat() }
        }
    }

    private func serve() async {
        var door = door
        while true {
            await door.serve(
                { await self.answer($0, $1) }, strangersAt: TaskOrder.path,
                vouch: { await self.heavy.vouch(for: $0, $1) })
            guard !Task.isCancelled, let next = await reopened(port: door.port) else { return }
            door = next
        }
    }

    /// Servers know no other port. Nil: the host is stopping.
    private func reopened(port: Int) async -> PowerJobDoor? {
        let place = HostPort(host: parts.settings.listen.host, port: port)
        while !Task.isCancelled {
            do {
                let door = try await PowerJobDoor.open(place, callers: parts.callers, logger: parts.logger)
                doorFault.withLock { $0 = nil }
                return door
            } catch {
                doorFault.withLock { $0 = "cannot listen on \(place) any more: \(error)" }
                try? await Task.sleep(for: parts.settings.pace.discovery)
            }
        }
        return nil
    }

    private func resume(_ open: OpenDispatch) async {
        if open.dispatch.isLent { return await heavy.resumeTask(open) }
        if !open.dispatch.isLaunch { await reports.resume(open) }
    }

    private func finish(_ ended: EndedDispatch) async {
        if ended.dispatch.isLent { return await heavy.taskEnded(ended) }
        if ended.dispatch.isLaunch { await heavy.launchEnded(ended) } else { await reports.finish(ended) }
    }

    /// The server is asked for nothing more from now on. What is going on goes on, and is reported.
    package func drain() async {
        isDraining.store(true, ordering: .relaxed)
        await sendHeartbeat()
    }

    /// Nothing runs any more: what ended is told, as far as servers answer soon. What is left is the next host's to tell.
    package func flush() async {
        let end = ContinuousClock.now + parts.settings.pace.answer
        // Launches are counted by the next host.
        while ContinuousClock.now < end, await parts.ledger.owesEnds(of: { !$0.isLaunch }) {
            guard (try? await Task.sleep(for: .milliseconds(20))) != nil else { return }
        }
    }

    // MARK: Life

    private func lookForServers() async {
        while !Task.isCancelled {
            let before = await parts.discovery.server
            await parts.discovery.look()
            if let server = await parts.discovery.server, server != before {
                await parts.callers.add(server.host)
                await sendHeartbeat()
            }
            if await parts.discovery.failedRounds == 5 { await heavy.loseServer() }
            try? await Task.sleep(for: parts.settings.pace.discovery)
        }
    }

    /// The first heartbeat is sent as soon as there is a server.
    private func beat() async {
        while (try? await Task.sleep(for: parts.settings.pace.heartbeat)) != nil { await sendHeartbeat() }
    }

    private func sendHeartbeat() async {
        // No server in charge: none would know what to do with it.
        guard let server = await parts.discovery.server, let app = await parts.discovery.app,
            await parts.discovery.fault == nil
        else { return }
        let light = await reports.light, heavy = await heavy.count
        let settings = parts.settings
        var isOverloaded =
            isDraining.load(ordering: .relaxed) || light >= settings.mostLight || heavy >= settings.mostHeavy
        // Nothing can come through a closed port, and a server that takes no ends is to send nothing that adds to them.
        if !isOverloaded { isOverloaded = doorFault.withLock { $0 } != nil }
        if !isOverloaded { isOverloaded = await reports.ends >= settings.mostLight * 10 }
        if !isOverloaded { isOverloaded = (try? await parts.engine.trouble())?.trouble != nil }
        let heartbeat = Heartbeat(
            address: parts.address.description, appName: settings.app, app: app, time: parts.clock.now,
            tag: settings.tag, version: parts.version, isOverloaded: isOverloaded, light: light, heavy: heavy,
            metrics: await machine.metrics(), containers: await containers.infos())
        do throws(CallFault) {
            try await parts.calls.tell(server, "/server/workerHeartbeat", heartbeat.json)
            beatFault.withLock { $0 = nil }
            await parts.discovery.heard()
        } catch {
            let isNew = beatFault.withLock { fault in
                defer { fault = error }
                return fault != error
            }
            if isNew { parts.logger.warning("a heartbeat did not arrive", metadata: ["reason": "\(error)"]) }
        }
    }

    // MARK: What is asked of us

    private func answer(_ path: String, _ message: JSONValue) async -> DoorAnswer {
        switch path {
        case "/worker/runJob", "/taskTracker/runJob": await dispatch(message)
        case "/worker/stopInstance", "/taskTracker/stopInstance": await stop(message)
        case "/worker/queryInstanceStatus", "/taskTracker/queryInstanceStatus": await query(message)
        case "/worker/deployContainer", "/worker/destroyContainer": take(path, message)
        default: await heavy.answer(path, message, intake) ?? .fault(404, "there is nothing at this path")
        }
    }

    /// The server waits for no answer, and hears in a heartbeat what came of it.
    private func take(_ path: String, _ message: JSONValue) -> DoorAnswer {
        containers.accept(path, message)
        return .ok
    }

    private func dispatch(_ message: JSONValue) async -> DoorAnswer {
        guard !isDraining.load(ordering: .relaxed) else { return .fault(503, "this host is stopping") }
        switch await intake.take(message) {
        case .taken, .ignored: return .ok
        case .notNow(let reason): return .fault(503, reason)
        case .nonsense(let reason): return .fault(400, reason)
        }
    }

    private func stop(_ message: JSONValue) async -> DoorAnswer {
        guard let instance = message["instanceId"]?.looseInteger else {
            return .fault(400, "instanceId must be a whole number of 64 bits")
        }
        // No report may follow, so that comes first.
        var run = await parts.ledger.hush("\(instance)")
        let reported = await reports.stop(instance)
        // It was being stored, and was not in the ledger a moment ago.
        if run == nil, let reported { run = await parts.ledger.hush("\(instance)", only: reported) }
        await heavy.stop(instance)
        if let run { await parts.ledger.silence(run, reason: Intake.stopReason) }
        return .ok
    }

    private func query(_ message: JSONValue) async -> DoorAnswer {
        guard let instance = message["instanceId"]?.looseInteger else {
            return .fault(400, "instanceId must be a whole number of 64 bits")
        }
        var detail = await heavy.detail(of: instance)
        if detail == nil { detail = await reports.detail(of: instance) }
        guard let detail else { return DoorAnswer(.failure("can't find TaskTracker")) }
        let version = await parts.discovery.serverVersion
        return DoorAnswer(AskReply(isSuccess: true, data: detail.json(for: version).bytes))
    }

    // MARK: How it stands

    package func status() async -> UpstreamStatus {
        let discovery = parts.discovery
        let figures = await parts.ledger.figures(now: .now)
        var status = UpstreamStatus(
            name: parts.name, kind: Self.kind, state: .connected, server: await discovery.server?.description,
            lastContact: await discovery.lastContact, lag: figures.lag, open: figures.open, owed: figures.owed,
            lastError: await reports.lastFault)
        let fault = await discovery.fault ?? beatFault.withLock { $0 }
        if let fault {
            status.lastError = "\(fault)"
            (status.state, status.remedy) = state(fault)
        } else if status.server == nil {
            status.state = .starting
        } else if let warning = await discovery.skewWarning {
            status.lastError = warning
            status.remedy = "set both clocks, with NTP for example: beyond a minute the server takes this host for dead"
        }
        if let fault = doorFault.withLock({ $0 }) {
            (status.state, status.lastError) = (.starting, fault)
            status.remedy = "free the port; it is tried again every \(parts.settings.pace.discovery.berthText)"
        }
        if isDraining.load(ordering: .relaxed) { (status.state, status.remedy) = (.draining, nil) }
        return status
    }

    private func state(_ fault: CallFault) -> (UpstreamStatus.State, String) {
        let servers = parts.settings.servers.map(\.description).joined(separator: ", ")
        switch fault {
        case .refused(let text) where text.lowercased().contains("regist"):
            return (
                .unregistered,
                "register the app \"\(parts.settings.app)\" in the console of the server, or correct app; it is tried "
                    + "again every \(parts.settings.pace.discovery.berthText)"
            )
        case .refused, .nonsense, .status:
            return (.refused, "look into the log of the server; it must have HTTP among its active protocols")
        case .unreachable, .nowhere:
            return (.unreachable, "start a server, or correct servers: \(servers); it is tried again by itself")
        }
    }
}

extension Dispatch {
    /// A task of an instance that another worker has: its name holds a slash, which the servers' ids do not.
    fileprivate var isLent: Bool { instance.utf8.contains(UInt8(ascii: "/")) }
    fileprivate var isLaunch: Bool { LaunchName(instance) != nil }
}
