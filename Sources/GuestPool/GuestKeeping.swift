/// Whose guest an attempt gets.
package enum Isolation: String, Hashable, Sendable, CaseIterable {
    /// A warm one: attempts follow one another in it.
    case pool
    /// A fresh one, which ends with it.
    case oneshot
}

/// How long guests of one version of a plugin are kept, and how many.
package struct GuestKeeping: Hashable, Sendable {
    package var isolation = Isolation.pool
    /// Ready at any time, from when their plugin is active, of each spec that attempts without wishes of their jobs get, as
    /// far as `maximum` goes.
    package var minimum = 0
    /// At once, of all specs and whatever they do; 0: as many as attempts need. An idle one gives way to one of another spec.
    package var maximum = 0
    /// One without an attempt for so long goes, unless it is among the minimum.
    package var idle = Duration.seconds(60)
    /// After so many attempts one is replaced; 0: never.
    package var attempts = 0
    /// One that holds more private memory than this, looked at once a second between attempts, is replaced.
    package var memoryBytes: UInt64 = 512 << 20

    /// How long attempts may go on when their version was replaced or taken away; nil: as long as they may anyway.
    package var drain: Duration?

    package init() {}
}

extension GuestKeeping {
    /// `pool, at least 1, at most 4, idle for 1m at most, up to 512 MiB`.
    package var words: String {
        var words = [isolation.rawValue]
        if minimum > 0 { words.append("at least \(minimum)") }
        if maximum > 0 { words.append("at most \(maximum)") }
        if let drain { words.append("out of old versions within \(drain.brief)") }
        guard isolation == .pool else { return words.joined(separator: ", ") }
        words.append("idle for \(idle.brief) at most")
        if attempts > 0 { words.append("replaced after \(attempts) attempts") }
        words.append("replaced above \(memoryBytes >> 20) MiB")
        return words.joined(separator: ", ")
    }
}
