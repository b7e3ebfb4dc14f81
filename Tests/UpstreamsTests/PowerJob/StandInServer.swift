import AsyncHTTPClient
import JobModel
import NIOCore
import NIOHTTP1
import Synchronization
import TestSupport

/// A PowerJob server as far as a worker sees one: a web port to find it by and a port for reports. It records what comes and
/// answers by a script. Strict: it refuses keys it does not know, as servers before 4.3.8 do. Servers of one cluster share
/// what they believe.
final class StandInServer: Sendable {
    let web: String
    let remote: String
    let record: StandInRecord
    /// Of a worker that comes back: servers believe no other address.
    let workerPort: Int
    private let ports: Mutex<[StandInPort]>
    static let client = HTTPClient(eventLoopGroupProvider: .singleton)

    init(isStrict: Bool, states: StandInStates = StandInStates()) async throws {
        let record = StandInRecord(isStrict: isStrict, states: states)
        let web = try await StandInPort { await record.answer($0) }
        let remote = try await StandInPort { await record.answer($0) }
        self.web = "127.0.0.1:\(web.port)"
        self.remote = "127.0.0.1:\(remote.port)"
        self.record = record
        workerPort = try FreePort.find()
        ports = Mutex([web, remote])
        record.handOver(to: self.remote)
    }

    /// No port answers any more, until `comeBack`.
    func close() async {
        let ports = ports.withLock { ports in
            defer { ports = [] }
            return ports
        }
        for port in ports { await port.close() }
    }

    func comeBack() async throws {
        let record = record
        var opened: [StandInPort] = []
        for address in [web, remote] {
            let port = Int(address.split(separator: ":").last ?? "") ?? 0
            opened.append(try await StandInPort(port: port) { await record.answer($0) })
        }
        ports.withLock { $0 = opened }
    }

    // MARK: Scripts

    func script(_ path: String, _ script: StandInRecord.Script?) { record.script(path, script) }

    /// One answer after the other to what is wanted, then the usual ones.
    func script(
        _ path: String, answers: [StandInPort.Answer],
        when wanted: @escaping @Sendable (StandInRecord.Call) -> Bool = { _ in true }
    ) {
        let left = AnswerQueue(answers)
        script(path) { call in wanted(call) ? left.next() : nil }
    }

    private final class AnswerQueue: Sendable {
        private let answers: Mutex<[StandInPort.Answer]>

        init(_ answers: [StandInPort.Answer]) { self.answers = Mutex(answers) }

        func next() -> StandInPort.Answer? { answers.withLock { $0.isEmpty ? nil : $0.removeFirst() } }
    }

    // MARK: What came

    func calls(_ path: String) -> [StandInRecord.Call] { record.calls.filter { $0.path == path } }

    func heartbeats() -> [JSONValue] { calls("/server/workerHeartbeat").map(\.message) }

    /// Of one instance, in the order they came.
    func reports(of instance: Int64) -> [JSONValue] {
        calls("/server/reportInstanceStatus").map(\.message).filter { $0["instanceId"]?.integer == instance }
    }

    func finals(of instance: Int64) -> [JSONValue] {
        reports(of: instance).filter { $0["instanceStatus"]?.integer != 3 }
    }

    func lines(of instance: Int64) -> [JSONValue] {
        calls("/server/reportLog").flatMap { $0.message["instanceLogContents"]?.array ?? [] }
            .filter { $0["instanceId"]?.integer == instance }
    }

    @discardableResult
    func heartbeat(_ what: String = "a heartbeat", where fits: @Sendable (JSONValue) -> Bool = { _ in true })
        async throws -> JSONValue
    {
        try await eventually(what) { heartbeats().first(where: fits) }
    }

    /// The final report of an instance.
    @discardableResult
    func end(of instance: Int64, count: Int = 1) async throws -> JSONValue {
        try await eventually("final report \(count) of \(instance)") {
            let finals = finals(of: instance)
            return finals.count >= count ? finals[count - 1] : nil
        }
    }

    // MARK: As the server speaks to workers

    var states: StandInStates { record.states }

    /// A call that it makes, and keeps in mind.
    func send(_ worker: String, _ path: String, _ message: JSONValue) async throws -> StandInPort.Answer {
        try await states.call(worker, path, message) { try await Self.post(worker, path, message) }
    }

    @discardableResult
    static func post(_ worker: String, _ path: String, _ message: JSONValue) async throws -> StandInPort.Answer {
        var request = HTTPClientRequest(url: "http://\(worker)\(path)")
        request.method = .POST
        request.headers.add(name: "content-type", value: "application/json")
        request.body = .bytes(ByteBuffer(bytes: message.bytes))
        let response = try await client.execute(request, timeout: .seconds(60))
        let body = try await response.body.collect(upTo: 1 << 20)
        return StandInPort.Answer(status: Int(response.status.code), body: Array(body.readableBytesView))
    }
}
