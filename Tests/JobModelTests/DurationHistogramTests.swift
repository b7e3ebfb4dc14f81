import Testing

@testable import JobModel

struct DurationHistogramTests {
    @Test func `Percentiles are right to about a tenth, the mean is exact`() {
        var random = SeededRandom(seed: 11)
        var histogram = DurationHistogram()
        let values = (0..<5_000).map { _ in Int64.random(in: 1...3_000_000, using: &random) }
        for value in values { histogram.add(.microseconds(value)) }
        let sorted = values.sorted()
        for part in [0.5, 0.9, 0.95, 0.99] {
            let truth = Double(sorted[Int((Double(sorted.count) * part).rounded(.up)) - 1])
            let said = Double(histogram.percentile(part)?.microseconds ?? 0)
            #expect(abs(said - truth) / truth < 0.13, "\(part): \(said) for \(truth)")
        }
        #expect(histogram.mean?.microseconds == values.reduce(0, +) / 5_000)
        #expect(histogram.count == 5_000)
    }

    @Test(arguments: [0, 1, 2, 3, 4, 5, 7, 8, 1_000, 86_400_000_000, Int64.max])
    func `Any duration has a bucket that is near it`(microseconds: Int64) {
        var histogram = DurationHistogram()
        histogram.add(.microseconds(microseconds))
        let said = Double(histogram.percentile(1)?.microseconds ?? -1)
        let truth = Double(max(1, microseconds))
        #expect(abs(said - truth) / truth <= 0.13)
    }

    @Test func `Nothing has no mean and no percentile`() {
        #expect(DurationHistogram().mean == nil)
        #expect(DurationHistogram().percentile(0.5) == nil)
    }

    @Test func `Two add up to what one would have`() {
        var all = DurationHistogram(), left = DurationHistogram(), right = DurationHistogram()
        for value in 1...400 {
            all.add(.microseconds(Int64(value * value)))
            if value % 3 == 0 {
                left.add(.microseconds(Int64(value * value)))
            } else {
                right.add(.microseconds(Int64(value * value)))
            }
        }
        left.add(right)
        #expect(left == all)
    }

    @Test func `Its bytes say all of it`() {
        var histogram = DurationHistogram()
        #expect(DurationHistogram(bytes: histogram.bytes) == histogram)
        for exponent in 0..<60 { histogram.add(.microseconds(Int64(1) << Int64(exponent))) }
        #expect(DurationHistogram(bytes: histogram.bytes) == histogram)
    }

    @Test func `Any bytes are a histogram or none, and what is one stays the same`() {
        var random = SeededRandom(seed: 7)
        var read = 0
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 0...12, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random) & (Bool.random(using: &random) ? 0x7f : 0xff)
            }
            guard let histogram = DurationHistogram(bytes: bytes) else { continue }
            read += 1
            #expect(DurationHistogram(bytes: histogram.bytes) == histogram)
            _ = (histogram.mean, histogram.percentile(0.99))
        }
        #expect(read > 100)
        #expect(DurationHistogram(bytes: []) == nil)
    }
}
