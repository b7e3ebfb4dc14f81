/// What happens to a run after an attempt of it ended.
package enum Decision: Hashable, Sendable {
    case end(RunState, RunCounters)
    /// Back to pending, not before `due`.
    case again(due: Instant, RunCounters)
    /// A person must say what happens next; the reason is a sentence for them.
    case hold(RunCounters, reason: String)
}

/// The one judge of what follows an attempt. Pure: success, failure, time limit, crash and rescue all come through here.
///
/// `counters` include the start of the attempt that ended. `repeatable` is what the component declared. `since` is when the
/// run was first to start, from which its age counts; nil: it has none. The same
/// arguments give the same answer, the spread of delays too.
package func decide(
    _ end: AttemptEnd, policy: RunPolicy, counters: RunCounters, repeatable: Bool, run: RunID, since: Instant? = nil
) -> Decision {
    let judge = Judge(
        end: end, policy: policy, mayRepeatUnknown: repeatable && policy.onUnknown == .rerun, repeatable: repeatable,
        run: run, since: since)
    return switch end.outcome {
    case .succeeded: .end(.succeeded, counters)
    case .cancelled: .end(.cancelled, counters)
    case .failed(let retryable): judge.failed(counters, retryable: retryable)
    case .timedOut: judge.timedOut(counters)
    case .crashed(let kind): judge.crashed(counters, kind)
    case .interrupted(let reason): judge.interrupted(counters, reason)
    }
}

private struct Judge {
    let end: AttemptEnd
    let policy: RunPolicy
    let mayRepeatUnknown: Bool
    let repeatable: Bool
    let run: RunID
    let since: Instant?

    func failed(_ before: RunCounters, retryable: Bool) -> Decision {
        var counters = before
        counters.failures = before.failures.oneMore
        guard retryable, counters.failures < policy.retry.attempts else { return .end(.failed, counters) }
        return again(counters, number: counters.failures)
    }

    /// Nobody knows how far it came, so that going again is a repetition. Out of attempts, there is nothing to ask.
    func timedOut(_ before: RunCounters) -> Decision {
        let next = failed(before, retryable: true)
        guard case .again(_, let counters) = next, !mayRepeatUnknown else { return next }
        return hold(counters, because: "its time ran out")
    }

    func crashed(_ before: RunCounters, _ kind: CrashClass) -> Decision {
        var counters = before
        counters.crashes = before.crashes.oneMore
        guard !kind.leavesEffectUnknown || mayRepeatUnknown else { return hold(counters, because: kind.words) }
        guard counters.crashes < policy.retry.crashes, policy.retry.attempts > 1 else {
            return .end(.failed, counters)
        }
        return again(counters, number: counters.crashes)
    }

    /// Costs no attempt and knows no limit: it was our doing.
    func interrupted(_ before: RunCounters, _ reason: Interruption) -> Decision {
        var counters = before
        counters.interruptions = before.interruptions.oneMore
        guard mayRepeatUnknown else { return hold(counters, because: reason.words) }
        return .again(due: end.finishedAt, counters)
    }

    private func again(_ counters: RunCounters, number: Int32) -> Decision {
        let wished = min(end.retryAfter ?? .zero, RetryPolicy.longestWish)
        let delay = max(policy.retry.delay(beforeRetry: number, of: run), wished)
        let due = end.finishedAt + delay
        if let within = policy.retry.within, let since, due - since > within { return .end(.failed, counters) }
        return .again(due: due, counters)
    }

    private func hold(_ counters: RunCounters, because what: String) -> Decision {
        // Of a component that is not there, the policy alone is known.
        let why = repeatable ? "the run says on_unknown: hold" : "the component is not repeatable"
        return .hold(counters, reason: "\(what); its effect is unknown and \(why): retry or resolve it")
    }
}

extension Int32 {
    /// Counters stop at their end instead of trapping.
    fileprivate var oneMore: Int32 { self == .max ? .max : self + 1 }
}
