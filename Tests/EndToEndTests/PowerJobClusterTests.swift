import Foundation
import TestSupport
import Testing

/// Real hosts of one app under one server share the work of an instance, and it is right whatever dies.
@Suite struct PowerJobClusterTests {
    private static let instance: Int64 = 745_847_914_496_000_320
    private static let folder = "/usr/share/doc"
    private static let params = #"{"path": "/usr/share/doc", "files_per_part": 4}"#

    @Test(arguments: ["borrower", "tracker"])
    func `two hosts count the words of real files, one is killed in the middle, and the count is right`(
        victim: String
    ) async throws {
        let server = try PowerJobServer()
        let homes = [temporaryFolder(), temporaryFolder()]
        let ports = [try FreePort.find(), try FreePort.find()]
        for (home, port) in zip(homes, ports) { try Self.settle(home, port, server.port) }
        let first = try await RunningHost.start(home: homes[0])
        let second = try await RunningHost.start(home: homes[1])
        let workers = ports.map { "127.0.0.1:\($0)" }
        try await eventually("both hosts are known") {
            let known = Set(try await server.calls("/server/workerHeartbeat").compactMap(\.message.workerAddress))
            return known.isSuperset(of: workers) ? true : nil
        }
        try await server.dispatch(
            to: workers[0], instance: Self.instance, processor: "text/count", params: Self.params,
            type: "MAP_REDUCE", workers: workers)
        try await eventually("the second host has done some of it, and there is more to do") {
            let runs = try await second.get("/api/v1/runs?limit=1000", as: Runs.self).value.runs
            return runs.contains { $0.state == "succeeded" } ? true : nil
        }
        let (dead, alive) = victim == "borrower" ? (second, first) : (first, second)
        dead.kill()
        let back = try await victim == "borrower" ? nil : RunningHost.start(home: homes[0])
        let end = try await server.end(of: Self.instance)
        #expect(end.instanceStatus == 5)
        #expect(end.failedTaskNum == 0 && (end.totalTaskNum ?? 0) > 10)
        let tracker = back ?? first
        let shared = try await tracker.get("/api/v1/runs/1", as: Run.self).value
        let alone = try await Self.alone(on: tracker)
        #expect(shared.state == "succeeded" && alone.state == "succeeded")
        #expect(shared.outputText != nil || shared.outputBase64 != nil)
        // Not compared within the macro, which would print megabytes.
        let isSame = shared.outputText == alone.outputText && shared.outputBase64 == alone.outputBase64
        #expect(isSame)
        if victim == "tracker" { try await Self.quiet(second) }
        try await back?.stop()
        try await alive.stop()
        server.end()
    }

    private static func settle(_ home: URL, _ port: Int, _ server: Int) throws {
        try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
        let settings = """
            upstreams:
              cluster: {kind: powerjob, app: swift-demo, servers: ["127.0.0.1:\(server)"], listen: "127.0.0.1:\(port)",
                access: {read: [/usr/share]},
                pace: {heartbeat: 100ms, discovery: 100ms, report: 200ms},
                tasks: {patience: 3s, unacknowledged: 1s, resend: 100ms, alive: 200ms, discovery: 1s}}
            """
        try Data(settings.utf8).write(to: home.appendingPathComponent("berth.yaml"))
    }

    /// What one host makes of the same files by itself.
    private static func alone(on host: RunningHost) async throws -> Run {
        let body = """
            {"component": "text/count", "params": {"path": "\(folder)", "files_per_part": 100000},
             "access": {"read": ["/usr/share"]}}
            """
        let run = try await host.post("/api/v1/runs", body, as: Run.self).value
        return try await host.get("/api/v1/runs/\(run.id)/wait?timeout=60s", as: Run.self).value
    }

    /// Its tracker has every end that it owed.
    private static func quiet(_ host: RunningHost) async throws {
        try await eventually("nothing is owed") {
            let list = try await host.get("/api/v1/upstreams/cluster", as: Upstream.self).value
            return list.owed == 0 ? true : nil
        }
    }

    struct Runs: Decodable {
        var runs: [Run]
    }

    struct Run: Decodable {
        var id: Int64
        var state: String
        var outputText: String?
        var outputBase64: String?
    }

    struct Upstream: Decodable {
        var owed: Int
    }
}
