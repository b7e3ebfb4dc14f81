import JobModel
import Testing

struct DecisionTests {
    private let finished = Instant(microseconds: 1_000_000_000)

    private func judge(
        _ outcome: Outcome, policy: RunPolicy = .standard, counters: RunCounters = RunCounters(starts: 1),
        repeatable: Bool = true, retryAfter: Duration? = nil, run: RunID = 7
    ) -> Decision {
        let end = AttemptEnd(
            outcome: outcome, retryAfter: retryAfter, startedAt: Instant(microseconds: 0), finishedAt: finished)
        return decide(end, policy: policy, counters: counters, repeatable: repeatable, run: run)
    }

    private func fixed(_ seconds: Int, attempts: Int = 3, crashes: Int = 3) -> RunPolicy {
        RunPolicy(retry: RetryPolicy(attempts: attempts, delay: .fixed(.seconds(seconds)), crashes: crashes))
    }

    @Test func `success and cancel end the run and touch no counter`() {
        let counters = RunCounters(starts: 4, failures: 1, crashes: 1, interruptions: 1)
        #expect(judge(.succeeded, counters: counters) == .end(.succeeded, counters))
        #expect(judge(.cancelled, counters: counters) == .end(.cancelled, counters))
    }

    @Test func `no attempt follows when the run would be too old by then`() {
        let policy = RunPolicy(retry: RetryPolicy(attempts: 9, delay: .fixed(.seconds(60)), within: .seconds(600)))
        let failed = AttemptEnd(
            outcome: .failed(retryable: true), startedAt: Instant(microseconds: 0), finishedAt: finished)
        func next(since: Instant?) -> Decision {
            decide(failed, policy: policy, counters: RunCounters(starts: 1), repeatable: true, run: 7, since: since)
        }
        let counters = RunCounters(starts: 1, failures: 1)
        let due = finished + .seconds(60)
        #expect(next(since: nil) == .again(due: due, counters))
        #expect(next(since: finished + .seconds(-540)) == .again(due: due, counters))
        #expect(next(since: finished + .seconds(-541)) == .end(.failed, counters))
    }

    @Test func `a permanent failure ends the run at once`() {
        #expect(judge(.failed(retryable: false)) == .end(.failed, RunCounters(starts: 1, failures: 1)))
    }

    @Test(arguments: [Outcome.failed(retryable: true), .timedOut])
    func `a failure goes again until the attempts are used up`(outcome: Outcome) {
        let policy = fixed(5)
        #expect(
            judge(outcome, policy: policy)
                == .again(due: finished + .seconds(5), RunCounters(starts: 1, failures: 1)))
        #expect(
            judge(outcome, policy: policy, counters: RunCounters(starts: 2, failures: 1))
                == .again(due: finished + .seconds(5), RunCounters(starts: 2, failures: 2)))
        #expect(
            judge(outcome, policy: policy, counters: RunCounters(starts: 3, failures: 2))
                == .end(.failed, RunCounters(starts: 3, failures: 3)))
    }

    @Test(arguments: [1, 0, -3])
    func `one attempt or fewer means no retry after failure or crash`(attempts: Int) {
        let policy = fixed(5, attempts: attempts)
        #expect(judge(.failed(retryable: true), policy: policy) == .end(.failed, RunCounters(starts: 1, failures: 1)))
        #expect(judge(.crashed(.abort), policy: policy) == .end(.failed, RunCounters(starts: 1, crashes: 1)))
    }

    @Test func `a plugin may ask for a longer delay but not for a shorter one and not beyond a day`() {
        let counters = RunCounters(starts: 1, failures: 1)
        func due(_ wish: Duration) -> Decision {
            judge(.failed(retryable: true), policy: fixed(60), retryAfter: wish)
        }
        #expect(due(.seconds(1)) == .again(due: finished + .seconds(60), counters))
        #expect(due(.seconds(90)) == .again(due: finished + .seconds(90), counters))
        #expect(due(.seconds(1_000_000)) == .again(due: finished + .seconds(86_400), counters))
    }

    @Test func `crashes have a limit of their own`() {
        let policy = fixed(5, attempts: 9, crashes: 2)
        #expect(
            judge(.crashed(.memoryFault), policy: policy, counters: RunCounters(starts: 8, failures: 7))
                == .again(due: finished + .seconds(5), RunCounters(starts: 8, failures: 7, crashes: 1)))
        #expect(
            judge(.crashed(.memoryFault), policy: policy, counters: RunCounters(starts: 9, failures: 7, crashes: 1))
                == .end(.failed, RunCounters(starts: 9, failures: 7, crashes: 2)))
    }

    @Test func `a crash with unknown effect holds what must not be repeated`() {
        let counters = RunCounters(starts: 1, crashes: 1)
        #expect(
            judge(.crashed(.memoryFault), repeatable: false)
                == .hold(
                    counters,
                    reason:
                        "memory fault; its effect is unknown and the component is not repeatable: retry or resolve it"))
        #expect(
            judge(.crashed(.memoryFault), policy: RunPolicy(onUnknown: .hold))
                == .hold(
                    counters,
                    reason: "memory fault; its effect is unknown and the run says on_unknown: hold: retry or resolve it"
                )
        )
    }

    @Test func `a plugin that never loaded had no effect and goes again`() {
        let policy = fixed(5)
        #expect(
            judge(.crashed(.loadFailed), policy: policy, repeatable: false)
                == .again(due: finished + .seconds(5), RunCounters(starts: 1, crashes: 1)))
    }

    @Test(arguments: Interruption.allCases)
    func `an interruption goes again at once and has no limit`(reason: Interruption) {
        let counters = RunCounters(starts: 900, interruptions: 899)
        #expect(
            judge(.interrupted(reason), policy: fixed(5, attempts: 1, crashes: 1), counters: counters)
                == .again(due: finished, RunCounters(starts: 900, interruptions: 900)))
    }

    @Test func `an interruption holds what must not be repeated`() {
        guard case .hold(let counters, _) = judge(.interrupted(.hostDied), repeatable: false) else {
            Issue.record("not held")
            return
        }
        #expect(counters == RunCounters(starts: 1, interruptions: 1))
    }

    @Test func `counters at their end do not trap`() {
        let counters = RunCounters(starts: .max, failures: .max, crashes: .max, interruptions: .max)
        #expect(judge(.failed(retryable: true), counters: counters) == .end(.failed, counters))
        #expect(judge(.crashed(.abort), counters: counters) == .end(.failed, counters))
        #expect(judge(.interrupted(.shutdown), counters: counters) == .again(due: finished, counters))
    }

    @Test func `a time limit leaves the effect unknown, so what may not be repeated is held`() throws {
        var hold = fixed(5)
        hold.onUnknown = .hold
        let counters = RunCounters(starts: 1, failures: 1)
        for decision in [judge(.timedOut, policy: fixed(5), repeatable: false), judge(.timedOut, policy: hold)] {
            guard case .hold(counters, let reason) = decision else {
                Issue.record("\(decision)")
                continue
            }
            #expect(reason.contains("its time ran out"))
        }
    }

    @Test func `a time limit in the last attempt ends the run, repeatable or not`() {
        let last = RunCounters(starts: 3, failures: 2)
        #expect(
            judge(.timedOut, policy: fixed(5), counters: last, repeatable: false)
                == .end(.failed, RunCounters(starts: 3, failures: 3)))
    }
}
