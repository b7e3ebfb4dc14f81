import CBerthPlugin
import CCheckShims
import CGuestWire.Shims

/// What components do with params nobody expects, and with a host that refuses.
enum InputChecks {
    static func refused(_ trial: Trial) -> Verdict {
        for (label, params) in trial.target.refused {
            let code = trial.run(trial.plan(params), "params to be refused").code
            guard (100...199).contains(code) else {
                return .fail("\(label): answered \(code) to \(params), not 100 to 199 (BERTH_FAIL_PARAMS is 101)")
            }
        }
        for (label, params) in trial.target.odd {
            let code = trial.run(trial.plan(params), "odd params").code
            if (1...99).contains(code) {
                return .fail("\(label): answered \(code), so it would be tried again for ever")
            }
        }
        return .pass
    }

    static func empty(_ trial: Trial) -> Verdict {
        _ = trial.run(trial.plan([]), "params of no bytes")
        var plan = trial.plan([])
        plan.hasNullParams = true
        _ = trial.run(plan, "params of no bytes at a null pointer")
        return .pass
    }

    static func random(_ trial: Trial) -> Verdict {
        var random = trial.random
        let limit = trial.component.facts.max_input_bytes
        let length = limit == 0 ? 1 << 20 : Int(min(limit - 1, 1 << 20))
        for _ in 0..<3 {
            var plan = trial.plan(random.bytes(length))
            Report.doing("\(trial.component.id): \(length) random bytes as params")
            plan.askAfter = plan.askAfter.map { $0 * 3 }
            _ = AttemptCall.make(trial.component, plan)
        }
        return .pass
    }

    /// Ordinary params with blanks behind them, as long as the component said it takes.
    static func longest(_ trial: Trial) -> Verdict {
        let limit = trial.component.facts.max_input_bytes
        guard limit > 0 else { return .notApplicable("declares no max_input_bytes") }
        guard limit <= 64 << 20, Int(limit) >= trial.params.count else {
            return .notApplicable("max_input_bytes is \(limit)")
        }
        let ordinary = trial.run(trial.plan())
        let code = ordinary.code
        let params = trial.params + [UInt8](repeating: 0x20, count: Int(limit) - trial.params.count)
        Report.doing("\(trial.component.id): params of exactly max_input_bytes (\(limit))")
        let found = AttemptCall.make(trial.component, trial.plan(params)).code
        return found == code
            ? .pass : .fail("answered \(found) to params of max_input_bytes, and \(code) to short ones")
    }

    static func outputOverLimit(_ trial: Trial) -> Verdict {
        let ordinary = trial.run(trial.plan())
        guard ordinary.code == BERTH_OK, ordinary.attempt.outputLength > 0 else {
            return .notApplicable("emits nothing with these params")
        }
        for limit in [ordinary.attempt.outputLength - 1, 0] {
            var plan = trial.plan()
            plan.outputLimit = limit
            let code = trial.run(plan, "a run whose output may not be kept").code
            guard code != BERTH_OK else {
                return .fail("emit answered BERTH_TOO_LARGE, and it says that all went well")
            }
            guard !(1...99).contains(code) else {
                return .fail("answered \(code), so it would be tried again for ever")
            }
        }
        return .pass
    }

    /// Each call of each service is refused in turn.
    static func refusedServices(_ trial: Trial) -> Verdict {
        let services = trial.run(trial.plan()).attempt.usedServices
        guard !services.isEmpty else { return .notApplicable("calls no service that can refuse") }
        let codes =
            trial.order.isFull ? [BERTH_AGAIN, BERTH_UNSUPPORTED, BERTH_BAD_CALL, BERTH_TOO_LARGE] : [BERTH_AGAIN]
        for service in services {
            for code in codes {
                for ordinal in 1...(trial.order.isFull ? 8 : 3) {
                    if let why = refuse(trial, Fault(service: service, ordinal: ordinal, code: code)) {
                        return .fail(why)
                    }
                }
                if let why = refuse(trial, Fault(service: service, ordinal: 0, code: code)) { return .fail(why) }
            }
        }
        return .pass
    }

    private static func refuse(_ trial: Trial, _ fault: Fault) -> Words? {
        var plan = trial.plan()
        plan.faults = [fault]
        Report.doing(
            "\(trial.component.id): call \(fault.ordinal) (0: all) of \(fault.service.name) answers \(fault.code)")
        let outcome = AttemptCall.make(trial.component, plan)
        guard outcome.code == BERTH_OK, outcome.attempt.lost != nil else { return nil }
        return "emit answered \(fault.code), the output is lost, and it says that all went well"
    }
}
