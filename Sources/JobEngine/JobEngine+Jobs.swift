package import JobModel
import JobStore
import PluginCatalog

extension JobEngine {
    /// Stores all of them or none. With `prune`, jobs of the same source that are not among them are deleted.
    package func apply(
        _ jobs: [JobDefinition], source: String, prune: Bool, actor: String
    ) async throws(EngineError) -> ApplyReport {
        guard case .report(let report) = try await asked(.apply(jobs, source: source, prune: prune)) else {
            throw .stopping
        }
        return report
    }

    /// Makes each source's jobs be those it says; one verdict for each, in order. Nothing is removed but jobs that their own
    /// source no longer names.
    package func define(_ contents: [SourceContent]) async throws(EngineError) -> [SourceVerdict] {
        guard case .verdicts(let verdicts) = try await asked(.define(contents)) else { throw .stopping }
        return verdicts
    }

    /// Lets all schedules fire, or none of them. Returns how it is from then on: a ban is not lifted. Lasts until the next
    /// call or the host's end.
    package func setSchedules(running: Bool, actor: String) async throws(EngineError) -> ScheduleActivity {
        guard case .schedules(let activity) = try await asked(.setSchedules(running: running)) else { throw .stopping }
        return activity
    }

    /// By name.
    package func jobs() async throws(EngineError) -> [JobStatus] {
        guard case .jobs(let outlooks) = try await asked(.jobs) else { throw .stopping }
        return try await statuses(of: outlooks)
    }

    /// All jobs by name as they were defined, what is secret in their params included. Costs no read of the store.
    package func definitions() async throws(EngineError) -> [JobRecord] {
        guard case .jobs(let outlooks) = try await asked(.jobs) else { throw .stopping }
        return outlooks.map(\.job)
    }

    /// With its figures.
    package func job(_ name: String) async throws(EngineError) -> JobStatus {
        var status = try await oneJob(.job(name))
        let id = status.job.id
        status.figures = try await read { store throws(StoreError) in try await store.figures(ofJob: id) }
        return status
    }

    package func setPaused(_ paused: Bool, job name: String, actor: String) async throws(EngineError) -> JobStatus {
        try await oneJob(.setPaused(paused, job: name))
    }

    /// Makes a run of the job at once, whatever its schedule, its pause and its overlap policy say.
    /// `strictly`: only when its schedule could start it now: running, enabled, not paused, and no run of it open.
    package func trigger(
        job name: String, strictly: Bool = false, actor: String
    ) async throws(EngineError) -> RunRecord {
        let call = Call.trigger(job: name, strictly: strictly, actor: actor)
        guard case .accepted(let results) = try await asked(call) else { throw .stopping }
        switch results.first {
        case .created(let record): return record.value
        case .refused(let error): throw error
        case .existing, .replaced, nil: throw .stopping
        }
    }

    /// Defines one job through the API; one that must be new is refused where there is one of the name.
    package func put(_ job: JobDefinition, mustBeNew: Bool, actor: String) async throws(EngineError) -> JobStatus {
        try await oneJob(.putJob(job, mustBeNew: mustBeNew))
    }

    /// Only for jobs that were defined through the API.
    package func setEnabled(
        _ enabled: Bool, job name: String, actor: String
    ) async throws(EngineError) -> JobStatus {
        try await oneJob(.setEnabled(enabled, job: name))
    }

    package func delete(job name: String, actor: String) async throws(EngineError) {
        _ = try await asked(.delete(job: name))
    }

    private func oneJob(_ call: Call) async throws(EngineError) -> JobStatus {
        guard case .jobs(let outlooks) = try await asked(call), let outlook = outlooks.first else { throw .stopping }
        guard let status = try await statuses(of: [outlook]).first else { throw .stopping }
        return status
    }

    private func statuses(of outlooks: [JobOutlook]) async throws(EngineError) -> [JobStatus] {
        let names = outlooks.map(\.job.definition.name)
        let newest = try await read { store throws(StoreError) in try await store.newestRuns(ofJobs: names) }
        let masks = plugins.snapshot.masks
        return outlooks.map { outlook in
            JobStatus(
                job: outlook.job.masked(by: masks), nextFire: outlook.nextFire,
                lastRun: newest[outlook.job.definition.name],
                obstacle: outlook.obstacle, warnings: outlook.warnings)
        }
    }
}

extension JobRecord {
    /// As people may see it.
    fileprivate func masked(by masks: [ComponentName: ParamsSchema]) -> JobRecord {
        var record = self
        if let component = ComponentName(definition.component) {
            record.definition.params = masks.masked(definition.params, of: component)
        }
        record.definition.policy = definition.policy.masked(by: masks)
        return record
    }
}
