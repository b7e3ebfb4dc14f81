import JobModel
import JobStore
import PluginCatalog

extension HotState {
    /// Makes the runs that are due. A job that was due several times at once gets one run, for the last instant, and
    /// one row in *skipped* for the others; instants more than a minute past are all skipped.
    mutating func fireJobs(_ now: Instant) {
        while let entry = fires.take(dueBy: now) {
            guard let job = jobs[entry.item], job.nextFire == entry.at, let schedule = job.schedule else { continue }
            fire(job, DueInstants(from: entry.at, through: now, in: schedule), now: now)
        }
    }

    private mutating func fire(_ job: HotJob, _ due: DueInstants, now: Instant) {
        emit(.setWatermark(job.record.id, due.watermark), .silent)
        if let first = due.firstMissed, let last = due.lastMissed {
            skip(job.record, at: last, reason: missedReason(due.missed, first, last), now: now)
        }
        if let instant = due.fire { fire(job.record, at: instant, now: now) }
        advance(job, to: due.watermark, now: now)
    }

    private func missedReason(_ count: Int, _ first: Instant, _ last: Instant) -> String {
        if count == 1 { return "missed: planned for \(first.rfc3339), the host was down or late" }
        let number = count > DueInstants.most ? "more than \(DueInstants.most)" : "\(count)"
        return "missed \(number) planned runs from \(first.rfc3339) to \(last.rfc3339): the host was down or late"
    }

    private mutating func fire(_ job: JobRecord, at instant: Instant, now: Instant) {
        if job.definition.overlap != .allow(nil), openRuns[job.id] != nil {
            return skip(job, at: instant, reason: "the run before it had not ended", now: now)
        }
        guard let record = newRun(of: job, .schedule, due: instant, fireAt: instant, now: now) else { return }
        insert(record, mayBeRefused: true, nil)
    }

    private mutating func skip(_ job: JobRecord, at instant: Instant, reason: String, now: Instant) {
        guard var record = newRun(of: job, .schedule, due: instant, fireAt: instant, now: now) else { return }
        record.state = .skipped
        record.finishedAt = now
        record.reason = reason
        emit(.insert(record), .insertEnded(record.id, .skipped, job: record.jobName))
    }

    /// Nil when the job's component is no name, which `apply` does not let pass.
    mutating func newRun(
        of job: JobRecord, _ source: RunSource, due: Instant, fireAt: Instant?, now: Instant
    ) -> RunRecord? {
        let definition = job.definition
        guard let component = ComponentName(definition.component) else { return nil }
        return RunRecord(
            id: nextRunID(), component: component, queue: definition.queue, job: job.id, jobName: definition.name,
            source: source, priority: definition.priority, due: due, createdAt: now, fireAt: fireAt,
            params: Array(definition.params.utf8), policy: policy(of: definition, component))
    }

    private func policy(of job: JobDefinition, _ component: ComponentName) -> RunPolicy {
        guard let known = catalog.components[component] else { return job.policy }
        return job.policy.resolved(for: known.descriptor, hasOwnTimeout: job.hasOwnTimeout)
    }

    private mutating func advance(_ job: HotJob, to watermark: Instant, now: Instant) {
        var job = job
        job.record.watermark = watermark
        job.plan(now)
        keep(job)
    }

    /// The job as it is from now on.
    mutating func keep(_ job: HotJob) {
        jobs[job.record.id] = job
        jobNames[job.record.definition.name] = job.record.id
        guard let next = job.nextFire else { return }
        fires.add(job.record.id, at: next)
        guard fires.count > 2 * jobs.count + 1024 else { return }
        fires.keep { entry in jobs[entry.item]?.nextFire == entry.at }
    }

    mutating func put(_ record: JobRecord, now: Instant) {
        keep(HotJob(record: record, zones: surroundings.zones, now: now))
    }
}
