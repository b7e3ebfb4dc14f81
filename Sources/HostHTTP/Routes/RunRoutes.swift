import HTTPTypes
import Hummingbird
import JobEngine
import JobModel
import ServiceLifecycle

/// Making runs, and what can be done to one.
struct RunRoutes {
    let engine: JobEngine

    func add(to router: RouterGroup<BasicRequestContext>) {
        router.post("/runs") { request, _ in try await create(request) }
        router.get("/runs/:id") { _, context in
            Response(json: try await engine.wholeRun(engine.runID(context)).json)
        }
        router.get("/runs/:id/explain") { _, context in
            let run = try await engine.run(engine.runID(context))
            return Response(json: ExplanationView(try await engine.explain(run.id), run: run).json)
        }
        router.get("/runs/:id/wait") { request, context in
            let id = try await engine.runID(context)
            return Response(
                json: try await engine.waited(id, atMost: try waitLimit(request, "timeout") ?? .seconds(30)).json)
        }
        router.post("/runs/:id/cancel") { request, context in try await cancel(request, context) }
        router.post("/runs/:id/retry") { request, context in
            let (id, reason) = (try await engine.runID(context), try await reason(request))
            return Response(json: RunView(try await engine.retry(id, actor: request.actor, reason: reason)).json)
        }
        router.post("/runs/:id/pause") { request, context in
            let (id, reason) = (try await engine.runID(context), try await reason(request))
            return Response(json: RunView(try await engine.pause(id, actor: request.actor, reason: reason)).json)
        }
        router.post("/runs/:id/resume") { request, context in
            let (id, reason) = (try await engine.runID(context), try await reason(request))
            return Response(json: RunView(try await engine.resume(id, actor: request.actor, reason: reason)).json)
        }
        router.post("/runs/:id/resolve") { request, context in try await resolve(request, context) }
        router.patch("/runs/:id") { request, context in try await edit(request, context) }
    }

    private func create(_ request: Request) async throws -> Response {
        if request.isNDJSON {
            try refuseWaiting(request)
            let batch = RunBatch(ndjson: try await request.bodyBytes().readableBytesView, now: SystemClock.now)
            return try await batch.enqueue(engine, actor: request.actor)
        }
        let json = try await request.json()
        if let values = json.array {
            try refuseWaiting(request)
            return try await RunBatch(values, now: SystemClock.now).enqueue(engine, actor: request.actor)
        }
        return try await createOne(json, request)
    }

    private func refuseWaiting(_ request: Request) throws {
        guard let wait = try waitLimit(request, "wait") else { return }
        throw FieldError(
            path: "wait", value: JSONValue.string(wait.berthText).text,
            reason: "is for a single request; ask GET /api/v1/runs/ID/wait for each of many")
    }

    private func createOne(_ json: JSONValue, _ request: Request) async throws -> Response {
        let wait = try waitLimit(request, "wait")
        var asked = try RunRequest(json: json, now: SystemClock.now)
        // What is no trace context is passed over, as W3C has it.
        if asked.traceparent == nil, let field = HTTPField.Name("traceparent"),
            let given = request.headers[field], TraceParent.isValid(given)
        {
            asked.traceparent = given
        }
        let run: RunRecord
        var status = HTTPResponse.Status.created
        switch try await engine.enqueue([asked], actor: request.actor).first {
        case .created(let made): run = made
        case .existing(let found), .replaced(let found): (run, status) = (found, .ok)
        case .refused(let error): throw error
        case nil: throw Problem(.internalError, "The engine did not answer.")
        }
        let view =
            try await wait.asyncMap { try await engine.waited(run.id, atMost: $0) }
            ?? RunView(engine.masked(run), attempts: nil)
        var response = Response(json: view.json, status: status)
        response.headers[.location] = "/api/v1/runs/\(run.id)"
        return response
    }

    private func cancel(_ request: Request, _ context: BasicRequestContext) async throws -> Response {
        let reason = try await reason(request)
        let run = try await engine.cancel(engine.runID(context), actor: request.actor, reason: reason)
        return Response(json: RunView(run).json)
    }

    /// {"as": "succeeded", "reason": "…"}
    private func resolve(_ request: Request, _ context: BasicRequestContext) async throws -> Response {
        var fields = try FieldReader(try await request.json())
        let state = try fields.convert("as", "must be succeeded, failed or cancelled") {
            $0.string.flatMap { RunState(word: $0) }.flatMap { RunMove.resolve.to.contains($0) ? $0 : nil }
        }
        let wanted = try fields.required("as", state)
        let reason = try fields.string("reason")
        try fields.finish()
        let run = try await engine.resolve(
            engine.runID(context), as: wanted, actor: request.actor, reason: reason)
        return Response(json: RunView(run).json)
    }

    /// {"params": {…}, "set": {…}, "timeout": …, "retry": …, "in": …}: what is left out stays.
    private func edit(_ request: Request, _ context: BasicRequestContext) async throws -> Response {
        let run = try await engine.run(engine.runID(context))
        let edit = try RunEdit(json: try await request.json(), of: run, now: SystemClock.now)
        let edited = try await engine.edit(run.id, edit, actor: request.actor)
        return Response(json: RunView(engine.masked(edited), attempts: nil).json)
    }

    private func reason(_ request: Request) async throws -> String? {
        var fields = try FieldReader(try await request.jsonIfAny())
        let reason = try fields.string("reason")
        try fields.finish()
        return reason
    }

    private func waitLimit(_ request: Request, _ name: String) throws -> Duration? {
        var query = try request.query()
        let limit = try query.convert(name, "must be a duration of at most 1h such as \"30s\"") {
            $0.duration.flatMap { $0 <= .seconds(3600) ? $0 : nil }
        }
        try query.finish()
        return limit
    }
}

extension Optional {
    fileprivate func asyncMap<Result>(_ transform: (Wrapped) async throws -> Result) async rethrows -> Result? {
        guard let self else { return nil }
        return try await transform(self)
    }
}
