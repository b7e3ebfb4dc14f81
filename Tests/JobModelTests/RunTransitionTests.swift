import JobModel
import Testing

struct RunTransitionTests {
    /// Every legal pair, written a second time and by pairs instead of by moves; all others are illegal.
    private static let legal: [RunState: Set<RunState>] = [
        .pending: [.running, .held, .failed, .cancelled, .skipped, .expired],
        .running: [.succeeded, .failed, .cancelled, .held, .pending],
        .held: [.pending, .succeeded, .failed, .cancelled, .skipped, .expired],
        .failed: [.pending], .cancelled: [.pending], .skipped: [.pending], .expired: [.pending],
    ]

    @Test(arguments: RunState.allCases)
    func `a state becomes what the table says and nothing else`(from: RunState) {
        #expect(Set(RunState.allCases.filter(from.canBecome)) == RunTransitionTests.legal[from, default: []])
    }

    @Test func `success is final`() {
        #expect(!RunMove.allCases.contains { $0.from.contains(.succeeded) })
    }

    @Test func `only an attempt or a person who knows makes a success`() {
        #expect(RunMove.allCases.filter { $0.to.contains(.succeeded) } == [.end, .resolve])
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
                #expect(RunMove.end.leads(from: .running, to: next))
            }
        }
    }

    @Test func `the words of a move name its states`() {
        #expect(RunMove.start.fromWords == "pending")
        #expect(RunMove.close.fromWords == "pending or held")
        #expect(RunMove.reopen.fromWords == "held, failed, cancelled, skipped or expired")
    }
}
