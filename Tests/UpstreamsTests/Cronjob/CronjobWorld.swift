import Foundation
import GuestPool
import JobEngine
import JobModel
import Logging
import ServiceLifecycle
import TestSupport
import Testing

@testable import Upstreams

/// A host with the real runners, as a worker of a stand-in server.
struct CronjobWorld: Sendable {
    let server: CronjobStandIn
    let host: WorkingEngine
    let upstream: CronjobUpstream
    private let group: ServiceGroup

    static let worker = "11111111-2222-4333-8444-555555555555"

    /// Intervals of milliseconds, so that nothing waits for long.
    static func settings(_ url: String) -> CronjobSettings {
        var settings = CronjobSettings(
            url: url, key: Secret(CronjobStandIn.key), workerID: worker, workerName: "swift-w1")
        settings.description = "cronjob worker"
        settings.tasks = ["command", "default", "script", "http", "file", "git", "basic"]
        settings.categories = ["basic": CategorySettings(component: "basic/echo")]
        settings.intervals.reconnect = .milliseconds(40)
        settings.intervals.longestReconnect = .milliseconds(80)
        settings.intervals.refresh = .milliseconds(500)
        settings.intervals.confirm = .milliseconds(20)
        settings.intervals.longestConfirm = .milliseconds(200)
        settings.intervals.log = .milliseconds(20)
        settings.intervals.farewell = .seconds(60)
        return settings
    }

    /// Until the body is over. `projects`: the plugins it needs; a home that is given stays.
    static func with(
        projects: [String] = ["command"], home: URL? = nil, server given: CronjobStandIn? = nil,
        drain: Duration = .zero, plugins more: [String: PluginSettings] = [:],
        _ change: @escaping @Sendable (inout CronjobSettings) -> Void = { _ in },
        _ body: @escaping @Sendable (CronjobWorld) async throws -> Void
    ) async throws {
        guard let given else {
            return try await CronjobStandIn.with {
                try await with(
                    projects: projects, home: home, server: $0, drain: drain, plugins: more, change, body)
            }
        }
        try await WorkingEngine.with(
            home: home, projects: projects, slots: 8, drain: drain, settings: plugins.merging(more) { $1 }
        ) { engine in
            var settings = settings(given.url)
            change(&settings)
            let upstream = CronjobUpstream(name: "cron", settings: settings, host: engine.host)
            let group = ServiceGroup(
                services: [upstream], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            let running = Task { try await group.run() }
            let world = CronjobWorld(server: given, host: engine, upstream: upstream, group: group)
            let result = await Task { try await body(world) }.result
            running.cancel()
            _ = await running.result
            try result.get()
        }
    }

    private static let plugins = [
        "command": PluginSettings(configuration: #"{"shell":{}}"#, grants: [.subprocess]),
        "script": PluginSettings(grants: [.subprocess]), "http": PluginSettings(grants: [.network]),
        "file": PluginSettings(
            configuration: JSONValue.object([
                JSONMember("roots", [.string(FileManager.default.temporaryDirectory.path)])
            ]).text),
    ]

    /// As a host does that was told to stop.
    func stop() async {
        await upstream.drain()
        await host.engine.drain()
        await group.triggerGracefulShutdown()
    }

    // MARK: What the server does

    static func newID() -> String { UUID().uuidString.lowercased() }

    /// The task in its table, as it is dispatched.
    static func task(
        _ id: String, category: String = "command", command: String = "", args: String = "", timeout: Int = 60,
        savesLog: Bool = false, status: String = "pending", metadata: JSONValue = .null
    ) -> [JSONMember] {
        let task: JSONValue = [
            "id": .string(id), "category": .string(category), "name": "t", "command": .string(command),
            "args": .string(args), "timeout": .number(timeout), "save_log": .bool(savesLog),
            "status": .string(status), "metadata": metadata,
        ]
        return task.members ?? []
    }

    static func event(_ action: String, _ tasks: [JSONMember]...) -> [UInt8] {
        EventFraming.frame(bare(action, tasks))
    }

    static func bare(_ action: String, _ tasks: [[JSONMember]]) -> [UInt8] {
        let event: JSONValue = ["action": .string(action), "tasks": .array(tasks.map { .object($0) })]
        return event.bytes
    }

    /// Enters the task and dispatches it.
    @discardableResult
    func run(_ task: [JSONMember]) async throws -> String {
        let id = try #require(JSONValue.object(task)["id"]?.string)
        await server.enter(task, id)
        try await connected()
        try await server.say(Self.event("run", task))
        return id
    }

    func say(_ action: String, _ id: String) async throws {
        try await server.say(Self.event(action, Self.task(id)))
    }

    // MARK: What is waited for

    func connected(times: Int = 1) async throws {
        try await eventually("connection \(times)") { await server.registrations.count >= times ? true : nil }
    }

    /// The task as the server has it when it has ended.
    func end(of id: String) async throws -> JSONValue {
        try await eventually("the end of a task") {
            let task = await JSONValue.object(server.tasks[id] ?? [])
            return ["pending", "running"].contains(task["status"]?.string ?? "") ? nil : task
        }
    }

    func started(_ id: String) async throws {
        try await eventually("a start") { await server.reports(of: id).isEmpty ? nil : true }
    }

    /// Nothing is owed to the server any more.
    func settled() async throws {
        try await eventually("everything to be settled") { await upstream.status().owed == 0 ? true : nil }
    }
}
