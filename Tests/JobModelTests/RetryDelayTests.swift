import JobModel
import Testing

struct RetryDelayTests {
    private func exponential(_ first: Duration, cap: Duration) -> RetryPolicy {
        RetryPolicy(delay: .exponential(first: first, cap: cap))
    }

    @Test func `exponential delays double within a tenth and stop at the cap`() {
        let policy = exponential(.seconds(5), cap: .seconds(60))
        let middles: [Int64] = [5, 10, 20, 40, 60, 60]
        for run in RunID(1)...200 {
            for (index, middle) in middles.enumerated() {
                let delay = policy.delay(beforeRetry: Int32(index + 1), of: run).microseconds
                #expect(delay >= middle * 900_000 && delay <= middle * 1_100_000)
            }
        }
    }

    @Test func `the spread is deterministic and differs between runs and between failures`() {
        let policy = exponential(.seconds(5), cap: .seconds(5))
        let delays = (RunID(1)...100).map { policy.delay(beforeRetry: 1, of: $0) }
        #expect(delays == (RunID(1)...100).map { policy.delay(beforeRetry: 1, of: $0) })
        #expect(Set(delays).count > 90)
        #expect(policy.delay(beforeRetry: 1, of: 1) != policy.delay(beforeRetry: 2, of: 1))
    }

    @Test func `absurd settings saturate`() {
        let endless = exponential(.seconds(Int64.max / 1_000_000), cap: .seconds(Int64.max))
        #expect(endless.delay(beforeRetry: .max, of: 3) > .seconds(1_000_000_000))
        #expect(exponential(.seconds(-5), cap: .seconds(60)).delay(beforeRetry: 4, of: 3) == .zero)
        #expect(exponential(.seconds(5), cap: .seconds(-1)).delay(beforeRetry: 4, of: 3) == .zero)
        #expect(exponential(.seconds(5), cap: .seconds(60)).delay(beforeRetry: .min, of: .min) > .zero)
        #expect(RetryPolicy(delay: .fixed(.seconds(-1))).delay(beforeRetry: 1, of: 1) == .zero)
    }

    @Test func `a list gives its delays in order and repeats the last`() {
        let policy = RetryPolicy(delay: .list([.seconds(1), .seconds(9)]))
        #expect((Int32(1)...4).map { policy.delay(beforeRetry: $0, of: 1) } == [1, 9, 9, 9].map { .seconds($0) })
        #expect(RetryPolicy(delay: .list([])).delay(beforeRetry: 1, of: 1) == .zero)
        #expect(policy.delay(beforeRetry: 0, of: 1) == .seconds(1))
    }
}
