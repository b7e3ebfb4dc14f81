import JobModel
import Synchronization
import Upstreams

/// What servers of one cluster believe of their instances, by the rules that real ones have. They do not check much: what a
/// worker must never do to them is kept as a fault.
final class StandInStates: Sendable {
    enum Status: Int64, Sendable {
        case waitsForDispatch = 1, waitsForWorker, running, failed, succeeded
        case stopped = 10

        var isEnd: Bool { rawValue > Status.running.rawValue }
    }

    enum Fault: Hashable, Sendable {
        /// Nobody dispatched it.
        case unknown(Int64)
        /// Dropped: it was not later than the report before.
        case notLater(Int64)
        /// Dropped: it came from another address than the instance was given to.
        case fromElsewhere(Int64)
        /// What had ended runs again.
        case revived(Int64, Status)
        /// What had ended has ended again; a failure may have it run again.
        case endedAgain(Int64, was: Status, is: Status)
    }

    fileprivate struct Instance {
        var status = Status.waitsForWorker
        var worker: String
        var lastReport: Int64 = .min
        /// How often a worker was heard to have begun it.
        var starts = 0
        /// From when on nothing may be said of it, in the worker's milliseconds: it has answered the stop.
        var silentFrom: Int64?
    }

    private struct State {
        var instances: [Int64: Instance] = [:]
        var retries: [Int64: Int] = [:]
        var faults: [Fault] = []
    }

    private let state = Mutex(State())

    var faults: [Fault] { state.withLock { $0.faults } }

    func status(of instance: Int64) -> Status? { state.withLock { $0.instances[instance]?.status } }

    /// What was given to workers and has not come to an end.
    var open: Set<Int64> {
        state.withLock { Set($0.instances.filter { !$0.value.status.isEnd }.keys) }
    }

    /// How often a failed instance is dispatched again.
    func retry(_ instance: Int64, times: Int) {
        state.withLock { $0.retries[instance] = times }
    }

    // MARK: What servers do

    /// A call to a worker. Reports can be quicker than its answer.
    func call<Answer>(
        _ worker: String, _ path: String, _ message: JSONValue, _ make: () async throws -> Answer
    ) async throws -> Answer {
        let id = message["instanceId"]?.looseInteger ?? 0
        state.withLock { state in
            switch path {
            case "/worker/runJob", "/taskTracker/runJob":
                var instance = state.instances[id] ?? Instance(worker: worker)
                (instance.status, instance.worker, instance.silentFrom) = (.waitsForWorker, worker, nil)
                state.instances[id] = instance
            case "/worker/stopInstance", "/taskTracker/stopInstance":
                state.instances[id]?.status = .stopped
            default: break
            }
        }
        let answer = try await make()
        state.withLock { state in
            guard state.instances[id]?.status == .stopped else { return }
            state.instances[id]?.silentFrom = ReportClock.machine
        }
        return answer
    }

    // MARK: What workers say

    /// A report of an instance. False: the server fails at it.
    func hear(_ report: JSONValue) -> Bool {
        guard let id = report["instanceId"]?.integer, let time = report["reportTime"]?.integer,
            let told = report["instanceStatus"]?.integer.flatMap(Status.init(rawValue:))
        else { return false }
        return state.withLock { state in
            guard var instance = state.instances[id] else {
                state.faults.append(.unknown(id))
                return false
            }
            guard time > instance.lastReport else {
                state.faults.append(.notLater(id))
                return true
            }
            guard report["sourceAddress"]?.string == instance.worker else {
                state.faults.append(.fromElsewhere(id))
                return true
            }
            instance.lastReport = time
            if instance.status == .stopped, time <= instance.silentFrom ?? .max {
                // It was on its way when the server said stop, which no worker can help.
            } else if let fault = instance.hear(told, of: id, retries: state.retries[id, default: 0]) {
                state.faults.append(fault)
            }
            state.instances[id] = instance
            return true
        }
    }
}

extension StandInStates.Instance {
    /// There is no guard: the last word holds.
    fileprivate mutating func hear(
        _ told: StandInStates.Status, of id: Int64, retries: Int
    ) -> StandInStates.Fault? {
        let before = status
        if before == .waitsForWorker { starts += 1 }
        status = told == .failed && starts <= retries ? .waitsForDispatch : told
        guard before.isEnd || before == .waitsForDispatch else { return nil }
        return told.isEnd ? .endedAgain(id, was: before, is: told) : .revived(id, before)
    }
}
