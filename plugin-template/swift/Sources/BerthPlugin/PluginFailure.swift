/// How an attempt ends when it does not succeed. Any other error that is thrown counts as permanent, with its
/// description as the reason.
public struct PluginFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// A `BERTH_…` code; its range decides: 1 to 99 is tried again, 100 to 199 is not, 200 to 249 was asked for.
    public var code: berth_status
    /// What was wrong, with the value, and what to do.
    public var reason: String
    /// The wish for the next attempt, 0 for none.
    public var retryAfterMilliseconds: UInt32

    /// The named ones below cover most needs.
    public init(code: berth_status, _ reason: String, retryAfterMilliseconds: UInt32 = 0) {
        self.code = code
        self.reason = reason
        self.retryAfterMilliseconds = retryAfterMilliseconds
    }

    /// The reason.
    public var description: String { reason }

    /// Another attempt may succeed.
    public static func retryable(_ reason: String, afterMilliseconds: UInt32 = 0) -> PluginFailure {
        PluginFailure(code: BERTH_RETRY, reason, retryAfterMilliseconds: afterMilliseconds)
    }

    /// The same input fails again.
    public static func permanent(_ reason: String) -> PluginFailure { PluginFailure(code: BERTH_FAIL, reason) }

    /// The params are wrong.
    public static func params(_ reason: String) -> PluginFailure { PluginFailure(code: BERTH_FAIL_PARAMS, reason) }

    /// What the params lead to, such as a file, cannot be used.
    public static func input(_ reason: String) -> PluginFailure { PluginFailure(code: BERTH_FAIL_INPUT, reason) }

    /// Ended because somebody asked.
    public static let cancelled = PluginFailure(code: BERTH_CANCELLED, "cancelled")

    /// Ended because the time limit passed.
    public static let timedOut = PluginFailure(code: BERTH_TIMED_OUT, "the time limit passed")
}
