package import JobEngine
import JobModel

// The one place where what the engine refuses gets its words, code and status.
extension Problem {
    package init(_ error: EngineError) {
        switch error {
        case .componentNotFound(let name, let known):
            self.init(
                .componentNotFound,
                "There is no component \"\(name)\". \(Spelling.sentence(for: name.description, among: known)) "
                    + "`berth plugin list` says what each file in the plugins folder is.",
                field: "component")
        case .queueNotFound(let name):
            self.init(
                .queueNotFound,
                "There is no queue \"\(name)\"; `berth queue set \(name) --slots 1` makes one.", field: "queue",
                value: name)
        case .jobNotFound(let name):
            self.init(.jobNotFound, "There is no job \"\(name)\"; `berth job list` lists those there are.")
        case .runNotFound(let id):
            self.init(.runNotFound, "There is no run \(id); it was never made, or its history has been pruned.")
        case .noRuns:
            self.init(.noRuns, "There are no runs yet, so \"last\" means none.")
        case .invalid(let field, let value, let reason):
            self.init(
                .invalidField, "\"\(field)\" is not valid: \(reason); it is \(value.excerpt).", field: field,
                value: value)
            if field == "schedule" { code = .invalidSchedule }
        case .paramsRefused(let component, let job, let refusal):
            let whose = job.map { "of job \"\($0)\" " } ?? ""
            self.init(
                .invalidParams, "The params \(whose)do not fit \(component): \(refusal)".withStop, field: "params",
                faults: refusal.faults)
        case .notGranted(let refusal):
            self.init(.notGranted, "\(refusal).", field: "component", value: "\(refusal.component)")
        case .wrongState(let id, let state, let wanted):
            self.init(.wrongState, "Run \(id) is \(state.word); this can only be done when it is \(wanted).")
        case .enabledElsewhere(let name, let owner):
            self.init(
                .jobOwned,
                "Whether the job \"\(name)\" is enabled is said by \(JobSource.words(owner)) alone: write it there. "
                    + "`berth job pause \(name)` lets its schedule rest without that, over restarts, until "
                    + "`berth job resume \(name)`.")
        case .mistakes(let errors):
            let all = errors.map { Problem($0) }
            self = all[0]
            detail = all.map(\.detail).joined(separator: "\n")
            value = nil
        case .jobOwned(let name, let owner, let wanted):
            self.init(
                .jobOwned,
                "The job \"\(name)\" is defined by \(JobSource.words(owner)), and only that changes it; "
                    + "\(JobSource.words(wanted)) needs another name. "
                    + "Pausing, resuming and triggering work from everywhere.")
        case .keyTaken(let key, let run):
            self.init(
                .keyTaken,
                "The unique key \"\(key.excerpt)\" belongs to run \(run), which has not ended; the params of a run can be "
                    + "replaced until it starts. `berth runs show \(run)` says where it stands.", field: "unique",
                value: key)
        case .queueFull(let name, let most, let wait):
            self.init(
                .queueFull,
                "The queue \"\(name)\" has its \(most) pending runs and takes no more now; try again in \(wait.berthText). "
                    + "`berth queue set \(name) --max-pending N` lets it have more.", field: "queue", retryAfter: wait)
        case .queueDraining(let name):
            self.init(
                .queueDraining,
                "The queue \"\(name)\" is draining and takes no new runs; `berth queue resume \(name)` opens it again.",
                field: "queue")
        case .jobExists(let name):
            self.init(
                .jobExists, "There is a job \"\(name)\" already; PUT /api/v1/jobs/\(name) changes it.", field: "name",
                value: name)
        case .jobPaused(let name):
            self.init(
                .jobPaused,
                "The job \"\(name)\" is paused; `berth job resume \(name)` lets it go on, and a trigger without --strict "
                    + "makes a run all the same.")
        case .jobDisabled(let name):
            self.init(
                .jobDisabled,
                "The job \"\(name)\" is disabled; `berth job enable \(name)` enables it, and a trigger without --strict makes "
                    + "a run all the same.")
        case .jobRunning(let name, let run):
            self.init(
                .jobRunning,
                "Run \(run) of the job \"\(name)\" has not ended; a trigger without --strict makes another all the same."
            )
        case .schedulesStopped:
            self.init(
                .schedulerNotStarted,
                "No schedule fires at the moment; `berth scheduler start` lets them, and a trigger without --strict "
                    + "makes a run all the same.")
        case .schedulesRunning: self.init(.schedulerAlreadyStarted, "Schedules fire already; nothing was changed.")
        case .noFilter:
            self.init(
                .invalidFilter,
                "Nothing says which runs are meant; give a filter such as \"state:failed since:2h\", or say that all are.",
                field: "filter")
        case .plugin(let refusal): self.init(refusal)
        case .store(.cannotOpen(let path, let reason)):
            self.init(.storeFailing, "The store at \(path) cannot be opened: \(reason).")
        case .store(.notOurs(let path)):
            self.init(.storeFailing, "\(path) belongs to another program; give Berth a home folder of its own.")
        case .store(.newerSchema(let path, let found, let supported)):
            self.init(
                .storeFailing,
                "\(path) has schema \(found), this host knows schemas up to \(supported); use a newer berth.")
        case .store(.faulty(let fault, let reason)): self.init(fault: fault, reason)
        case .store(.failed(let reason)):
            self.init(.storeFailing, "The store failed, nothing was changed: \(reason).")
        case .store(.closed):
            self.init(.stopping, "The host has closed its store; ask again when it is back.")
        case .stopping:
            self.init(.stopping, "The host is shutting down; ask again when it is back.")
        }
    }
}
