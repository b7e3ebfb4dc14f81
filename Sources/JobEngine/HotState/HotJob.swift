import JobModel

/// A job with its compiled schedule.
struct HotJob {
    var record: JobRecord
    /// Nil when the schedule cannot be read; `obstacle` says why.
    let schedule: Schedule?
    /// Why the job will never fire.
    let obstacle: String?
    /// The planned instant to come; nil: never again, paused, disabled, or no schedule.
    var nextFire: Instant?

    init(record: JobRecord, zones: (String) -> ZoneRules?, now: Instant) {
        self.record = record
        do {
            schedule = try Schedule(record.definition.schedule, anchor: record.anchor, zones: zones)
            obstacle = Self.lateness(of: record)
        } catch {
            schedule = nil
            obstacle = "its schedule cannot be read: \(error)"
        }
        plan(now)
    }

    /// A job whose only time was over before it was defined.
    private static func lateness(of record: JobRecord) -> String? {
        guard case .at(let time) = record.definition.schedule, time <= record.anchor else { return nil }
        return "its time \(time.rfc3339) is over"
    }

    var isActive: Bool { record.definition.enabled && !record.paused }

    mutating func plan(_ now: Instant) {
        let dealtWith = record.watermark ?? record.anchor
        nextFire = isActive ? schedule?.next(after: ClockStep.isAhead(dealtWith, of: now) ? now : dealtWith) : nil
    }
}

/// What of a schedule is due at one moment: one instant to fire, and those that were passed over.
struct DueInstants: Equatable {
    /// A fire up to this late is still worth a run.
    static let tolerance = Duration.seconds(60)
    /// Counting stops here; nobody needs the exact number, and the host must not spend its start on it.
    static let most = 1000

    /// The one to make a run for; the last one due, unless even that is too late.
    private(set) var fire: Instant?
    /// Planned instants that get no run of their own.
    private(set) var missed = 0
    private(set) var firstMissed: Instant?
    private(set) var lastMissed: Instant?
    /// Everything up to here is dealt with.
    private(set) var watermark = Instant.distantPast

    init(from first: Instant, through now: Instant, in schedule: Schedule) {
        var last = first
        while let next = schedule.next(after: last), next <= now {
            miss(last, since: first)
            last = next
            guard missed < Self.most else { break }
        }
        watermark = last
        if missed >= Self.most {
            miss(last, since: first)
            watermark = now
        } else if now - last > Self.tolerance {
            miss(last, since: first)
        } else {
            fire = last
        }
    }

    private mutating func miss(_ instant: Instant, since first: Instant) {
        missed += 1
        firstMissed = first
        lastMissed = instant
    }
}
