import CBerthPlugin
import CCheckShims
import CGuestWire.Shims

/// One component under one check.
struct Trial {
    let component: Component
    let target: Order.Target
    let order: Order
    /// Nanoseconds that repeating may take; the check's whole time is shared between the components.
    let budget: Int64
    var random: Random

    private static let empty: [UInt8] = [0x7B, 0x7D]

    var params: [UInt8] { target.normal.first ?? Self.empty }

    /// An ordinary run, asked to stop when it goes on for long, so that no check waits for an endless one.
    func plan() -> Plan {
        var plan = Plan()
        plan.params = params
        if case .processor = component.calls { plan.stage = BERTH_STAGE_ROOT }
        plan.askAfter = order.isFull ? 1_000_000_000 : 100_000_000
        plan.grace = component.graceNanoseconds
        plan.giveUpAfter = min(component.graceNanoseconds, 2_000_000_000) + 1_000_000_000
        plan.isBrokenThen = true
        return plan
    }

    func plan(_ params: [UInt8]) -> Plan {
        var plan = plan()
        plan.params = params
        return plan
    }

    /// A run that somebody stops: `after` the start, and it has the component's grace for it.
    func stopped(after: Int64, reason: Int32 = BERTH_STOP_CANCEL) -> Plan {
        var plan = plan()
        plan.askAfter = after
        plan.reason = reason
        plan.giveUpAfter = component.graceNanoseconds + 1_000_000_000
        plan.isBrokenThen = false
        return plan
    }

    func run(_ plan: Plan, _ what: StaticString = "an ordinary run", slot: Int = 0) -> Outcome {
        Report.doing("\(component.id): \(what), params \(plan.params)")
        return AttemptCall.make(component, plan, slot: slot)
    }

    /// Every kind of params there is for this component, with a word for each.
    var everything: [(label: [UInt8], params: [UInt8])] {
        target.normal.map { (Words("ordinary params").bytes, $0) } + target.refused + target.odd
    }

    /// Repeats until the budget is used or `count` is reached; false from `body` ends it. Returns how often.
    func `repeat`(_ count: Int, _ body: (Int) -> Bool) -> Int {
        let end = guest_monotonic() + budget
        for turn in 0..<count {
            if !body(turn) || guest_monotonic() > end { return turn + 1 }
        }
        return count
    }
}
