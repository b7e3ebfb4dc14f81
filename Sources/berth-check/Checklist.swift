import CBerthPlugin
import CCheckShims
import CGuestWire.Shims

/// The checks by name.
enum Checklist {
    private typealias ByComponent = (Trial) -> Verdict

    static func make(_ order: Order, state: Int32) -> Verdict {
        switch order.check {
        case "load-now": return LoadChecks.loadNow(order)
        case "load-time": return LoadChecks.loadTime(order)
        case "load-quiet": return LoadChecks.loadQuiet(order)
        case "entry-foreign-major": return LoadChecks.foreignMajor(order)
        case "entry-older-host": return LoadChecks.otherHost(order, HostTable.oldest())
        case "entry-newer-host": return LoadChecks.otherHost(order, HostTable.newer())
        case "entry-respects-out-size": return LoadChecks.outSize(order)
        case "entry-twice": return LoadChecks.twice(order)
        default: return withComponents(order, state)
        }
    }

    private static func withComponents(_ order: Order, _ state: Int32) -> Verdict {
        var subject = Subject(order.library)
        let table = HostTable.ordinary()
        if let why = subject.load() ?? subject.describe(table) ?? subject.start(order.configuration) {
            Report.broken(why)
        }
        FakeHost.stopper.start()
        let trials = trials(order, subject)
        guard !trials.isEmpty else { Report.broken("there is no such component") }
        switch order.check {
        case "descriptor-stable": return inTurn(trials) { CodeChecks.stable($0, &subject) }
        case "idempotence": return inTurn(trials) { LifeChecks.idempotence($0, state) }
        case "no-exit":
            return FuzzChecks.params(trials, Random(seed: order.seed), count: order.isFull ? 10_000 : 2500)
        case "fuzz": return FuzzChecks.sequences(trials, Random(seed: order.seed), count: order.isFull ? 1 << 30 : 1000)
        default: break
        }
        guard let check = check(order.check) else { Report.broken("berth-check knows no check \(order.check)") }
        return inTurn(trials, check)
    }

    private static func check(_ name: [UInt8]) -> ByComponent? {
        switch name {
        case "extension-unknown": CodeChecks.unknownExtension
        case "params-rejected": InputChecks.refused
        case "input-empty": InputChecks.empty
        case "input-random": InputChecks.random
        case "input-max": InputChecks.longest
        case "output-over-limit": InputChecks.outputOverLimit
        case "emit-refused": InputChecks.refusedServices
        case "lifecycle-balanced": LifeChecks.balanced
        case "lifecycle-stop-any-time": StopChecks.anyTime
        case "cancel-immediate": StopChecks.immediate
        case "cancel-latency": StopChecks.latency
        case "cancel-fd-and-callback": StopChecks.eachForm
        case "deadline-honoured": StopChecks.deadline
        case "heartbeat-present": StopChecks.heartbeat
        case "determinism": LifeChecks.determinism
        case "concurrency": ConcurrencyCheck.overlapping
        case "thread-declaration": LifeChecks.foreignThreads
        case "context-after-return": LifeChecks.lateCalls
        case "memory-growth": LifeChecks.memoryGrowth
        case "fd-growth": LifeChecks.descriptorGrowth
        case "allocation-failure": LifeChecks.allocation
        case "signals-untouched": LifeChecks.signals
        case "codes-in-range": CodeChecks.codesInRange
        case "error-text": CodeChecks.errorText
        case "mapreduce-shape": StageCheck.mapReduce
        case "runner-protocol": StopChecks.runner
        case "bench": Bench.measure
        default: nil
        }
    }

    private static func trials(_ order: Order, _ subject: Subject) -> [Trial] {
        let whole: Int64 = order.isFull ? 3_000_000_000 : 300_000_000
        let named = order.targets.isEmpty ? subject.components.map { Order.Target(id: $0.id) } : order.targets
        return named.compactMap { target in
            guard let component = subject.components.first(where: { $0.id == target.id }) else { return nil }
            return Trial(
                component: component, target: target, order: order, budget: whole / Int64(named.count),
                random: Random(seed: order.seed))
        }
    }

    /// The first failure; else what all agree on, else that it passed.
    private static func inTurn(_ trials: [Trial], _ check: (Trial) -> Verdict) -> Verdict {
        var passed = 0
        var reason: Words?
        var note: Words?
        var values: [UInt64] = []
        for trial in trials {
            switch check(trial) {
            case .pass: passed += 1
            case .passed(let words): (passed, note) = (passed + 1, words)
            case .fail(let words): return .fail(trials.count == 1 ? words : "\(trial.component.id): \(words)")
            case .notApplicable(let words): reason = reason ?? words
            case .value(let value): values.append(value)
            }
        }
        if !values.isEmpty {
            var hash = Hash()
            for value in values { hash.add(value) }
            return .value(hash.value)
        }
        if passed == 0, let reason { return .notApplicable(reason) }
        if trials.count == 1, let note { return .passed(note) }
        return .pass
    }
}

/// So that a name can be a case.
private func ~= (name: StaticString, bytes: [UInt8]) -> Bool {
    name.withUTF8Buffer { bytes.elementsEqual($0) }
}
