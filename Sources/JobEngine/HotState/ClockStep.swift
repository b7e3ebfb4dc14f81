import JobModel
import JobStore

/// What was noted while the clock was wrong must not bind once it is right again.
enum ClockStep {
    /// Steps back up to this far are waited out.
    static let tolerance = Duration.seconds(60)

    /// Whether an instant that was the present, or the past, can only have been noted before the clock was set back.
    static func isAhead(_ noted: Instant, of now: Instant) -> Bool { noted > now + tolerance }
}

extension HotState {
    /// Jobs planned for a time that has become the far future are planned anew.
    mutating func noticeClock(_ now: Instant) {
        defer { lastTurn = now }
        guard ClockStep.isAhead(lastTurn, of: now) else { return }
        for job in jobs.values { takeUp(job.record, now: now) }
    }

    /// A grid that starts in the far future starts now instead.
    mutating func takeUp(_ job: JobRecord, now: Instant) {
        var job = job
        if ClockStep.isAhead(job.anchor, of: now) {
            job.anchor = now
            emit(.putJob(job), .silent)
        }
        put(job, now: now)
    }
}
