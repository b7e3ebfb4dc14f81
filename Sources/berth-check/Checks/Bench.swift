import CBerthPlugin
import CCheckShims
import CGuestWire.Shims

/// How fast a component is, called the way the guest calls it, without a host around it.
enum Bench {
    private static let sampleLimit = 1 << 20

    /// Calls, nanoseconds in all, then the quantiles of one call, then bytes of memory for each run.
    static func measure(_ trial: Trial) -> Verdict {
        var plan = trial.plan()
        plan.askAfter = nil
        let first = trial.run(plan)
        guard first.code == BERTH_OK else { Report.broken("a run answered \(first.code): \(first.attempt.errorText)") }
        var samples: [Int64] = []
        samples.reserveCapacity(sampleLimit)
        for _ in 0..<100 where guest_monotonic() - first.attempt.startedAt < 200_000_000 { _ = trial.run(plan) }
        check_trim()
        let memory = Traces.residentBytes()
        let began = guest_monotonic()
        let end = began + Int64(trial.order.milliseconds) * 1_000_000
        Report.doing("\(trial.component.id): as fast as it can")
        repeat {
            samples.append(AttemptCall.make(trial.component, plan).nanoseconds)
        } while guest_monotonic() < end && samples.count < sampleLimit
        let elapsed = guest_monotonic() - began
        let grown = max(0, Traces.residentBytes() - memory)
        return .passed(summary(&samples, elapsed, grown, first.attempt.outputLength))
    }

    private static func summary(_ samples: inout [Int64], _ elapsed: Int64, _ grown: Int, _ output: UInt64) -> Words {
        samples.sort()
        func quantile(_ thousandth: Int) -> Int64 { samples[min(samples.count - 1, samples.count * thousandth / 1000)] }
        return """
            \(samples.count) \(elapsed) \(quantile(500)) \(quantile(900)) \(quantile(990)) \(quantile(999)) \
            \(samples[samples.count - 1]) \(grown / samples.count) \(output)
            """
    }
}
