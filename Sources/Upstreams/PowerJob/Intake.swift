import JobEngine
package import JobModel
import Logging

/// Takes what the servers dispatch: instances are stored before they are acknowledged.
package struct Intake: Sendable {
    private let parts: PowerJobParts
    private let reports: InstanceReports
    private let heavy: HeavyInstances
    private let containers: PluginContainers

    init(
        parts: PowerJobParts, reports: InstanceReports, heavy: HeavyInstances, containers: PluginContainers
    ) {
        self.containers = containers
        self.parts = parts
        self.reports = reports
        self.heavy = heavy
    }

    /// What the server is to hear of a dispatch: it reads the status alone, and waits for a report.
    package enum Answer: Hashable, Sendable {
        case taken
        /// Nothing to do: it is here already, or there is too much of it. The server finds out by itself.
        case ignored
        /// Not now. The server dispatches it again.
        case notNow(String)
        case nonsense(String)
    }

    package func take(_ message: JSONValue) async -> Answer {
        do {
            let order = try InstanceOrder(json: message)
            return order.isLight ? await takeLight(order) : await heavy.take(order, self)
        } catch {
            guard let instance = error.instance, let job = error.job else { return .nonsense(error.reason) }
            await reports.refuse(
                instance, await note(job: job, workflow: error.workflow), reason: Self.refusal(error.reason))
            return .taken
        }
    }

    private func takeLight(_ order: InstanceOrder) async -> Answer {
        guard await reports.light < parts.settings.mostLight * 13 / 10 else {
            parts.logger.warning(
                "an instance is left to the server: there are too many here",
                metadata: ["instance": "\(order.instance)"])
            return .ignored
        }
        do {
            return await store(try await request(for: order), order)
        } catch {
            return await refuse(order, error.reason)
        }
    }

    /// The run that an instance, or a task of one, becomes.
    package func request(for order: InstanceOrder) async throws(OrderFault) -> RunRequest {
        let component = try await component(of: order)
        let schema = await parts.engine.catalog.components[component]?.schema
        return try RunRequest(order, component: component, settings: parts.settings) { schema?.admits($0) ?? true }
    }

    /// Stores the run of an instance, whatever its tasks are. Used for heavy ones too.
    package func store(
        _ request: RunRequest, _ order: InstanceOrder, heavy state: JSONValue? = nil
    ) async -> Answer {
        var note = await note(job: order.job, workflow: order.workflow)
        note.logConfig = order.logConfig
        note.heavy = state
        var request = request
        request.dispatch = Dispatch(upstream: parts.name, instance: "\(order.instance)", note: note.bytes)
        switch await reports.claim(order.instance, note) {
        case .isHere: return .ignored
        case .isNew: return await take(request, order)
        case .wasHere(let run):
            // Its end was told, and the server wants another go.
            await parts.ledger.settle([run])
            return await take(request, order)
        }
    }

    private func take(_ request: RunRequest, _ order: InstanceOrder) async -> Answer {
        do throws(EngineError) {
            var answer = try await parts.ledger.take(request)
            if case .existing(let run) = answer, run.state.isEnd {
                // The server has its end, and this host has not noted so yet.
                await parts.ledger.settle([run.id])
                answer = try await parts.ledger.take(request)
            }
            switch answer {
            case .created(let run), .existing(let run), .replaced(let run):
                if await !reports.stored(order.instance, as: run.id) {
                    await parts.ledger.silence("\(order.instance)", reason: Self.stopReason)
                }
                return .taken
            case .refused(let error): throw error
            }
        } catch {
            await reports.forget(order.instance)
            return error.isPassing ? .notNow(error.words) : await refuse(order, error.words)
        }
    }

    /// Why a run was cancelled, as its history says it.
    package static let stopReason = "the server stopped the instance"

    /// Nothing can be made of the order: that is its end.
    package func refuse(_ order: InstanceOrder, _ reason: String) async -> Answer {
        var note = await note(job: order.job, workflow: order.workflow)
        note.logConfig = order.logConfig
        await reports.refuse(order.instance, note, reason: Self.refusal(reason))
        return .taken
    }

    /// Resolves the processor info by the operator's and the shipped aliases.
    package func component(of order: InstanceOrder) async throws(OrderFault) -> ComponentName {
        switch order.processorType {
        case .external:
            do {
                return try await containers.component(of: order.processor)
            } catch {
                throw order.fault("\(error)")
            }
        case .shell, .python:
            guard let script = ComponentName(plugin: "script", component: "script") else { throw order.fault("script") }
            return script
        case .builtIn: break
        }
        do {
            return try parts.processors.component(order.processor, among: await parts.engine.components())
        } catch {
            throw order.fault("\(error)")
        }
    }

    private func note(job: Int64, workflow: Int64?) async -> InstanceNote {
        // Who dispatches has been told by us which app we are of; 0 stands for one that was removed since.
        InstanceNote(
            app: await parts.discovery.app ?? 0, job: job, workflow: workflow, startTime: parts.clock.now)
    }

    /// As the server's own program begins it.
    private static func refusal(_ reason: String) -> String { "init TaskTracker failed, reason: \(reason)" }
}

extension EngineError {
    /// The same may be granted later.
    var isPassing: Bool {
        switch self {
        case .queueFull, .queueDraining, .stopping, .store: true
        default: false
        }
    }

    /// For users of the server.
    var words: String {
        switch self {
        case .componentNotFound(let name, let known):
            "there is no component \"\(name)\". \(Spelling.sentence(for: name.description, among: known))"
        case .paramsRefused(let component, _, let refusal): "the params do not fit \(component): \(refusal)"
        case .notGranted(let refusal): "\(refusal)"
        case .invalid(let field, let value, let reason): "\(field) \(reason); it is \(value.excerpt)"
        case .queueFull(let name, _, _): "the queue \"\(name)\" is full"
        case .queueDraining(let name): "the queue \"\(name)\" takes nothing new"
        case .queueNotFound(let name): "there is no queue \"\(name)\""
        case .stopping: "the host is stopping"
        default: "\(self)"
        }
    }
}
