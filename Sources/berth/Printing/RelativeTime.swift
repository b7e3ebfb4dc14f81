import HostHTTP
import JobModel

/// Times as people compare them: `3m ago`, `in 2h`, `now`.
enum RelativeTime {
    static func words(_ instant: Instant?, now: Instant = SystemClock.now) -> String? {
        guard let instant else { return nil }
        let seconds = (instant - now).microseconds / 1_000_000
        switch seconds {
        case 0: return "now"
        case ..<0: return "\(size(seconds.magnitude)) ago"
        default: return "in \(size(seconds.magnitude))"
        }
    }

    /// One unit is enough to compare.
    private static func size(_ seconds: UInt64) -> String {
        switch seconds {
        case ..<120: "\(seconds)s"
        case ..<7200: "\(seconds / 60)m"
        case ..<172_800: "\(seconds / 3600)h"
        default: "\(seconds / 86400)d"
        }
    }
}
