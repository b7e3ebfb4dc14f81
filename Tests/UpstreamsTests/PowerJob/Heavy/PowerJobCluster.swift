import Foundation
import JobEngine
import JobModel
import Logging
import ServiceLifecycle
import TestSupport
import Testing
import Upstreams

/// Several hosts of one app under one stand-in server, each with everything real but the server.
struct PowerJobCluster: Sendable {
    let server: StandInServer
    let members: [Member]

    struct Member: Sendable {
        let host: WorkingEngine
        let upstream: PowerJobUpstream
        let address: String
    }

    static let instance: Int64 = 745_847_914_496_000_320

    /// `body` hears of the hosts in the order they were started; the first is the one that instances are given to.
    static func with(
        _ count: Int, strict: Bool = false, _ change: @escaping @Sendable (inout PowerJobSettings) -> Void = { _ in },
        _ body: @escaping @Sendable (PowerJobCluster) async throws -> Void
    ) async throws {
        let server = try await StandInServer(isStrict: strict)
        do {
            try await start(count, [], server, change, body)
        } catch {
            await server.close()
            throw error
        }
        #expect(server.states.faults.isEmpty)
        await server.close()
    }

    private static func start(
        _ left: Int, _ members: [Member], _ server: StandInServer,
        _ change: @escaping @Sendable (inout PowerJobSettings) -> Void,
        _ body: @escaping @Sendable (PowerJobCluster) async throws -> Void
    ) async throws {
        guard left > 0 else { return try await body(PowerJobCluster(server: server, members: members)) }
        try await WorkingEngine.with(plugins: ["families"], slots: 2) { host in
            try await with(host, members.count, server, change) { member in
                try await start(left - 1, members + [member], server, change, body)
            }
        }
    }

    private static func with(
        _ host: WorkingEngine, _ number: Int, _ server: StandInServer,
        _ change: @Sendable (inout PowerJobSettings) -> Void,
        _ body: @escaping @Sendable (Member) async throws -> Void
    ) async throws {
        var settings = PowerJobWorld.settings(server)
        settings.tag = "member-\(number)"
        settings.tasks = .quick
        change(&settings)
        let upstream = PowerJobUpstream(name: "cluster", settings: settings, host: host.host)
        let services = ServiceGroup(
            services: [upstream], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let serving = Task { try await services.run() }
        let result = await Task {
            let heartbeat = try await server.heartbeat { $0["tag"]?.string == "member-\(number)" }
            try await body(Member(host: host, upstream: upstream, address: heartbeat["workerAddress"]?.string ?? ""))
        }.result
        await services.triggerGracefulShutdown()
        try? await serving.value
        try result.get()
    }

    var addresses: [String] { members.map(\.address) }

    /// Gives an instance to the first host, as the server does.
    func dispatch(
        _ type: ExecuteType, _ processor: String, _ params: String = "{}", instance: Int64 = Self.instance,
        workers: [String]? = nil, with more: KeyValuePairs<String, JSONValue> = [:]
    ) async throws {
        var order = PowerJobWorld.order(processor, instance: instance, worker: addresses[0], more).members ?? []
        for (name, value) in [
            ("executeType", JSONValue.string(type.rawValue)), ("jobParams", JSONValue.string(params)),
            ("allWorkerAddress", JSONValue.texts(workers ?? addresses)),
        ] {
            order.removeAll { $0.name == name }
            order.append(JSONMember(name, value))
        }
        let answer = try await server.send(addresses[0], "/worker/runJob", .object(order))
        guard answer.status == 200 else { throw CancellationError() }
    }

    func post(_ member: Int, _ path: String, _ message: JSONValue) async throws -> StandInPort.Answer {
        try await server.send(addresses[member], path, message)
    }

    /// Runs of a host that are tasks of others.
    func borrowed(by member: Int) async throws -> [RunRecord] {
        try await members[member].host.engine.runs(RunFilter(limit: 1000)).filter { $0.instance?.contains("/") == true }
    }

    /// Nobody owes anybody anything.
    func settled() async throws {
        for member in members {
            try await eventually("nothing is owed") {
                try await member.host.engine.owed(to: "cluster").isEmpty ? true : nil
            }
        }
    }
}

extension TaskPace {
    /// Seconds of a cluster in hundredths of them.
    static let quick: TaskPace = {
        var pace = TaskPace()
        pace.patience = .milliseconds(1500)
        pace.unacknowledged = .milliseconds(300)
        pace.resend = .milliseconds(50)
        pace.alive = .milliseconds(100)
        pace.discovery = .milliseconds(100)
        return pace
    }()
}
