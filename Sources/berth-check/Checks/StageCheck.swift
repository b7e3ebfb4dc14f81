import CBerthPlugin
import CCheckShims
import CGuestWire.Shims

/// A root that makes children, the children, and the reduce that sees what became of them.
enum StageCheck {
    static func mapReduce(_ trial: Trial) -> Verdict {
        guard case .processor = trial.component.calls else { return .notApplicable("is no processor") }
        let root = trial.run(staged(trial, BERTH_STAGE_ROOT, trial.params), "the root stage")
        let children = root.attempt.children
        guard !children.isEmpty else { return .notApplicable("makes no children with these params") }
        guard root.code == BERTH_OK else { return .fail("the root stage made children and answered \(root.code)") }
        var results: [[UInt8]] = []
        for (index, params) in children.prefix(64).enumerated() {
            var plan = staged(trial, BERTH_STAGE_CHILD, params)
            plan.childIndex = UInt64(index)
            let child = trial.run(plan, "the child stage")
            guard child.code == BERTH_OK else { return .fail("child \(index) answered \(child.code) to \(params)") }
            guard child.attempt.children.isEmpty else { return .fail("a child made children, which the host refuses") }
            results.append(child.attempt.output)
        }
        return reduce(trial, results)
    }

    private static func reduce(_ trial: Trial, _ results: [[UInt8]]) -> Verdict {
        var plan = staged(trial, BERTH_STAGE_REDUCE, trial.params)
        plan.results = results
        let whole = trial.run(plan, "the reduce stage")
        guard whole.code == BERTH_OK else { return .fail("the reduce stage answered \(whole.code)") }
        let read = whole.attempt.resultsRead
        guard read == results.count else { return .fail("the reduce stage read \(read) of \(results.count) results") }
        let none = trial.run(staged(trial, BERTH_STAGE_REDUCE, trial.params), "the reduce stage without any results")
        guard (0...199).contains(none.code) else {
            return .fail("the reduce stage of no children answered \(none.code)")
        }
        return .pass
    }

    private static func staged(_ trial: Trial, _ stage: UInt32, _ params: [UInt8]) -> Plan {
        var plan = trial.plan(params)
        plan.stage = stage
        plan.keepsOutput = true
        return plan
    }
}
