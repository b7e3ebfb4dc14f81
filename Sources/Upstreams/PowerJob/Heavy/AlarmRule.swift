package import JobModel

/// When failing launches are worth an alarm: so many of them within a window, and then not again for a while.
package struct AlarmRule: Hashable, Sendable {
    package var threshold: Int
    package var window: Duration
    package var silence: Duration
    private var failures: [Instant] = []
    private var quietUntil = Instant.distantPast

    /// As the job says it (`alarmConfig`); what it leaves open follows from the interval between launches.
    package init(config: String?, interval: Duration) {
        let json = config.flatMap { try? JSONParser.parse($0) }
        func seconds(_ name: String) -> Duration? {
            json?[name]?.looseInteger.flatMap { $0 > 0 ? .seconds(min($0, 365 * 86_400)) : nil }
        }
        threshold = Int(clamping: max(1, json?["alertThreshold"]?.looseInteger ?? 1))
        window = seconds("statisticWindowLen") ?? max(interval * 2, .seconds(1))
        silence = seconds("silenceWindowLen") ?? .seconds(300)
    }

    /// A launch failed. True: somebody is to be told.
    package mutating func fail(at now: Instant) -> Bool {
        failures.removeAll { now - $0 > window }
        failures.append(now)
        if failures.count > threshold { failures.removeFirst(failures.count - threshold) }
        guard failures.count >= threshold, now >= quietUntil else { return false }
        failures = []
        quietUntil = now + silence
        return true
    }
}
