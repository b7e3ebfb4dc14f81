import Hummingbird
import JobEngine
import JobModel

struct JobRoutes {
    let engine: JobEngine

    func add(to router: RouterGroup<BasicRequestContext>) {
        router.get("/jobs") { _, _ in
            Response(json: [
                "jobs": .array(try await engine.jobs().map { JobView($0).json }),
                "refused": .array(engine.refused.all.map { RefusedDefinitionView($0).json }),
            ])
        }
        router.get("/export") { _, _ in
            let jobs = try await engine.definitions()
            return Response(json: [
                "jobs": .array(jobs.map(\.definition.json)),
                "paused": .texts(jobs.filter(\.paused).map(\.definition.name)),
            ])
        }
        router.get("/jobs/:name") { _, context in
            Response(json: JobView(try await engine.job(try name(context))).json)
        }
        router.post("/jobs/apply") { request, _ in
            let wanted = try JobsApplication(json: try await request.json())
            let report = try await engine.apply(
                wanted.jobs, source: wanted.source, prune: wanted.prune, actor: request.actor)
            return Response(json: ApplyView(report).json)
        }
        router.post("/jobs/:name/pause") { request, context in
            Response(json: try await setPaused(true, request, context).json)
        }
        router.post("/jobs/:name/resume") { request, context in
            Response(json: try await setPaused(false, request, context).json)
        }
        router.post("/jobs") { request, _ in
            let job = try JobDefinition(json: try await request.json())
            let status = try await engine.put(job, mustBeNew: true, actor: request.actor)
            return Response(json: JobView(status).json, status: .created)
        }
        router.put("/jobs/:name") { request, context in
            let job = try JobDefinition(json: try await request.json())
            let name = try name(context)
            guard job.name == name else {
                throw FieldError(
                    path: "name", value: JSONValue.string(job.name).text,
                    reason: "must be \"\(name)\", as the path has it")
            }
            return Response(json: JobView(try await engine.put(job, mustBeNew: false, actor: request.actor)).json)
        }
        for (word, enabled) in [("enable", true), ("disable", false)] {
            router.post("/jobs/:name/\(word)") { request, context in
                Response(
                    json: JobView(
                        try await engine.setEnabled(enabled, job: try name(context), actor: request.actor)
                    ).json)
            }
        }
        router.post("/jobs/:name/trigger") { request, context in
            var fields = try FieldReader(try await request.jsonIfAny())
            let strictly = try fields.bool("strict") ?? false
            try fields.finish()
            let run = try await engine.trigger(job: try name(context), strictly: strictly, actor: request.actor)
            return Response(json: RunView(run).json, status: .created)
        }
        router.delete("/jobs/:name") { request, context in
            try await engine.delete(job: try name(context), actor: request.actor)
            return Response(status: .noContent)
        }
    }

    private func setPaused(_ paused: Bool, _ request: Request, _ context: BasicRequestContext) async throws -> JobView {
        JobView(try await engine.setPaused(paused, job: try name(context), actor: request.actor))
    }

    private func name(_ context: BasicRequestContext) throws -> String {
        try context.name("name")
    }
}
