import JobModel
import Synchronization
import TestSupport
import Upstreams

/// A worker that is told of tasks and says what the test says.
final class FakeWorker: Sendable {
    private let door: StandInPort

    /// `answers` are sent to the tracker one after the other.
    init(port: Int = 0, _ answers: @escaping @Sendable (JSONValue) -> [JSONValue]) async throws {
        door = try await StandInPort(port: port) { request in
            guard request.path == "/processorTracker/startTask",
                let order = try? JSONParser.parse(request.body), let tracker = order["taskTrackerAddress"]?.string
            else { return StandInPort.Answer() }
            Task {
                for answer in answers(order) {
                    _ = try await StandInServer.post(tracker, "/taskTracker/reportTaskStatus", answer)
                }
            }
            return StandInPort.Answer()
        }
    }

    var address: String { "127.0.0.1:\(door.port)" }
    func close() async { await door.close() }

    static func end(of order: JSONValue, status: Int64, result: String) -> JSONValue {
        [
            "instanceId": order["instanceInfo"]?["instanceId"] ?? .null,
            "subInstanceId": order["subInstanceId"] ?? .null,
            "taskId": order["taskId"] ?? .null, "status": .number(status), "result": .string(result), "reportTime": 1,
        ]
    }
}

/// A worker of another make that has an instance, and hears what becomes of its tasks.
final class FakeTracker: Sendable {
    private struct Record {
        var calls: [(path: String, message: JSONValue)] = []
        var failures: Int
    }

    private final class Book: Sendable {
        let record: Mutex<Record>

        init(failures: Int) { record = Mutex(Record(failures: failures)) }
    }

    private let door: StandInPort
    private let book: Book

    /// So many ends are not taken at first.
    init(failures: Int = 0) async throws {
        let book = Book(failures: failures)
        self.book = book
        door = try await StandInPort { request in
            let message = (try? JSONParser.parse(request.body)) ?? .null
            return book.record.withLock { record in
                record.calls.append((request.path, message))
                guard request.path == "/taskTracker/reportTaskStatus", (message["status"]?.integer ?? 0) > 4 else {
                    return StandInPort.Answer()
                }
                record.failures -= 1
                return record.failures >= 0 ? StandInPort.Answer(status: 500) : StandInAnswers.asked(false)
            }
        }
    }

    var address: String { "127.0.0.1:\(door.port)" }
    func close() async { await door.close() }

    func reports(of task: String) -> [JSONValue] {
        book.record.withLock { $0.calls }.filter { $0.path == "/taskTracker/reportTaskStatus" }.map(\.message)
            .filter { $0["taskId"]?.string == task }
    }

    func end(of task: String) async throws -> JSONValue {
        try await eventually("the end of \(task)") {
            reports(of: task).first { ($0["status"]?.integer ?? 0) > 4 }
        }
    }

    /// The worker says that it lives.
    func alive() async throws {
        try await eventually("a sign of life") {
            book.record.withLock { $0.calls }.contains { $0.path == "/taskTracker/reportProcessorTrackerStatus" }
                ? true : nil
        }
    }
}
