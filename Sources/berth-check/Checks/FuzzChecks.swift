import CBerthPlugin
import CCheckShims
import CGuestWire.Shims

/// Random runs: of any of the components, with any params, stopped at any time, with a host that refuses at random.
enum FuzzChecks {
    /// Params at random, and nothing else out of the ordinary.
    static func params(_ trials: [Trial], _ random: Random, count: Int) -> Verdict {
        var random = random
        return go(trials, count: count) { trial in
            var plan = trial.plan(mutated(trial, &random))
            // So that many runs fit into the time there is.
            plan.askAfter = 20_000_000
            return plan
        } choose: {
            random.below($0)
        }
    }

    static func sequences(_ trials: [Trial], _ random: Random, count: Int) -> Verdict {
        var random = random
        return go(trials, count: count) { trial in
            var plan = trial.plan(mutated(trial, &random))
            plan.askAfter = Int64(random.below(3) == 0 ? 0 : random.below(5_000_000))
            plan.reason = Int32(1 + random.below(4))
            for _ in 0..<random.below(3) {
                let service = Service.refusing[random.below(Service.refusing.count)]
                plan.faults.append(
                    Fault(service: service, ordinal: random.below(4), code: Int32(250 + random.below(7))))
            }
            if random.below(8) == 0 { plan.outputLimit = UInt64(random.below(64)) }
            plan.stage = UInt32(random.below(8) == 0 ? random.below(5) : 0)
            return plan
        } choose: {
            random.below($0)
        }
    }

    private static func go(
        _ trials: [Trial], count: Int, _ plan: (Trial) -> Plan, choose: (Int) -> Int
    ) -> Verdict {
        let end = guest_monotonic() + trials.reduce(0) { $0 + $1.budget }
        for turn in 1...count where guest_monotonic() < end {
            let trial = trials[choose(trials.count)]
            let next = plan(trial)
            Report.doing("random run \(turn) with this seed: \(trial.component.id) with params \(next.params)")
            let code = AttemptCall.make(trial.component, next).code
            guard code > -1000 else { return .fail("random run \(turn) answered \(code)") }
        }
        return .pass
    }

    private static func mutated(_ trial: Trial, _ random: inout Random) -> [UInt8] {
        let all = trial.everything.filter { $0.params.count < 4096 }
        var bytes = all.isEmpty ? trial.params : all[random.below(all.count)].params
        guard random.below(2) == 0 else { return bytes }
        for _ in 0...random.below(4) {
            let place = random.below(bytes.count)
            switch random.below(3) {
            case 0 where !bytes.isEmpty: bytes[place] = UInt8(truncatingIfNeeded: random.next())
            case 1 where bytes.count > 1: bytes.remove(at: place)
            default: bytes.insert(UInt8(truncatingIfNeeded: random.next()), at: place)
            }
        }
        return bytes
    }
}
