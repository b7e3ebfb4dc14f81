extension RetryPolicy {
    /// A plugin's wish for a later attempt counts up to this; more is a mistake in the plugin.
    package static let longestWish = Duration.seconds(86_400)

    /// Time to wait after the `number`-th failure or crash (from 1) of a run. Never negative, and the same each time it is
    /// asked: the spread comes from the run's id and the number.
    package func delay(beforeRetry number: Int32, of run: RunID) -> Duration {
        switch delay {
        case .fixed(let delay): max(delay, .zero)
        case .exponential(let first, let cap):
            RetryPolicy.spread(
                RetryPolicy.doubled(first.microseconds, times: Int(number) - 1, cap: cap.microseconds), run, number)
        case .list(let delays): max(delays.isEmpty ? .zero : delays[min(max(Int(number), 1), delays.count) - 1], .zero)
        }
    }

    private static func doubled(_ first: Int64, times: Int, cap: Int64) -> Int64 {
        var delay = max(first, 0)
        var left = times
        while left > 0, delay > 0, delay < cap {
            delay = delay > Int64.max / 2 ? .max : delay * 2
            left -= 1
        }
        return max(min(delay, cap), 0)
    }

    /// Moves a delay by up to a tenth, so that runs which failed together do not come back together.
    private static func spread(_ microseconds: Int64, _ run: RunID, _ number: Int32) -> Duration {
        let share = Int64(mixed(UInt64(bitPattern: run), UInt64(UInt32(bitPattern: number))) % 2001) - 1000
        let moved = Int128(microseconds) * Int128(10_000 + share) / 10_000
        return .microseconds(Int64(clamping: moved))
    }

    /// The finisher of SplitMix64: neighbouring ids give unrelated numbers.
    private static func mixed(_ left: UInt64, _ right: UInt64) -> UInt64 {
        var bits = left &* 0x9e37_79b9_7f4a_7c15 &+ right &* 0xd1b5_4a32_d192_ed03
        bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
        bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
        return bits ^ (bits >> 31)
    }
}
