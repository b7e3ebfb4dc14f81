import Testing

@testable import JobModel

struct RunFiguresTests {
    @Test func `Every outcome and every end has its place`() {
        var figures = RunFigures()
        let outcomes: [Outcome] = [
            .succeeded, .failed(retryable: true), .failed(retryable: false), .cancelled, .timedOut,
            .crashed(.memoryFault), .interrupted(.hostDied),
        ]
        for outcome in outcomes { figures.count(end(outcome)) }
        #expect(
            zip(RunFigures.attemptWords, figures.attempts).map { "\($0) \($1)" } == [
                "succeeded 1", "failed 2", "cancelled 1", "timed_out 1", "crashed 1", "interrupted 1",
            ])
        for outcome in outcomes { #expect(RunFigures.attemptWords[outcome.stored / 100] == outcome.word) }
        for state in RunState.allCases { figures.countEnd(state, 2) }
        #expect(RunState.allCases.map(figures.ends) == [0, 0, 0, 2, 2, 2, 2, 2])
    }

    @Test func `Durations are those of attempts that ended by themselves`() {
        var figures = RunFigures()
        figures.count(end(.timedOut, took: 1_000_000))
        #expect(figures.durations.isEmpty)
        figures.count(end(.failed(retryable: false), took: 500))
        #expect(figures.durations.mean?.microseconds == 500)
    }

    @Test func `The rate of success is of runs that came to an end by themselves`() {
        var figures = RunFigures()
        #expect(figures.successRate == nil)
        figures.countEnd(.cancelled, 10)
        #expect(figures.successRate == nil)
        figures.countEnd(.succeeded, 3)
        figures.countEnd(.failed)
        #expect(figures.successRate == 0.75)
    }

    private func end(_ outcome: Outcome, took: Int64 = 10) -> AttemptEnd {
        AttemptEnd(
            outcome: outcome, startedAt: Instant(microseconds: 5), finishedAt: Instant(microseconds: 5 + took))
    }
}
