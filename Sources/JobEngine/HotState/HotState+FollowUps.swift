import JobModel
import JobStore
import PluginCatalog

/// Runs that the end of another makes. They are stored together with that end or not at all, so that whenever the host
/// dies none is lost and none is made twice.
extension HotState {
    mutating func makeFollowUps(of run: HotRun, _ finish: Finish) -> [RunRecord] {
        let cause = run.origin.value
        guard let wanted = cause.policy.followUp(of: finish.state) else { return [] }
        guard cause.depth < FollowUp.mostInARow else {
            effects.complaints.append(
                "run \(cause.id) has no follow-up: \(FollowUp.mostInARow) follow each other already")
            return []
        }
        guard var record = newRun(following: cause, wanted, now: finish.attempt.end.finishedAt) else { return [] }
        record.cause = cause.id
        record.depth = cause.depth + 1
        record.correlation = cause.correlation
        record.givenTrace = cause.traceparent
        return [record]
    }

    /// Nil, with a complaint, when it names what is not there.
    private mutating func newRun(following cause: RunRecord, _ wanted: FollowUp, now: Instant) -> RunRecord? {
        var record: RunRecord?
        switch wanted.target {
        case .component(let text):
            if let name = ComponentName(text) { record = newRun(of: name, following: cause, now: now) }
        case .job(let name):
            if let job = jobNames[name].flatMap({ jobs[$0] }) {
                record = newRun(of: job.record, .followUp, due: now, fireAt: nil, now: now)
            }
        }
        guard var made = record else {
            effects.complaints.append("run \(cause.id) has no follow-up: there is no \(wanted.target)")
            return nil
        }
        if let params = wanted.params { made.params = Array(params.utf8) }
        fit(&made, now: now)
        return made
    }

    private mutating func newRun(of component: ComponentName, following cause: RunRecord, now: Instant) -> RunRecord {
        var policy = RunPolicy.standard
        if let known = catalog.components[component] {
            policy = policy.resolved(for: known.descriptor, hasOwnTimeout: false)
        }
        return RunRecord(
            id: nextRunID(), component: component, queue: cause.queue, source: .followUp, priority: cause.priority,
            due: now, createdAt: now, params: Array("{}".utf8), policy: policy)
    }

    /// What does not fit its component has failed as it is made, for everybody to see.
    private func fit(_ record: inout RunRecord, now: Instant) {
        guard let schema = catalog.components[record.component]?.schema else { return }
        do throws(ParamsRefusal) {
            record.params = try schema.complete(record.params)
        } catch {
            record.state = .failed
            record.finishedAt = now
            record.reason = misfit(record.component, error)
        }
    }

    /// The end that made them is on disk, and so are they.
    mutating func beginFollowUps(_ records: [RunRecord], now: Instant) {
        for record in records {
            announce(record.id, record.state, job: record.jobName, at: now)
            guard record.state == .pending else { continue }
            figures.accepted += 1
            open(record.id, of: record.job, hasStarted: false)
            runs[record.id] = hot(record, .waiting)
            offer(record.id)
        }
    }
}

extension RunPolicy {
    fileprivate func followUp(of end: RunState) -> FollowUp? {
        switch end {
        case .succeeded: onSuccess
        case .failed: onFailure
        default: nil
        }
    }
}
