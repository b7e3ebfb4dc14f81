import Hummingbird
import JobEngine
import JobModel

/// Routes for clients of other schedulers, whose answers come in an envelope: `code`, `message`, `data`. Start and stop
/// may be repeated; they are about all schedules of the host.
struct SchedulerRoutes {
    let engine: JobEngine

    func add(to router: RouterGroup<BasicRequestContext>) {
        router.get("/scheduler/jobs") { _, _ in
            let jobs = try await engine.scheduledJobs().map { ScheduledJobView($0.status, lastRun: $0.lastRun).json }
            let refused = engine.refused.all.map { ScheduledJobView($0).json }
            return success(.array(jobs + refused), try await engine.status().schedules)
        }
        router.post("/scheduler/start") { request, _ in
            var query = try request.query()
            let strict = try query.flag("strict")
            try query.finish()
            if strict, try await engine.status().schedules == .running { throw EngineError.schedulesRunning }
            return try await answer(
                "Scheduler started successfully", engine.setSchedules(running: true, actor: request.actor))
        }
        router.post("/scheduler/stop") { request, _ in
            try await answer(
                "Scheduler stopped successfully", engine.setSchedules(running: false, actor: request.actor))
        }
    }

    private func answer(_ words: String, _ activity: ScheduleActivity) -> Response {
        guard let environment = activity.environment else { return success(.string(words), activity) }
        let message = "Schedules are banned in the environment \"\(environment)\"; nothing was changed."
        let body: JSONValue = ["code": 409, "message": .string(message), "data": .null, "schedules": "banned"]
        return Response(json: body, status: .conflict)
    }

    private func success(_ data: JSONValue, _ activity: ScheduleActivity) -> Response {
        Response(json: ["code": 200, "message": "success", "data": data, "schedules": .string(activity.word)])
    }
}

extension JobEngine {
    /// Every job, with the last of its runs that was not skipped.
    fileprivate func scheduledJobs() async throws(EngineError) -> [(status: JobStatus, lastRun: RunRecord?)] {
        var scheduled: [(status: JobStatus, lastRun: RunRecord?)] = []
        for status in try await jobs() {
            var last = status.lastRun
            if last?.state == .skipped {
                let others = RunFilter(
                    states: Set(RunState.allCases).subtracting([.skipped]), job: status.job.definition.name, limit: 1)
                last = try await runs(others).first
            }
            scheduled.append((status, last))
        }
        return scheduled
    }
}
