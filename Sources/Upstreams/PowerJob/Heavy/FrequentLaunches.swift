package import JobModel

/// The launches of an instance that the server dispatches once, and that goes on until it is stopped. Without clock and
/// engine: times go in, what is to be launched comes out.
package struct FrequentLaunches: Sendable {
    /// What became of a launch.
    package struct Outcome: Hashable, Sendable {
        package var isSuccess: Bool
        package var result: String

        package init(isSuccess: Bool, result: String) {
            self.isSuccess = isSuccess
            self.result = result
        }
    }

    private let interval: Duration
    /// From end to start, not from start to start.
    private let waitsForEnd: Bool
    /// 0: any number.
    private let mostAtOnce: Int
    private var alarm: AlarmRule
    private var running: Set<Int64> = []
    private var nextAt: Instant
    /// Newest last, at most ten, those that run among them.
    private var history: [InstanceDetail.Launch] = []

    package private(set) var launched: Int64
    package private(set) var succeeded: Int64
    package private(set) var failed: Int64
    /// Of the launch that ended last.
    package private(set) var lastResult: String?
    /// To be told to the server with the next report.
    private var alert: String?

    private static let shortest = Duration.milliseconds(50)
    package static let tooMany = "TOO_MUCH_INSTANCE"

    /// Nil: the order does not say how often. `before`: what an earlier host had counted.
    package init?(_ order: InstanceOrder, before: JSONValue? = nil, now: Instant) {
        guard let text = order.timeExpression, let milliseconds = Int64(text), milliseconds > 0 else { return nil }
        interval = max(.milliseconds(milliseconds), Self.shortest)
        waitsForEnd = order.timeType == .fixedDelay
        mostAtOnce = waitsForEnd ? 1 : order.mostInstances
        alarm = AlarmRule(config: order.alarmConfig, interval: interval)
        nextAt = now
        launched = before?["launched"]?.integer ?? 0
        succeeded = before?["succeeded"]?.integer ?? 0
        failed = before?["failed"]?.integer ?? 0
    }

    /// What the next host begins with.
    package var counted: JSONValue {
        ["launched": .number(launched), "succeeded": .number(succeeded), "failed": .number(failed)]
    }

    /// How many had ended when that was kept; nil when it is no such thing.
    static func ended(in counted: JSONValue?) -> Int64? {
        guard let succeeded = counted?["succeeded"]?.integer, let failed = counted?["failed"]?.integer else {
            return nil
        }
        return succeeded + failed
    }

    var ended: Int64 { succeeded + failed }

    /// When `launch` is due; nil: when the one that runs has ended.
    package var next: Instant? { waitsForEnd && !running.isEmpty ? nil : nextAt }
    package var numbersRunning: [Int64] { running.sorted() }

    /// The number of the launch to be made now, if one is. `time`: milliseconds since 1970.
    package mutating func launch(now: Instant, time: Int64) -> Int64? {
        guard let next, next <= now else { return nil }
        launched += 1
        note(InstanceDetail.Launch(number: launched, startTime: time, endTime: nil, result: nil, status: 3))
        // A host that was held up makes up for nothing.
        nextAt = nextAt + interval > now ? nextAt + interval : now + interval
        guard mostAtOnce == 0 || running.count < mostAtOnce else {
            _ = count(launched, Outcome(isSuccess: false, result: Self.tooMany), now: now, time: time)
            return nil
        }
        running.insert(launched)
        return launched
    }

    /// A launch that an earlier host made, which goes on or has ended meanwhile. Its number is not given again.
    package mutating func adopt(_ number: Int64, time: Int64) {
        guard running.insert(number).inserted, !history.contains(where: { $0.number == number }) else { return }
        launched = max(launched, number)
        note(InstanceDetail.Launch(number: number, startTime: time, endTime: nil, result: nil, status: 3))
    }

    /// The host is stopping: this launch was not made, and none follows.
    package mutating func rest(without number: Int64) {
        nextAt = .distantFuture
        guard running.remove(number) != nil else { return }
        history.removeAll { $0.number == number }
        if launched == number { launched -= 1 }
    }

    /// True: the server is to be told at once.
    package mutating func ended(_ number: Int64, _ outcome: Outcome, now: Instant, time: Int64) -> Bool {
        guard running.remove(number) != nil else { return false }
        if waitsForEnd { nextAt = now + interval }
        return count(number, outcome, now: now, time: time)
    }

    private mutating func count(_ number: Int64, _ outcome: Outcome, now: Instant, time: Int64) -> Bool {
        if let index = history.firstIndex(where: { $0.number == number }) {
            history[index].endTime = time
            history[index].result = outcome.result
            history[index].status = (outcome.isSuccess ? InstanceStatus.succeeded : .failed).rawValue
        }
        lastResult = outcome.result
        guard !outcome.isSuccess else {
            succeeded += 1
            return false
        }
        failed += 1
        guard alarm.fail(at: now) else { return false }
        alert = outcome.result
        return true
    }

    private mutating func note(_ launch: InstanceDetail.Launch) {
        history.append(launch)
        if history.count > 10 { history.removeFirst() }
    }

    /// Newest first.
    package var details: [InstanceDetail.Launch] { history.reversed() }

    /// What there is to be alarmed about; once.
    package mutating func takeAlert() -> String? {
        defer { alert = nil }
        return alert
    }
}
