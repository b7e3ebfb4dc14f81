/// At most a thousand log lines per second of one attempt; the rest is counted.
struct LogLimiter {
    static let linesPerSecond = 1000
    private static let window: Int64 = 1_000_000_000

    private var windowStart = Int64.min
    private var admitted = 0
    private(set) var dropped: UInt32 = 0

    /// Whether a line at `now` (nanoseconds of a clock that never goes back) may be sent.
    mutating func admits(at now: Int64) -> Bool {
        if windowStart == Int64.min || now - windowStart >= Self.window {
            windowStart = now
            admitted = 0
        }
        guard admitted < Self.linesPerSecond else {
            drop()
            return false
        }
        admitted += 1
        return true
    }

    /// A line that was admitted could not be sent.
    mutating func drop() {
        dropped &+= 1
    }
}
