import JobModel
import Testing

struct OutcomeCodeTests {
    @Test(
        arguments: [
            (0, .succeeded), (1, .failed(retryable: true)), (99, .failed(retryable: true)),
            (100, .failed(retryable: false)), (199, .failed(retryable: false)), (200, .cancelled), (201, .timedOut),
            (202, .cancelled), (249, .cancelled), (250, .failed(retryable: false)), (254, .failed(retryable: false)),
            (255, .failed(retryable: true)), (256, .failed(retryable: false)), (299, .failed(retryable: false)),
            (300, .failed(retryable: false)), (-1, .failed(retryable: false)), (Int32.min, .failed(retryable: false)),
            (Int32.max, .failed(retryable: false)),
        ] as [(Int32, Outcome)])
    func `a code is judged by its range`(code: Int32, outcome: Outcome) {
        #expect(Outcome(code: code) == outcome)
    }

    @Test func `only a plugin that was not loaded, or had no guest, has had no effect`() {
        #expect(CrashClass.allCases.filter { !$0.leavesEffectUnknown } == [.loadFailed, .noGuest])
    }

    @Test func `every crash and interruption has words of its own`() {
        let words = CrashClass.allCases.map(\.words) + Interruption.allCases.map(\.words)
        #expect(Set(words).count == words.count)
    }
}
