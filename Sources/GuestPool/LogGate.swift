/// Lets an attempt's lines through up to a rate and an amount, and counts the others, so that a flood costs the host
/// nothing lasting.
struct LogGate {
    static let linesPerSecond = 1000
    static let bytesPerSecond = 1 << 20

    private let limit: UInt64
    private var windowStart = Int64.min
    private var lines = 0
    private var bytes = 0
    private var total: UInt64 = 0
    private(set) var dropped: UInt64 = 0
    /// The amount is used up: nothing more comes through.
    private(set) var isShut = false

    /// `limit`: bytes in all.
    init(limit: UInt64) {
        self.limit = limit
    }

    /// `now` in nanoseconds of the monotonic clock.
    mutating func admits(bytes count: Int, now: Int64) -> Bool {
        if now &- windowStart >= 1_000_000_000 || windowStart == .min {
            windowStart = now
            lines = 0
            bytes = 0
        }
        if total + UInt64(count) > limit { isShut = true }
        guard !isShut, lines < Self.linesPerSecond, bytes + count <= Self.bytesPerSecond else {
            dropped += 1
            return false
        }
        lines += 1
        bytes += count
        total += UInt64(count)
        return true
    }

    mutating func countDropped(_ count: UInt32) {
        dropped += UInt64(count)
    }

    mutating func takeDropped() -> UInt64 {
        defer { dropped = 0 }
        return dropped
    }
}
