import JobEngine
import JobModel

/// A job as clients of other schedulers expect it: `id`, `name`, `next_run`, `last_run`, and fields of ours.
struct ScheduledJobView: JSONView {
    let json: JSONValue

    init(json: JSONValue) {
        self.json = json
    }

    /// `lastRun`: the last one that was not skipped. Its planned time, where it has one, so that times are those of the
    /// schedule.
    init(_ status: JobStatus, lastRun: RunRecord?) {
        let definition = status.job.definition
        json = [
            "id": .string("\(status.job.id)"),
            "name": .string(definition.name),
            "next_run": .instant(status.nextFire) ?? .null,
            "last_run": .instant(lastRun.map { $0.fireAt ?? $0.startedAt ?? $0.due }) ?? .null,
            "schedule": .string(definition.schedule.words),
            "component": .string(definition.component),
            "enabled": .bool(definition.enabled),
            "paused": .bool(status.job.paused),
            "error": .text(status.obstacle) ?? .null,
        ]
    }

    /// A definition that is not in force: it has no id and never runs, and says why.
    init(_ refused: RefusedDefinition) {
        json = [
            "id": .null, "name": .text(refused.job) ?? .string(refused.source), "next_run": .null, "last_run": .null,
            "error": .string(refused.reason),
        ]
    }
}
