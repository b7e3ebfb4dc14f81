import CBerthPlugin
import CCheckShims
import CGuestWire.Shims

/// Attempts at once give what attempts one after the other give.
enum ConcurrencyCheck {
    static func overlapping(_ trial: Trial) -> Verdict {
        guard trial.component.has(BERTH_FLAG_CONCURRENT), !trial.component.has(BERTH_FLAG_SAME_THREAD) else {
            return .notApplicable("does not declare BERTH_FLAG_CONCURRENT alone")
        }
        let declared = Int(trial.component.facts.max_concurrency)
        let width = min(declared < 2 ? 4 : declared, 16, FakeHost.attempts.count - 1)
        let expected = (0..<width).map { trial.run(plan(trial, $0)).outputHash }
        for _ in 0..<(trial.order.isFull ? 20 : 5) {
            let found = Team(trial, width).work()
            for index in 0..<width where found[index] != expected[index] {
                return .fail("\(width) runs at once: one emitted something else than it does alone")
            }
        }
        return .pass
    }

    /// Each of the runs has a number and params of its own.
    static func plan(_ trial: Trial, _ index: Int) -> Plan {
        let params = trial.target.normal
        var plan = trial.plan(params.isEmpty ? trial.params : params[index % params.count])
        plan.run = UInt64(index + 1)
        return plan
    }
}

/// Threads that each make one attempt. Unchecked because `found`, `ready` and `done` are reached with `gate` locked.
private final class Team: @unchecked Sendable {
    private let gate = Lock()
    private let trial: Trial
    private let width: Int
    private var found: [UInt64]
    private var ready = 0
    private var done = 0

    init(_ trial: Trial, _ width: Int) {
        self.trial = trial
        self.width = width
        found = [UInt64](repeating: 0, count: width)
    }

    func work() -> [UInt64] {
        Report.doing("\(trial.component.id): \(width) runs at once")
        for index in 0..<width {
            guard startThread(stackBytes: 8 << 20, { [self] in run(index) }) == 0 else {
                Report.broken("no thread to be had")
            }
        }
        gate.lock()
        while done < width { gate.wait() }
        defer { gate.unlock() }
        return found
    }

    /// All begin at the same moment.
    private func run(_ index: Int) {
        gate.lock()
        ready += 1
        gate.wakeAll()
        while ready < width { gate.wait() }
        gate.unlock()
        let plan = ConcurrencyCheck.plan(trial, index)
        let hash = AttemptCall.make(trial.component, plan, slot: index + 1).outputHash
        gate.lock()
        found[index] = hash
        done += 1
        gate.wakeAll()
        gate.unlock()
    }
}
