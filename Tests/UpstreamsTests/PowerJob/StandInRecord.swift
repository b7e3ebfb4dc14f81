import Foundation
import JobModel
import Synchronization

/// What came to a stand-in server, and what it answers.
final class StandInRecord: Sendable {
    struct Call: Sendable {
        var method: String
        var path: String
        var query: [String: String]
        var rawQuery: String
        var message: JSONValue
        var at: ContinuousClock.Instant
    }

    /// The answer in place of the usual one, as of a server that did not do what it was told; nil: the usual one.
    typealias Script = @Sendable (Call) async -> StandInPort.Answer?

    private struct State {
        var calls: [Call] = []
        var scripts: [String: Script] = [:]
        var complaints: [String] = []
        /// The address that `/server/acquire` gives.
        var remote = ""
    }

    let isStrict: Bool
    let states: StandInStates
    private let state = Mutex(State())

    init(isStrict: Bool, states: StandInStates) {
        self.isStrict = isStrict
        self.states = states
    }

    var calls: [Call] { state.withLock { $0.calls } }
    /// What a strict server did not understand.
    var complaints: [String] { state.withLock { $0.complaints } }

    func script(_ path: String, _ script: Script?) { state.withLock { $0.scripts[path] = script } }
    func handOver(to remote: String) { state.withLock { $0.remote = remote } }

    func answer(_ request: StandInPort.Request) async -> StandInPort.Answer {
        let message = (try? JSONParser.parse(request.body)) ?? .null
        let call = Call(
            method: request.method, path: request.path, query: Self.pairs(request.query), rawQuery: request.query,
            message: message, at: .now)
        let (script, remote) = state.withLock { state in
            state.calls.append(call)
            return (state.scripts[call.path], state.remote)
        }
        if isStrict, let complaint = StandInKeys.complaint(call.path, message) {
            state.withLock { $0.complaints.append(complaint) }
            return StandInPort.Answer(status: 500, body: Array(complaint.utf8))
        }
        if let answer = await script?(call) { return answer }
        if call.path == "/server/reportInstanceStatus", !states.hear(message) {
            let id = message["instanceId"]?.text ?? ""
            return StandInAnswers.refused("IllegalArgumentException: can't find Instance by instanceId: \(id)")
        }
        return StandInAnswers.usual(call, remote: remote, isStrict: isStrict)
    }

    private static func pairs(_ query: String) -> [String: String] {
        query.split(separator: "&").reduce(into: [:]) { pairs, pair in
            let parts = pair.split(separator: "=", maxSplits: 1).map(String.init)
            pairs[parts[0]] = parts.count == 2 ? parts[1].removingPercentEncoding : ""
        }
    }
}
