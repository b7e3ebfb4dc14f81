import JobModel

/// What the recent attempts of a component took, forgetting old ones by and by. In microseconds.
///
/// The mean is an exponentially weighted one. The 95th percentile is followed, not computed: an attempt that took
/// longer moves the estimate up by 19 %, one that took no longer moves it down by 1 %, so that it rests where one
/// attempt in about eighteen is longer.
struct DurationEstimate {
    private(set) var samples = 0
    private(set) var mean = 0.0
    private(set) var percentile95 = 0.0

    /// Too few attempts say nothing.
    var isTrusted: Bool { samples >= 16 }

    mutating func add(_ duration: Duration) {
        // The clock counts microseconds; what took none still took something.
        let sample = Double(max(1, duration.microseconds))
        samples += 1
        guard samples > 1 else {
            mean = sample
            percentile95 = sample
            return
        }
        mean += (sample - mean) / 16
        percentile95 *= sample > percentile95 ? 1.19 : 0.99
        percentile95 = max(1, percentile95)
    }
}
