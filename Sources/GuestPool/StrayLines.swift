/// Log lines of a guest that belong to no attempt: the plugin's own, and those of threads that an attempt left behind. They
/// cost the host time that is nobody's, so that there is a rate for them, and an end to what is beyond it.
struct StrayLines {
    /// Lines beyond the rate within a minute that are no accident.
    static let mostDropped = 100_000
    private static let minute: Int64 = 60_000_000_000

    private var gate = LogGate(limit: .max)
    private var minuteEnd = Int64.min

    /// False: the line is dropped. `now` in nanoseconds of the monotonic clock.
    mutating func admit(bytes: Int, now: Int64) throws(ProtocolViolation) -> Bool {
        if now >= minuteEnd {
            minuteEnd = now + Self.minute
            _ = gate.takeDropped()
        }
        if gate.admits(bytes: bytes, now: now) { return true }
        guard gate.dropped <= Self.mostDropped else {
            throw ProtocolViolation("more than \(Self.mostDropped) log lines of no attempt within a minute")
        }
        return false
    }
}
