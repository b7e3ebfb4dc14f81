/// The last few latencies, for a median that follows the host.
struct RecentLatencies {
    private static let capacity = 255
    private var samples: [Duration] = []
    private var oldest = 0

    mutating func add(_ latency: Duration) {
        guard samples.count == Self.capacity else { return samples.append(latency) }
        samples[oldest] = latency
        oldest = (oldest + 1) % Self.capacity
    }

    /// Nil before the first sample.
    var median: Duration? {
        samples.isEmpty ? nil : samples.sorted()[samples.count / 2]
    }
}
