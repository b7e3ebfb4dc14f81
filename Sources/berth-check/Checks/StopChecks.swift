import CBerthPlugin
import CCheckShims
import CGuestWire.Shims

/// What happens when somebody asks a run to end.
enum StopChecks {
    private static let notCooperative: Words = "does not declare BERTH_FLAG_COOPERATIVE"

    static func anyTime(_ trial: Trial) -> Verdict {
        guard hasStop(trial.component) else { return .notApplicable("has no stop") }
        for after: Int64 in [0, 200_000, 2_000_000, 10_000_000] {
            var plan = trial.stopped(after: after)
            plan.stopsAround = true
            if after == 0 { plan.askAfter = nil }
            Report.doing("\(trial.component.id): stop before, during and after the run, each twice")
            plan.askAfter = plan.askAfter ?? 20_000_000
            _ = AttemptCall.make(trial.component, plan)
        }
        return .pass
    }

    private static func hasStop(_ component: Component) -> Bool {
        switch component.calls {
        case .handler: false
        case .processor(let processor): processor.stop != nil
        case .runner(let runner): runner.stop != nil
        }
    }

    static func immediate(_ trial: Trial) -> Verdict {
        guard trial.component.has(BERTH_FLAG_COOPERATIVE) else { return .notApplicable(notCooperative) }
        var best = Int64.max
        for _ in 0..<3 where best > 250_000_000 {
            best = min(best, trial.run(trial.stopped(after: 0), "a run that is cancelled before it starts").nanoseconds)
        }
        guard best > 250_000_000 else { return .pass }
        return .fail("takes \(best / 1_000_000) ms to see that it was cancelled before it started")
    }

    /// At random moments.
    static func latency(_ trial: Trial) -> Verdict {
        guard trial.component.has(BERTH_FLAG_COOPERATIVE) else { return .notApplicable(notCooperative) }
        var random = trial.random
        var worst: Int64 = 0
        var asked = 0
        for _ in 0..<(trial.order.isFull ? 20 : 4) {
            let plan = trial.stopped(after: 1_000 + Int64(random.below(30_000_000)))
            let outcome = trial.run(plan, "a run that is cancelled")
            guard let latency = outcome.latency else { continue }
            asked += 1
            worst = max(worst, latency)
        }
        guard asked > 0 else {
            return .passed("every run was over before it could be asked; give params for a longer one")
        }
        guard worst <= trial.component.graceNanoseconds else {
            return .fail(
                "took \(worst / 1_000_000) ms to end, and has \(trial.component.graceNanoseconds / 1_000_000) ms of grace"
            )
        }
        return .passed("\(asked) times asked, at most \(worst / 1000) us to the return")
    }

    /// The descriptor may be -1 and on_cancel may refuse: what is left has to do.
    static func eachForm(_ trial: Trial) -> Verdict {
        guard trial.component.has(BERTH_FLAG_COOPERATIVE) else { return .notApplicable(notCooperative) }
        let forms: [(Service, StaticString)] = [
            (.cancelDescriptor, "cancel_descriptor answers -1"), (.onCancel, "on_cancel refuses"),
        ]
        for (service, words) in forms {
            var plan = trial.stopped(after: 20_000_000)
            plan.faults = [Fault(service: service, ordinal: 0, code: BERTH_UNSUPPORTED)]
            plan.giveUpAfter = min(trial.component.graceNanoseconds, 2_000_000_000) + 500_000_000
            Report.doing("\(trial.component.id): cancelled while \(words)")
            _ = AttemptCall.make(trial.component, plan)
        }
        return .pass
    }

    static func deadline(_ trial: Trial) -> Verdict {
        guard trial.component.has(BERTH_FLAG_COOPERATIVE) else { return .notApplicable(notCooperative) }
        var plan = trial.stopped(after: 30_000_000, reason: BERTH_STOP_TIMEOUT)
        plan.deadline = 30_000_000
        let outcome = trial.run(plan, "a run whose deadline passes")
        guard let latency = outcome.latency, latency > trial.component.graceNanoseconds else { return .pass }
        return .fail("went on for \(latency / 1_000_000) ms after its deadline")
    }

    static func heartbeat(_ trial: Trial) -> Verdict {
        let stall = Int64(trial.component.facts.stall_ms) * 1_000_000
        guard stall > 0 else { return .notApplicable("declares no stall_ms") }
        var best = Int64.max
        for _ in 0..<3 where best > stall / 2 {
            best = min(best, trial.run(trial.plan(), "looking for signs of life").attempt.widestGap)
        }
        guard best > stall / 2 else { return .pass }
        return .fail("gave no sign of life for \(best / 1_000_000) ms, and declares \(stall / 1_000_000) ms at most")
    }

    static func runner(_ trial: Trial) -> Verdict {
        guard case .runner = trial.component.calls else { return .notApplicable("is no runner") }
        for after: Int64 in [20_000_000, 0, 1_000_000] {
            var plan = trial.stopped(after: after)
            plan.asksStatus = true
            plan.grace = 200_000_000
            plan.giveUpAfter = 3_000_000_000
            let outcome = trial.run(plan, "status, set_timeout, stop and kill during execute")
            if let why = outcome.complaint { return .fail(why) }
            let slowest = outcome.attempt.slowestCallback
            if slowest > 1_000_000_000 { return .fail("stop or kill took \(slowest / 1_000_000) ms to return") }
        }
        for (_, params) in trial.target.refused { _ = trial.run(trial.plan(params), "a run that fails") }
        return .pass
    }
}
