import Foundation
import FoundationNetworking
import TestSupport
import Testing

/// The real host as a worker of a server in a process of its own.
@Suite struct PowerJobTests {
    @Test func `the real host is a worker from its settings to its end`() async throws {
        let server = try PowerJobServer()
        let home = temporaryFolder()
        try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
        let settings = """
            upstreams:
              cluster: {kind: powerjob, app: swift-demo, servers: ["127.0.0.1:\(server.port)"], listen: "127.0.0.1:0",
                aliases: {demo: text/wordcount}, pace: {heartbeat: 100ms, discovery: 100ms, report: 200ms}}
            """
        try Data(settings.utf8).write(to: home.appendingPathComponent("berth.yaml"))
        try await RunningHost.with(home: home) { host in
            let worker = try await eventually("a heartbeat") {
                try await server.calls("/server/workerHeartbeat").first?.message.workerAddress
            }
            try await server.dispatch(
                to: worker, instance: 745_847_914_496_000_064, processor: "demo",
                params: #"{"path": "/usr/share/common-licenses/GPL-3"}"#)
            let end = try await eventually("the final report") {
                try await server.calls("/server/reportInstanceStatus").last { $0.message.instanceStatus != 3 }?.message
            }
            #expect(end.instanceStatus == 5 && end.instanceId == 745_847_914_496_000_064)
            #expect(end.result?.contains("\"words\"") == true)
            let list = try await host.berth("upstream", "list")
            #expect(list.output.contains("cluster") && list.output.contains("connected"))
            let run = try await host.berth("runs", "show", "last")
            #expect(run.output.contains("745847914496000064") && run.output.contains("cluster"))
        }
        // It said that it takes nothing more before it went.
        #expect(try await server.calls("/server/workerHeartbeat").last?.message.overload == true)
        server.end()
    }
}

/// `powerjob-server.py`, and what it recorded.
private final class PowerJobServer: Sendable {
    struct Call: Decodable, Sendable {
        var path: String
        var message: Message
    }

    struct Message: Decodable, Sendable {
        var workerAddress: String?
        var overload: Bool?
        var instanceId: Int64?
        var instanceStatus: Int?
        var result: String?
    }

    let port: Int
    private let process = Process()
    private let input = Pipe()

    init() throws {
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", Checkout.root.appendingPathComponent("Tests/Fixtures/powerjob-server.py").path]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        let greeting = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        port = try #require(greeting.split(separator: " ").first.flatMap { Int($0) })
    }

    func end() {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    func calls(_ path: String) async throws -> [Call] {
        let url = try #require(URL(string: "http://127.0.0.1:\(port)/calls"))
        let (data, _) = try await URLSession.shared.data(from: url)
        return try JSONDecoder().decode([Call].self, from: data).filter { $0.path == path }
    }

    func dispatch(to worker: String, instance: Int64, processor: String, params: String) async throws {
        let order: [String: Any] = [
            "allWorkerAddress": [worker], "jobId": 501, "instanceId": instance, "executeType": "STANDALONE",
            "processorType": "BUILT_IN", "processorInfo": processor, "instanceTimeoutMS": 60000, "jobParams": params,
            "threadConcurrency": 5, "taskRetryNum": 0, "timeExpressionType": "API",
        ]
        var request = URLRequest(url: try #require(URL(string: "http://\(worker)/worker/runJob")))
        request.httpMethod = "POST"
        request.httpBody = try JSONSerialization.data(withJSONObject: order)
        let (_, response) = try await URLSession.shared.data(for: request)
        #expect((response as? HTTPURLResponse)?.statusCode == 200)
    }
}
