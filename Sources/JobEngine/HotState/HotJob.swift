import JobModel

/// A job with its compiled schedule.
struct HotJob {
    var record: JobRecord
    /// Nil when the schedule cannot be read; `obstacle` says why.
    let schedule: Schedule?
    /// Why the job will never fire.
    let obstacle: String?
    /// From each planned instant to its start.
    let offset: Duration
    /// The planned instant to come; nil: never again, paused, disabled, or no schedule.
    private(set) var nextFire: Instant?

    init(record: JobRecord, zones: (String) -> ZoneRules?) {
        self.record = record
        offset = record.definition.startOffset
        do {
            schedule = try Schedule(record.definition.schedule, anchor: record.anchor, zones: zones)
            obstacle = Self.lateness(of: record)
        } catch {
            schedule = nil
            obstacle = "its schedule cannot be read: \(error)"
        }
        plan()
    }

    /// A job whose only time was over before it was defined.
    private static func lateness(of record: JobRecord) -> String? {
        guard case .at(let time) = record.definition.schedule, time <= record.anchor else { return nil }
        return "its time \(time.rfc3339) is over"
    }

    var isActive: Bool { record.definition.enabled && !record.paused }

    /// Planned instants up to here are none of our business any more.
    var dealtWith: Instant { record.watermark ?? record.anchor }

    var isCountedFromEnd: Bool { schedule?.isCountedFromEnd == true }

    /// When the next planned instant is to be judged.
    var nextTurn: Instant? { nextFire.map { $0 + offset } }

    mutating func plan() {
        nextFire = isActive ? schedule?.next(after: dealtWith) : nil
    }

    /// What becomes of the instants that are due; nil: none is.
    func firing(_ now: Instant, openRuns: Int, wasPaused: Bool) -> Firing? {
        guard isActive, let schedule else { return nil }
        return Firing(
            of: record.definition, schedule: schedule, after: dealtWith, now: now, openRuns: openRuns,
            wasPaused: wasPaused)
    }
}
