import Foundation
import FoundationNetworking
import TestSupport
import Testing

/// `powerjob-server.py`, and what it recorded.
final class PowerJobServer: Sendable {
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
        var totalTaskNum: Int?
        var failedTaskNum: Int?
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

    /// The final report of an instance.
    func end(of instance: Int64) async throws -> Message {
        try await eventually("the final report of \(instance)", within: .seconds(120)) {
            try await calls("/server/reportInstanceStatus").map(\.message)
                .last { $0.instanceId == instance && $0.instanceStatus != 3 }
        }
    }

    /// `workers`: all that may take part; nil: the one it is given to.
    func dispatch(
        to worker: String, instance: Int64, processor: String, params: String, type: String = "STANDALONE",
        workers: [String]? = nil
    ) async throws {
        let order: [String: Any] = [
            "allWorkerAddress": workers ?? [worker], "jobId": 501, "instanceId": instance, "executeType": type,
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
