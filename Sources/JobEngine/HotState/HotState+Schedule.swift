import JobModel
import JobStore
import PluginCatalog

extension HotState {
    /// Judges the planned instants that are due.
    mutating func fireJobs(_ now: Instant) {
        while let entry = fires.take(dueBy: now) {
            guard let job = jobs[entry.item], job.nextTurn == entry.at, !waitsForEnd(job) else { continue }
            fire(job, now: now)
        }
    }

    /// `wasPaused`: it was its pause that kept the job from firing. The watermark moves in the same batch.
    mutating func fire(_ job: HotJob, wasPaused: Bool = false, now: Instant) {
        let open = openRuns[job.record.id]?.count ?? 0
        guard let firing = job.firing(now, openRuns: open, wasPaused: wasPaused) else { return }
        emit(.setWatermark(job.record.id, firing.watermark), .silent)
        for skip in firing.skips { store(skip, of: job.record, now: now) }
        for run in firing.runs { store(run, of: job.record, now: now) }
        advance(job, to: firing.watermark)
    }

    private mutating func store(_ run: Firing.Run, of job: JobRecord, now: Instant) {
        if case .paramsRefused(let component, _, let refusal) = paramsError(in: job.definition) {
            return store(.failed, of: job, due: run.start, fireAt: run.fireAt, misfit(component, refusal), now: now)
        }
        if let queue = queueIndex[job.definition.queue], queues[queue].record.mode == .draining {
            let reason = "the queue \(job.definition.queue) is draining and takes no new runs"
            return store(.skipped, of: job, due: run.start, fireAt: run.fireAt, reason, now: now)
        }
        guard let record = newRun(of: job, .schedule, due: run.start, fireAt: run.fireAt, now: now) else { return }
        changeRoom(of: queueNumber(record.queue), by: -1)
        insert(record, ifTaken: .existing, nil)
    }

    private mutating func store(_ skip: Firing.Skip, of job: JobRecord, now: Instant) {
        // An instant that was judged is named, so that it cannot come again.
        let fireAt = skip.wereMissed || skip.count > 1 ? nil : skip.last
        let passedOver = fireAt == nil ? PassedOver(from: skip.first, to: skip.last, count: skip.count) : nil
        store(.skipped, of: job, due: skip.last, fireAt: fireAt, passedOver: passedOver, skip.reason, now: now)
    }

    /// A run that ends as it is made.
    private mutating func store(
        _ state: RunState, of job: JobRecord, due: Instant, fireAt: Instant?, passedOver: PassedOver? = nil,
        _ reason: String, now: Instant
    ) {
        guard var record = newRun(of: job, .schedule, due: due, fireAt: fireAt, now: now) else { return }
        record.passedOver = passedOver
        record.state = state
        record.finishedAt = now
        record.reason = reason
        // An instant that gets no run has no end that anything could follow.
        let aftermath =
            state == .skipped ? .none : aftermath(of: record, ending: state, reason: reason, now: now)
        emit(.insertEnded(record, aftermath), .insertEnded(record.id, state, job: record.jobName, aftermath))
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
            params: completeParams(of: definition, component), policy: policy(of: definition, component),
            tags: definition.tags, wanted: due > now ? due : nil)
    }

    func policy(of job: JobDefinition, _ component: ComponentName) -> RunPolicy {
        let policy = job.policy.withSteps(of: settings(of: job.queue))
        guard let known = catalog.components[component] else { return policy }
        return policy.resolved(for: known.descriptor, hasOwnTimeout: job.hasOwnTimeout)
    }

    mutating func advance(_ job: HotJob, to watermark: Instant) {
        var job = job
        job.record.watermark = watermark
        job.plan()
        keep(job)
    }

    /// The job as it is from now on.
    mutating func keep(_ job: HotJob) {
        jobs[job.record.id] = job
        jobNames[job.record.definition.name] = job.record.id
        unpark(.job(job.record.id))
        guard let next = job.nextTurn, !waitsForEnd(job) else { return }
        fires.add(job.record.id, at: next)
        guard fires.count > 2 * jobs.count + 1024 else { return }
        fires.keep { entry in jobs[entry.item]?.nextTurn == entry.at }
    }

    /// Its next instant is not known before its run has ended.
    func waitsForEnd(_ job: HotJob) -> Bool { job.isCountedFromEnd && openRuns[job.record.id] != nil }

    /// Starts the interval of a job that counts from the end of its runs.
    mutating func countFromEnd(_ id: JobID?, _ end: Instant) {
        guard let id, let job = jobs[id], job.isCountedFromEnd else { return }
        emit(.setWatermark(id, end), .silent)
        advance(job, to: end)
    }

    mutating func put(_ record: JobRecord) {
        keep(HotJob(record: record, zones: surroundings.zones))
    }
}
