import Foundation
import GuestPool
import JobModel
import Synchronization

/// The checks that need a real guest and its sandbox.
struct GuestChecks: Sendable {
    let live: LiveChecks

    /// What fails with the grants that the flags declare, and works with more.
    func sandboxNeeds() async -> CheckResult.Verdict {
        do throws(NeverRan) {
            for target in live.targets {
                if let verdict = try await needs(of: target) { return verdict }
            }
            return .passed("")
        } catch {
            return .notRun(error.why)
        }
    }

    /// Nil: nothing is to be said of it.
    private func needs(of target: ProbeTarget) async throws(NeverRan) -> CheckResult.Verdict? {
        let declared = try await attempt(target, live.grants, FileAccess())
        guard declared.outcome != .succeeded, declared.outcome != .cancelled, declared.outcome != .timedOut else {
            return nil
        }
        guard live.exam.request.isTrusted else {
            return .passed("\(target.id) fails with these params; --trust finds out whether more grants would help")
        }
        let everything = FileAccess(read: ["/"])
        if try await attempt(target, live.grants, everything).outcome == .succeeded {
            return .passed("\(target.id) reads files with these params; an operator allows it with access.read")
        }
        if try await attempt(target, [.network, .subprocess], everything).outcome == .succeeded {
            let why = declared.message.map { " (\($0))" } ?? ""
            return .failed("\(target.id) works with the network and programs allowed, and fails without\(why)")
        }
        return nil
    }

    private func attempt(
        _ target: ProbeTarget, _ grants: Grants, _ access: FileAccess
    ) async throws(NeverRan) -> AttemptEnd {
        let index = live.descriptor.components.firstIndex { $0.id == target.id } ?? 0
        let order = AttemptOrder(
            key: AttemptKey(run: live.exam.ends.nextRun(), number: 1), slot: 0,
            spec: live.exam.pool.intern(live.exam.spec(.standard, grants: grants, access: access)),
            component: UInt32(index), rootRun: 1, params: target.params.normal.first ?? Array("{}".utf8),
            limit: .milliseconds(500), grace: .milliseconds(200))
        live.exam.pool.submit([.run(order)])
        return try await live.exam.ends.end(of: order.key.run).get()
    }
}

/// An attempt or a process that was not made, so that nothing is known of the plugin. Why, in words.
struct NeverRan: Error, Hashable {
    var why: String
}

/// Ends of attempts, and who waits for them. The pool delivers on its own thread.
final class AttemptEnds: Sendable {
    typealias End = Result<AttemptEnd, NeverRan>

    private struct State {
        var lastRun: RunID = 0
        var ended: [RunID: End] = [:]
        var waiting: [RunID: CheckedContinuation<End, Never>] = [:]
    }

    private let state = Mutex(State())

    func nextRun() -> RunID {
        state.withLock { state in
            state.lastRun += 1
            return state.lastRun
        }
    }

    /// Why something was not started comes in the same batch, behind what was not.
    func take(_ events: [GuestEvent]) {
        let why = events.lazy.compactMap(\.shortage).last ?? "no guest was there to run it"
        for event in events {
            switch event {
            case .ended(let key, let end) where end.outcome == .crashed(.noGuest):
                take(.failure(NeverRan(why: end.message ?? CrashClass.noGuest.words)), of: key.run)
            case .ended(let key, let end): take(.success(end), of: key.run)
            case .neverStarted(let key): take(.failure(NeverRan(why: why)), of: key.run)
            default: break
            }
        }
    }

    private func take(_ end: End, of run: RunID) {
        let waiter = state.withLock { state in
            let waiter = state.waiting.removeValue(forKey: run)
            if waiter == nil { state.ended[run] = end }
            return waiter
        }
        waiter?.resume(returning: end)
    }

    func end(of run: RunID) async -> End {
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

extension GuestEvent {
    /// What the machine is short of, so that nothing is started.
    fileprivate var shortage: String? {
        switch self {
        case .noRoom(let words), .noProcess(let words): words
        case .ended, .neverStarted, .asked, .log: nil
        }
    }
}
