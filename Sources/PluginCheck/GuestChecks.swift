import Foundation
import GuestPool
import JobModel
import Synchronization

/// The checks that need a real guest and its sandbox.
struct GuestChecks: Sendable {
    let live: LiveChecks

    /// What fails with the grants that the flags declare, and works with more.
    func sandboxNeeds() async -> CheckResult.Verdict {
        for target in live.targets {
            let declared = await attempt(target, live.grants, FileAccess())
            guard declared.outcome != .succeeded, declared.outcome != .cancelled, declared.outcome != .timedOut else {
                continue
            }
            guard live.exam.request.isTrusted else {
                return .passed("\(target.id) fails with these params; --trust finds out whether more grants would help")
            }
            let everything = FileAccess(read: ["/"])
            if await attempt(target, live.grants, everything).outcome == .succeeded {
                return .passed("\(target.id) reads files with these params; an operator allows it with access.read")
            }
            if await attempt(target, [.network, .subprocess], everything).outcome == .succeeded {
                let why = declared.message.map { " (\($0))" } ?? ""
                return .failed("\(target.id) works with the network and programs allowed, and fails without\(why)")
            }
        }
        return .passed("")
    }

    private func attempt(_ target: ProbeTarget, _ grants: Grants, _ access: FileAccess) async -> AttemptEnd {
        let index = live.descriptor.components.firstIndex { $0.id == target.id } ?? 0
        let order = AttemptOrder(
            key: AttemptKey(run: live.exam.ends.nextRun(), number: 1), slot: 0,
            spec: live.exam.pool.intern(live.exam.spec(.standard, grants: grants, access: access)),
            component: UInt32(index), rootRun: 1, params: target.params.normal.first ?? Array("{}".utf8),
            limit: .milliseconds(500), grace: .milliseconds(200))
        live.exam.pool.submit([.run(order)])
        return await live.exam.ends.end(of: order.key.run)
    }
}

/// Ends of attempts, and who waits for them. The pool delivers on its own thread.
final class AttemptEnds: Sendable {
    private struct State {
        var lastRun: RunID = 0
        var ended: [RunID: AttemptEnd] = [:]
        var waiting: [RunID: CheckedContinuation<AttemptEnd, Never>] = [:]
    }

    private let state = Mutex(State())

    func nextRun() -> RunID {
        state.withLock { state in
            state.lastRun += 1
            return state.lastRun
        }
    }

    func take(_ events: [GuestEvent]) {
        for event in events {
            switch event {
            case .ended(let key, let end): take(end, of: key.run)
            case .neverStarted(let key):
                let never = Instant(microseconds: 0)
                take(AttemptEnd(outcome: .cancelled, startedAt: never, finishedAt: never), of: key.run)
            default: break
            }
        }
    }

    private func take(_ end: AttemptEnd, of run: RunID) {
        let waiter = state.withLock { state in
            let waiter = state.waiting.removeValue(forKey: run)
            if waiter == nil { state.ended[run] = end }
            return waiter
        }
        waiter?.resume(returning: end)
    }

    func end(of run: RunID) async -> AttemptEnd {
        await withCheckedContinuation { waiter in
            let known = state.withLock { state in
                let known = state.ended.removeValue(forKey: run)
                if known == nil { state.waiting[run] = waiter }
                return known
            }
            if let known { waiter.resume(returning: known) }
        }
    }
}
