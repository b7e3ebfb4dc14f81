import HTTPTypes
import Hummingbird

/// Tells a path that takes other methods from one at which there is nothing.
struct MethodGuard<Context: RequestContext>: RouterMiddleware {
    /// Filled once all routes are there, before the first request.
    let routes: KnownRoutes

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as any HTTPResponseError where error.status == .notFound {
            let methods = routes.methods(at: request.uri.path)
            guard !methods.isEmpty, !methods.contains(request.method) else { throw error }
            throw MethodNotAllowed(method: request.method, path: request.uri.path, allowed: methods)
        }
    }
}

/// The path takes other methods than this.
struct MethodNotAllowed: Error {
    var method: HTTPRequest.Method
    var path: String
    var allowed: [HTTPRequest.Method]

    var problem: Problem {
        let methods = allowed.map(\.rawValue).joined(separator: ", ")
        return Problem(
            .methodNotAllowed, "\(method.rawValue.excerpt) means nothing at \(path.excerpt), which takes \(methods).")
    }
}
