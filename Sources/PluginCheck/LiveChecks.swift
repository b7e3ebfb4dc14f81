import Foundation
import GuestPool
import JobModel
import PluginCatalog

/// The checks that run the plugin, each in a process of its own.
struct LiveChecks: Sendable {
    let exam: PluginExam
    let descriptor: PluginDescriptor
    let targets: [ProbeTarget]

    /// What the components checked declare.
    var flags: ComponentFlags {
        let ids = Set(targets.map(\.id))
        return descriptor.components.filter { ids.contains($0.id) }.reduce(into: []) { $0.formUnion($1.flags) }
    }

    var grants: Grants { flags.grants }

    /// Two at a time.
    func make(
        _ checks: [Check], known: [CheckResult], _ told: @escaping @Sendable (CheckResult) -> Void
    ) async -> [CheckResult] {
        let known = known.filter { checks.contains($0.check) }
        known.forEach(told)
        let done = Set(known.map(\.check))
        var waiting = checks.filter { !done.contains($0) }.makeIterator()
        let made = await withTaskGroup(of: CheckResult.self) { group in
            var results: [CheckResult] = []
            for check in [waiting.next(), waiting.next()].compactMap(\.self) { group.addTask { await make(check) } }
            for await result in group {
                told(result)
                results.append(result)
                if let check = waiting.next() { group.addTask { await make(check) } }
            }
            return results
        }
        return known + made
    }

    private func make(_ check: Check) async -> CheckResult {
        let start = ContinuousClock.now
        let verdict = await verdict(of: check)
        return CheckResult(check: check, verdict: verdict, seconds: (ContinuousClock.now - start) / .seconds(1))
    }

    private func verdict(of check: Check) async -> CheckResult.Verdict {
        switch check {
        case .manifestMatches: FileChecks(path: exam.library).manifest(against: descriptor)
        case .schemaValid: SchemaCheck.verdict(descriptor.components.filter { isChecked($0.id) })
        case .sandboxNeeds: await GuestChecks(live: self).sandboxNeeds()
        case .loadTime: await loadTime()
        case .descriptorStable, .determinism: await twice(check)
        case .idempotence: await idempotence()
        case .allocationFailure: await allocationFailure()
        case .sanitizer: .notApplicable("this is no sanitizer build")
        default: Self.verdict(await probe(check))
        }
    }

    private func isChecked(_ id: String) -> Bool { targets.contains { $0.id == id } }

    func probe(_ check: Check, _ change: (inout ProbeOrder) -> Void = { _ in }) async -> Prober.End {
        await exam.probe(check.name, targets: targets, grants: grants, change)
    }

    static func verdict(_ end: Prober.End) -> CheckResult.Verdict {
        switch end {
        case .passed(let text): .passed(text)
        case .failed(let text): .failed(text)
        case .skipped(let text): .notApplicable(text)
        case .value: .passed("")
        case .broken(let text): .notRun(text)
        case .died(let words, let doing): .failed(doing.isEmpty ? words : "\(words) while \(doing)")
        case .tookTooLong(let doing): .failed("did not come to an end while \(doing)")
        }
    }
}

extension LiveChecks {
    private static let loadLimit: UInt64 = 100_000

    /// The best of three, because a busy machine is not the plugin's fault.
    private func loadTime() async -> CheckResult.Verdict {
        var best = UInt64.max
        for _ in 0..<3 where best > Self.loadLimit {
            let end = await probe(.loadTime)
            guard case .value(let time) = end else {
                if case .broken = end { return Self.verdict(end) }
                return .notRun("it did not load")
            }
            best = min(best, time)
        }
        let words = String(format: "%.1f ms", Double(best) / 1000)
        return best > Self.loadLimit ? .failed("load and entry take \(words)") : .passed(words)
    }

    /// Two processes have to say the same.
    private func twice(_ check: Check) async -> CheckResult.Verdict {
        Self.same(await probe(check), await probe(check))
    }

    static func same(_ first: Prober.End, _ second: Prober.End) -> CheckResult.Verdict {
        guard case .value(let left) = first else { return verdict(first) }
        guard case .value(let right) = second else { return verdict(second) }
        return left == right ? .passed("") : .failed("another process says something else")
    }

    /// One whole run, then runs that die at each of their first service calls and are made again.
    private func idempotence() async -> CheckResult.Verdict {
        for target in targets {
            let whole = await attempts(of: target, dyingAt: [0])
            guard case .value(let expected) = whole else {
                if case .skipped = whole { continue }
                return Self.verdict(whole)
            }
            for call in 1...(exam.request.profile == .full ? 40 : 8) {
                let repeated = await attempts(of: target, dyingAt: [UInt64(call), 0])
                switch repeated {
                case .value(let found) where found != expected:
                    return .failed(
                        "\(target.id): killed at its service call \(call) and run again, it leaves other keys or values"
                    )
                case .broken: return Self.verdict(repeated)
                default: break
                }
            }
            return .passed("")
        }
        return .notApplicable("no component keeps state with kv_put, or all that do declare BERTH_FLAG_NOT_REPEATABLE")
    }

    /// Attempts in processes that share what kv_put kept.
    private func attempts(of target: ProbeTarget, dyingAt calls: [UInt64]) async -> Prober.End {
        let shared = exam.folder.appendingPathComponent("kept-\(UUID().uuidString)").path
        var end = Prober.End.broken("")
        for call in calls {
            end = await exam.probe(Check.idempotence.name, targets: [target], grants: grants) {
                $0.dieAt = call
                $0.scratch = shared
            }
            if case .broken = end { break }
        }
        return end
    }

    /// A process that ends for want of memory did not lie.
    private func allocationFailure() async -> CheckResult.Verdict {
        let end = await probe(.allocationFailure)
        if case .died(let words, _) = end { return .passed("\(words), and told no lies") }
        return Self.verdict(end)
    }

}

extension ComponentFlags {
    /// What the flags ask the sandbox for.
    var grants: Grants {
        var grants: Grants = []
        if contains(.network) { grants.insert(.network) }
        if contains(.subprocess) { grants.insert(.subprocess) }
        return grants
    }
}
