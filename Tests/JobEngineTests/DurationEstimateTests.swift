import Testing

@testable import JobEngine

struct DurationEstimateTests {
    @Test func `few attempts are not trusted`() {
        var estimate = DurationEstimate()
        for _ in 0..<15 { estimate.add(.microseconds(5)) }
        #expect(!estimate.isTrusted)
        estimate.add(.microseconds(5))
        #expect(estimate.isTrusted)
    }

    @Test func `the percentile settles where one attempt in twenty is longer`() {
        var estimate = DurationEstimate()
        var random = SeededRandom(seed: 7)
        for _ in 0..<20_000 { estimate.add(.microseconds(Int64.random(in: 1...1000, using: &random))) }
        #expect((850...1050).contains(estimate.percentile95), "\(estimate.percentile95)")
        #expect((300...700).contains(estimate.mean), "\(estimate.mean)")
    }

    @Test func `a component that turns slow is found out within a few attempts`() {
        var estimate = DurationEstimate()
        for _ in 0..<1000 { estimate.add(.microseconds(100)) }
        var attempts = 0
        while estimate.percentile95 < 1000, attempts < 100 {
            estimate.add(.milliseconds(5))
            attempts += 1
        }
        #expect(attempts < 20)
    }
}
