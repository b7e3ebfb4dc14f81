import HTTPTypes
import Hummingbird
import JobModel

/// Refuses words of a query that the route does not know: a slip of the pen would otherwise ask for everything.
struct QueryGuard<Context: RequestContext>: RouterMiddleware {
    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        if let path = context.endpointPath, path.hasPrefix("/api/") {
            try QueryWords.check(request.uri.queryParameters.map { String($0.key) }, request.method, path)
        }
        return try await next(request, context)
    }
}

/// Which words the queries of routes may have.
enum QueryWords {
    /// By method and path; all other routes take none.
    static let routes: [String: [String]] = [
        "GET /api/v1/runs": [
            "filter", "state", "component", "job", "queue", "parent", "since", "before", "limit",
        ],
        "POST /api/v1/runs": ["wait"],
        "GET /api/v1/runs/{id}/wait": ["timeout"],
        "GET /api/v1/runs/{id}/logs": ["after", "limit", "follow"],
        "POST /api/v1/scheduler/start": ["strict"],
    ]

    static func check(_ words: [String], _ method: HTTPRequest.Method, _ path: String) throws(Problem) {
        let route = "\(method == .head ? .get : method) \(path)"
        let known = routes[route] ?? []
        guard let word = words.first(where: { !known.contains($0) }) else { return }
        throw Problem(
            .unknownField,
            known.isEmpty
                ? "\(route) takes no query; \"\(word.excerpt)\" means nothing there."
                : "\"\(word.excerpt)\" is not a word of the query of \(route); "
                    + Spelling.hint(for: word, among: known).withStop,
            field: word.excerpt)
    }
}
