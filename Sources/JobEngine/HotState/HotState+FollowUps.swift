import JobModel
import JobStore
import PluginCatalog

/// Runs that the end of another makes. They are stored together with that end or not at all, so that whenever the host
/// dies none is lost and none is made twice.
extension HotState {
    /// What the end of a run brings with it, however it came to that end.
    mutating func aftermath(of run: RunRecord, ending state: RunState, reason: String?, now: Instant) -> Aftermath {
        guard state.isEnd, run.policy.hasAftermath || run.source == .step else { return .none }
        var ended = run
        ended.state = state
        ended.reason = reason
        var aftermath = Aftermath()
        if let warning = postStepWarning(ended) { aftermath.warnings.append(warning) }
        follow(ended, &aftermath, now: now)
        if let step = makePostStep(of: ended, now: now) { add(step, to: &aftermath, now: now) }
        return aftermath
    }

    /// One that has ended as it was made has an aftermath as any other.
    private mutating func add(_ record: RunRecord, to aftermath: inout Aftermath, now: Instant) {
        aftermath.runs.append(record)
        guard record.state.isEnd else { return }
        let more = self.aftermath(of: record, ending: record.state, reason: record.reason, now: now)
        aftermath.runs += more.runs
        aftermath.warnings += more.warnings
    }

    private mutating func follow(_ cause: RunRecord, _ aftermath: inout Aftermath, now: Instant) {
        guard let wanted = cause.policy.followUp(of: cause.state) else { return }
        func warn(_ why: String) {
            aftermath.warnings.append(Aftermath.Warning(run: cause.id, words: "nothing follows it: \(why)"))
        }
        guard cause.depth < FollowUp.mostInARow else {
            return warn("\(FollowUp.mostInARow) runs follow each other already")
        }
        guard var record = newRun(following: cause, wanted, now: now) else {
            return warn("there is no \(wanted.target)")
        }
        record.cause = cause.id
        record.depth = cause.depth + 1
        record.correlation = cause.correlation
        record.givenTrace = cause.traceparent
        add(record, to: &aftermath, now: now)
    }

    /// Nil when it names what is not there.
    private mutating func newRun(following cause: RunRecord, _ wanted: FollowUp, now: Instant) -> RunRecord? {
        guard var made = newRun(wanted.target, following: cause, now: now) else { return nil }
        if let params = wanted.params {
            made.params = RunWords(of: cause, state: cause.state, reason: cause.reason).filled(params)
        }
        fit(&made, now: now)
        return made
    }

    private mutating func newRun(
        _ target: FollowUp.Target, following cause: RunRecord, now: Instant
    ) -> RunRecord? {
        switch target {
        case .component(let text): ComponentName(text).map { newRun(of: $0, following: cause, now: now) }
        case .job(let name):
            jobNames[name].flatMap { jobs[$0] }.flatMap {
                newRun(of: $0.record, .followUp, due: now, fireAt: nil, now: now)
            }
        }
    }

    private mutating func newRun(of component: ComponentName, following cause: RunRecord, now: Instant) -> RunRecord {
        var policy = RunPolicy.standard
        if let known = catalog.components[component] {
            policy = policy.resolved(for: known.descriptor, hasOwnTimeout: false)
        }
        return RunRecord(
            id: nextRunID(), component: component, queue: cause.queue, source: .followUp, priority: cause.priority,
            due: now, createdAt: now, params: Array("{}".utf8), policy: policy.withSteps(of: settings(of: cause.queue)))
    }

    /// What does not fit its component has failed as it is made, for everybody to see.
    func fit(_ record: inout RunRecord, now: Instant) {
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
    mutating func begin(_ aftermath: Aftermath, now: Instant) {
        for record in aftermath.runs {
            announce(record.id, record.state, job: record.jobName, at: now)
            guard record.state == .pending else { continue }
            figures.accepted += 1
            open(record.id, of: record.job, hasStarted: false)
            let run = hot(record, .waiting)
            changeRoom(of: run.queue, by: -1)
            runs[record.id] = run
            offer(record.id)
        }
    }

    func settings(of queue: String) -> QueueSettings {
        queueIndex[queue].map { queues[$0].record.settings } ?? QueueSettings()
    }
}

extension RunPolicy {
    fileprivate var hasAftermath: Bool { onSuccess != nil || onFailure != nil || postStep != nil }

    /// Nothing follows a cancel: whoever cancels has decided.
    fileprivate func followUp(of end: RunState) -> FollowUp? {
        switch end {
        case .succeeded: onSuccess
        case .failed, .expired: onFailure
        case .pending, .running, .held, .cancelled, .skipped: nil
        }
    }
}
