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
    /// After the clock was set back, jobs are planned and runs are due as if it had never been ahead. What was fired then
    /// is not fired again: the store has one run for each planned instant.
    mutating func noticeClock(_ now: Instant) {
        defer { lastTurn = now }
        guard ClockStep.isAhead(lastTurn, of: now) else { return }
        for job in jobs.values {
            if ClockStep.isAhead(job.record.anchor, of: now) {
                takeUp(job.record, now: now)
            } else if let watermark = job.record.watermark, ClockStep.isAhead(watermark, of: now) {
                advance(job, to: setBack(job.record.id, now))
            }
        }
        // When a start is free was noted by the clock that was ahead.
        for queue in queues.indices {
            guard let rate = queues[queue].record.settings.rate else { continue }
            queues[queue].turns = RateTurns(RateBucket(nearlyEmptyAt: now, rate))
        }
        recallRuns(now)
    }

    /// A grid that starts in the far future starts now instead, and so does what is yet to be dealt with.
    mutating func takeUp(_ job: JobRecord, now: Instant) {
        var job = job
        if ClockStep.isAhead(job.anchor, of: now) {
            job.anchor = now
            emit(.putJob(job), .silent)
        }
        if let watermark = job.watermark, ClockStep.isAhead(watermark, of: now) {
            job.watermark = setBack(job.id, now)
        }
        put(job)
    }

    private mutating func setBack(_ job: JobID, _ now: Instant) -> Instant {
        emit(.setWatermark(job, now), .silent)
        return now
    }

    /// Runs that the clock put off while it was ahead; lanes are in the order of the times it gave them.
    mutating func recallRuns(_ now: Instant) {
        emit(.recall(now), .silent)
        rereadLanes()
    }
}
