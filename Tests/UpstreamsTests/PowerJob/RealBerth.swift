import AsyncHTTPClient
import Foundation
import JobModel
import NIOCore
import NIOHTTP1
import TestSupport

/// A real `berth serve` that is a worker of a stand-in server, to be killed. Its home, address and plugins stay the same over
/// all its lives.
final class RealBerth: Sendable {
    let home: URL
    /// By which the server calls it.
    let worker: String
    private let server: StandInServer
    private let settings: String

    init(server: StandInServer, more: String = "") throws {
        self.server = server
        home = FileManager.default.temporaryDirectory.appendingPathComponent(
            "berth-killed-\(UUID().uuidString.prefix(8))")
        let plugins = home.appendingPathComponent("plugins")
        try FileManager.default.createDirectory(at: plugins, withIntermediateDirectories: true)
        for name in ["basic", "dispatch"] {
            try FileManager.default.copyItem(
                at: FixturePlugin.library(name), to: plugins.appendingPathComponent("\(name).so"))
        }
        worker = "127.0.0.1:\(try FreePort.find())"
        settings = """
            upstreams:
              cluster:
                kind: powerjob
                app: swift-demo
                servers: ["\(server.web)"]
                listen: "\(worker)"
                \(more)
                pace: {discovery: 50ms, heartbeat: 40ms, hello: 100ms, first_report: 30ms, report: 60ms, \
            late_report: 120ms, logs: 20ms}

            """
        try Data(settings.utf8).write(to: home.appendingPathComponent("berth.yaml"))
    }

    deinit { try? FileManager.default.removeItem(at: home) }

    /// One life, which has begun when the server hears of it.
    struct Life: Sendable {
        let pid: Int32
        private let process: Process

        init(_ process: Process) {
            self.process = process
            pid = process.processIdentifier
        }

        func kill() {
            guard process.isRunning else { return }
            Foundation.kill(pid, SIGKILL)
            process.waitUntilExit()
        }

        /// SIGTERM; the exit status.
        func stop() async throws -> Int32 {
            process.terminate()
            try await eventually("the host has ended") { process.isRunning ? nil : true }
            return process.terminationStatus
        }
    }

    func live(_ environment: [String: String] = [:]) async throws -> Life {
        let before = server.heartbeats().count
        let process = Process()
        process.executableURL = Checkout.products.appendingPathComponent("berth")
        process.arguments = ["serve", "--home", home.path, "--listen", "none", "--log-level", "error"]
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let log = home.appendingPathComponent("host.log")
        if !FileManager.default.fileExists(atPath: log.path) { try Data().write(to: log) }
        let output = try FileHandle(forWritingTo: log)
        try output.seekToEnd()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        try await eventually("the server hears of the host: \(printed)") {
            guard process.isRunning else { throw Ended(description: printed) }
            return server.heartbeats().count > before + 1 ? true : nil
        }
        return Life(process)
    }

    private var printed: String {
        (try? String(contentsOf: home.appendingPathComponent("host.log"), encoding: .utf8)) ?? ""
    }

    struct Ended: Error, CustomStringConvertible {
        let description: String
    }

    /// Dispatches as the server does; the status of the answer.
    func dispatch(
        _ instance: Int64, _ component: String = "dispatch/work", params: String = "0",
        with more: KeyValuePairs<String, JSONValue> = [:]
    ) async throws -> Int {
        let order = PowerJobWorld.order(component, instance: instance, worker: worker, more)
        let params = JSONMember("jobParams", .string("{\"for\":\(params)}"))
        return try await post("/worker/runJob", .object((order.members ?? []) + [params]))
    }

    func stop(_ instance: Int64) async throws -> Int {
        try await post("/worker/stopInstance", ["instanceId": .number(instance)])
    }

    /// A host that was killed is not waited for.
    private static let impatient: HTTPClient = {
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.retryConnectionEstablishment = false
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()

    private func post(_ path: String, _ message: JSONValue) async throws -> Int {
        var request = HTTPClientRequest(url: "http://\(worker)\(path)")
        request.method = .POST
        request.headers.add(name: "content-type", value: "application/json")
        request.body = .bytes(ByteBuffer(bytes: message.bytes))
        return try await server.states.call(worker, path, message) { [request] in
            Int(try await Self.impatient.execute(request, timeout: .seconds(60)).status.code)
        }
    }

    /// Runs `berth` as a client of the host, and gives what it prints as JSON.
    @discardableResult
    func berth(_ words: String...) async throws -> JSONValue {
        let program = Checkout.products.appendingPathComponent("berth").path
        let done = try await Shell.run([program] + words + ["--home", home.path, "--json"])
        guard done.status == 0 else { throw Ended(description: done.errors + done.output) }
        return (try? JSONParser.parse(Array(done.output.utf8))) ?? .null
    }
}
