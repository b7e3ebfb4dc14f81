import JobModel
import Testing

struct RunTransitionTests {
    /// Every legal pair; all others are illegal.
    private static let legal: [RunState: Set<RunState>] = [
        .pending: [.running, .cancelled, .skipped, .expired],
        .running: [.succeeded, .failed, .cancelled, .held, .pending],
        .held: [.pending, .succeeded, .failed, .cancelled, .skipped, .expired],
        .failed: [.pending], .cancelled: [.pending], .skipped: [.pending], .expired: [.pending],
    ]

    @Test(arguments: RunState.allCases)
    func `a state becomes what the table says and nothing else`(from: RunState) {
        #expect(Set(RunState.allCases.filter(from.canBecome)) == RunTransitionTests.legal[from, default: []])
    }

    @Test func `what decide answers is always legal for a running run`() {
        let outcomes = [0, 100, 101, 200, 300, 400, 411, 500, 502].compactMap { Outcome(stored: $0) }
        for outcome in outcomes {
            let end = AttemptEnd(
                outcome: outcome, startedAt: Instant(microseconds: 0), finishedAt: Instant(microseconds: 1))
            for repeatable in [true, false] {
                let counters = RunCounters(starts: 1)
                let next: RunState =
                    switch decide(end, policy: .standard, counters: counters, repeatable: repeatable, run: 1) {
                    case .end(let state, _): state
                    case .again: .pending
                    case .hold: .held
                    }
                #expect(RunState.running.canBecome(next))
            }
        }
    }
}
