import CBerthPlugin
import CCheckShims
import CGuestWire.Shims

/// What components leave behind, and what they share.
enum LifeChecks {
    private static let leakPerFailure = 64
    private static let growthPerRun = 1024

    /// Failing runs give back what they took.
    static func balanced(_ trial: Trial) -> Verdict {
        guard let plan = failing(trial) else { return .notApplicable("no params made it fail") }
        let warm = trial.repeat(200) { _ in trial.run(plan, "a run that fails").code != BERTH_OK }
        let before = check_allocated()
        let count = trial.repeat(800) { _ in trial.run(plan, "a run that fails").code != BERTH_OK }
        let after = check_allocated()
        guard warm + count > 20, after > before else { return .pass }
        let each = Int(after - before) / count
        return each > leakPerFailure ? .fail("each failed run leaves \(each) bytes that are never freed") : .pass
    }

    private static func failing(_ trial: Trial) -> Plan? {
        for (_, params) in trial.target.refused + trial.target.odd where params.count < 4096 {
            let plan = trial.plan(params)
            if trial.run(plan, "looking for params that fail").code != BERTH_OK { return plan }
        }
        return nil
    }

    static func memoryGrowth(_ trial: Trial) -> Verdict {
        let plan = trial.plan()
        let count = trial.order.isFull ? 10_000 : 1000
        _ = trial.repeat(count / 5) { _ in trial.run(plan).nanoseconds < trial.budget }
        check_trim()
        let before = Traces.residentBytes()
        let made = trial.repeat(count) { _ in trial.run(plan).nanoseconds < trial.budget }
        check_trim()
        let grown = Traces.residentBytes() - before
        guard grown > max(512 << 10, made * growthPerRun) else { return .pass }
        return .fail("\(made) runs took \(grown >> 10) KiB more memory, \(grown / made) bytes for each run")
    }

    static func descriptorGrowth(_ trial: Trial) -> Verdict {
        let plan = trial.plan()
        _ = trial.run(plan)
        settle(until: 0)
        let before = Traces.now()
        let made = trial.repeat(trial.order.isFull ? 1000 : 100) { _ in trial.run(plan).nanoseconds < trial.budget }
        settle(until: before.threads)
        let after = Traces.now()
        if after.descriptors > before.descriptors {
            return .fail("\(made) runs left \(after.descriptors - before.descriptors) descriptors open")
        }
        if after.threads > before.threads {
            return .fail("\(made) runs left \(after.threads - before.threads) threads behind")
        }
        if after.children > before.children { return .fail("runs left processes behind that nobody waits for") }
        return .pass
    }

    /// Threads that are about to end get a moment for it.
    private static func settle(until threads: Int) {
        for _ in 0..<20 where Traces.now().threads > threads { usleep(5_000) }
    }

    static func signals(_ trial: Trial) -> Verdict {
        let before = Traces.now()
        for (_, params) in trial.everything { _ = trial.run(trial.plan(params), "looking at signals") }
        _ = trial.run(trial.stopped(after: 1_000_000), "looking at signals")
        guard let signal = Traces.now().changedSignal(since: before) else { return .pass }
        return .fail("a run changed the handler or the mask of signal \(signal)")
    }

    static func determinism(_ trial: Trial) -> Verdict {
        guard trial.component.has(BERTH_FLAG_PURE) else { return .notApplicable("does not declare BERTH_FLAG_PURE") }
        var all = Hash()
        for params in trial.target.normal {
            let first = trial.run(trial.plan(params)).outputHash
            let second = trial.run(trial.plan(params)).outputHash
            guard first == second else { return .fail("emitted something else the second time for \(params)") }
            all.add(first)
        }
        return .value(all.value)
    }

    /// Runs once, or until the service call at which the process is to die; the keys stay in a file.
    static func idempotence(_ trial: Trial, _ file: Int32) -> Verdict {
        guard !trial.component.has(BERTH_FLAG_NOT_REPEATABLE) else {
            return .notApplicable("declares BERTH_FLAG_NOT_REPEATABLE")
        }
        FakeHost.store.die(at: trial.order.dieAt)
        FakeHost.store.keep(in: file)
        let attempt = trial.run(trial.plan(), "a run that is killed on the way").attempt
        guard attempt.calls[Service.keyPut.rawValue] > 0 else { return .notApplicable("keeps no state with kv_put") }
        return .value(FakeHost.store.hash)
    }

    static func foreignThreads(_ trial: Trial) -> Verdict {
        for (_, params) in trial.everything { _ = trial.run(trial.plan(params), "looking at threads") }
        guard let service = FakeHost.breaches.first(.foreign) else { return .pass }
        return .fail("calls \(service.name) on a thread of its own; it belongs to the thread of the call")
    }

    static func lateCalls(_ trial: Trial) -> Verdict {
        for params in trial.target.normal {
            _ = trial.run(trial.plan(params), "looking for calls after the return")
            usleep(trial.order.isFull ? 200_000 : 30_000)
        }
        _ = trial.run(trial.stopped(after: 1_000_000), "looking for calls after the return")
        usleep(20_000)
        guard let service = FakeHost.breaches.first(.late) else { return .pass }
        return .fail("calls \(service.name) with a context that is over")
    }

    /// Results are the ordinary ones, or an error: never something else.
    static func allocation(_ trial: Trial) -> Verdict {
        let ordinary = trial.run(trial.plan())
        let expected = ordinary.outputHash
        guard ordinary.code == BERTH_OK, trial.run(trial.plan()).outputHash == expected else {
            return .notApplicable("its output is not the same twice with these params")
        }
        for room: UInt64 in [8 << 20, 1 << 20, 128 << 10, 0] {
            check_trim()
            guard guest_limit_memory(UInt64(Traces.dataBytes()) + room) == 0 else { return .pass }
            let outcome = trial.run(trial.plan(), "a run with hardly any memory")
            guard outcome.code != BERTH_OK || outcome.outputHash == expected else {
                return .fail(
                    "with \(room >> 10) KiB of memory left it emits something else and says that all went well")
            }
        }
        return .pass
    }
}
