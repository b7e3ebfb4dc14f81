import Hummingbird

/// Refuses fields in the body of a request that takes none: what they ask for would not be done, and nobody told.
struct BodyGuard<Context: RequestContext>: RouterMiddleware {
    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        if let path = context.endpointPath, BodilessRoutes.all.contains("\(request.method) \(path)") {
            try FieldReader(try await request.jsonIfAny()).finish()
        }
        return try await next(request, context)
    }
}

/// Which routes change something and take no body.
enum BodilessRoutes {
    /// By method and path.
    static let all: Set<String> = [
        "POST /api/v1/jobs/{name}/pause",
        "POST /api/v1/jobs/{name}/resume",
        "POST /api/v1/jobs/{name}/enable",
        "POST /api/v1/jobs/{name}/disable",
        "DELETE /api/v1/jobs/{name}",
        "POST /api/v1/scheduler/start",
        "POST /api/v1/scheduler/stop",
        "POST /api/v1/plugins/{id}/enable",
        "POST /api/v1/plugins/{id}/release",
        "PUT /api/v1/plugins/_allowed/{digest}",
        "DELETE /api/v1/plugins/_allowed/{digest}",
        "POST /api/v1/upstreams/{name}/forget",
    ]
}
