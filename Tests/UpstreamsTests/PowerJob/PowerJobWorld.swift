import Foundation
import JobEngine
import JobModel
import Logging
import ServiceLifecycle
import TestSupport
import Testing
import Upstreams

/// A stand-in server, and a host that is its worker, each with everything real but the server.
struct PowerJobWorld: Sendable {
    let server: StandInServer
    let host: WorkingEngine
    let upstream: PowerJobUpstream
    let services: ServiceGroup

    /// The id that no floating-point number holds.
    static let instance: Int64 = 745_847_914_496_000_064

    static func with(
        strict: Bool, home: URL? = nil, server given: StandInServer? = nil, clock: ReportClock = ReportClock(),
        _ change: @Sendable (inout PowerJobSettings) -> Void = { _ in },
        _ body: @escaping @Sendable (PowerJobWorld) async throws -> Void
    ) async throws {
        let server = if let given { given } else { try await StandInServer(isStrict: strict) }
        var settings = Self.settings(server)
        if home != nil { settings.listen.port = server.workerPort }
        change(&settings)
        do {
            try await WorkingEngine.with(home: home, plugins: ["basic", "dispatch", "params"], slots: 4) {
                [settings] host in
                try await Self.work(server, host, settings, clock, body)
            }
        } catch {
            if given == nil { await server.close() }
            throw error
        }
        if given == nil { await server.close() }
    }

    private static func work(
        _ server: StandInServer, _ host: WorkingEngine, _ settings: PowerJobSettings, _ clock: ReportClock,
        _ body: @Sendable (PowerJobWorld) async throws -> Void
    ) async throws {
        let upstream = PowerJobUpstream(name: "cluster", settings: settings, host: host.host, clock: clock)
        let services = ServiceGroup(
            services: [upstream], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let serving = Task { try await services.run() }
        let world = PowerJobWorld(server: server, host: host, upstream: upstream, services: services)
        do {
            try await body(world)
        } catch {
            await services.triggerGracefulShutdown()
            try? await serving.value
            throw error
        }
        await services.triggerGracefulShutdown()
        try await serving.value
        #expect(server.states.faults.isEmpty)
    }

    /// With everything that takes seconds in a cluster in hundredths of them.
    static func settings(_ server: StandInServer) -> PowerJobSettings {
        var settings = PowerJobSettings(app: "swift-demo", servers: [HostPort(server.web)].compactMap(\.self))
        settings.listen = HostPort(host: "127.0.0.1", port: 0)
        settings.pace.discovery = .milliseconds(50)
        settings.pace.heartbeat = .milliseconds(40)
        settings.pace.hello = .milliseconds(100)
        settings.pace.firstReport = .milliseconds(30) ... .milliseconds(60)
        settings.pace.report = .milliseconds(60)
        settings.pace.lateReport = .milliseconds(120)
        settings.pace.logs = .milliseconds(20)
        return settings
    }

    /// `host:port` of the worker, once the server has heard of it.
    func worker() async throws -> String {
        let heartbeat = try await server.heartbeat()
        return heartbeat["workerAddress"]?.string ?? ""
    }

    /// Dispatches as the server does, and gives the status of the answer.
    @discardableResult
    func run(
        _ processor: String, instance: Int64 = Self.instance, path: String = "/worker/runJob",
        _ more: KeyValuePairs<String, JSONValue> = [:]
    ) async throws -> Int {
        let worker = try await worker()
        return try await server.send(
            worker, path, Self.order(processor, instance: instance, worker: worker, more)
        ).status
    }

    static func order(
        _ processor: String, instance: Int64, worker: String = "10.0.0.5:27777",
        _ more: KeyValuePairs<String, JSONValue> = [:]
    ) -> JSONValue {
        var members: [JSONMember] = [
            JSONMember("allWorkerAddress", [.string(worker)]), JSONMember("maxWorkerCount", 0),
            JSONMember("jobId", 501), JSONMember("instanceId", .number(instance)),
            JSONMember("executeType", "STANDALONE"), JSONMember("processorType", "BUILT_IN"),
            JSONMember("processorInfo", .string(processor)), JSONMember("instanceTimeoutMS", 0),
            JSONMember("threadConcurrency", 5), JSONMember("taskRetryNum", 0),
            JSONMember("timeExpressionType", "API"), JSONMember("maxInstanceNum", 0),
        ]
        for (name, value) in more {
            members.removeAll { $0.name == name }
            members.append(JSONMember(name, value))
        }
        return .object(members)
    }

    @discardableResult
    func stop(_ instance: Int64 = Self.instance, path: String = "/worker/stopInstance") async throws -> Int {
        try await server.send(try await worker(), path, ["instanceId": .number(instance)]).status
    }

    /// The run of an instance, once it is in a guest.
    @discardableResult
    func running(_ instance: Int64 = Self.instance) async throws -> RunRecord {
        let run = try await eventually("a run of instance \(instance)") {
            try await host.engine.runs(RunFilter(limit: 10)).first { $0.instance == "\(instance)" }
        }
        try await host.running(run.id)
        return run
    }

    /// Nothing is owed to the server any more, which knows how everything ended that it dispatched, but for these.
    func settled(but open: Set<Int64> = []) async throws {
        try await eventually("nothing is owed") {
            try await host.engine.owed(to: "cluster").isEmpty ? true : nil
        }
        #expect(server.states.open == open)
    }

    func status(_ what: String, where fits: @Sendable (UpstreamStatus) -> Bool) async throws -> UpstreamStatus {
        try await eventually(what) {
            let status = await upstream.status()
            return fits(status) ? status : nil
        }
    }

    /// That many heartbeats from now.
    func pass(heartbeats count: Int) async throws {
        let before = server.heartbeats().count
        try await eventually("\(count) heartbeats") { server.heartbeats().count >= before + count ? true : nil }
    }
}
