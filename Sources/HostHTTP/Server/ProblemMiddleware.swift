import HTTPTypes
import Hummingbird
import JobEngine
import JobModel
import NIOCore

/// Turns whatever a route throws into problem+json.
struct ProblemMiddleware<Context: RequestContext>: RouterMiddleware {
    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch {
            if let error = error as? MethodNotAllowed {
                var response = error.problem.response
                response.headers[.allow] = error.allowed.map(\.rawValue).joined(separator: ", ")
                return response
            }
            let problem = Problem(thrown: error, path: request.uri.path)
            if problem.code == .internalError {
                context.logger.error("request failed", metadata: ["path": "\(request.uri.path)", "error": "\(error)"])
            }
            return problem.response
        }
    }
}

extension Problem {
    init(thrown error: any Error, path: String) {
        switch error {
        case let problem as Problem: self = problem
        case let error as EngineError: self.init(error)
        case let error as FieldError: self.init(error)
        case let error as JSONError: self.init(error)
        case let error as FilterError: self.init(error)
        case is NIOTooManyBytesError: self = .bodyTooLarge
        case let error as any HTTPResponseError where error.status == .contentTooLarge: self = .bodyTooLarge
        case let error as any HTTPResponseError where error.status == .notFound:
            self.init(.notFound, "There is nothing at \(path.excerpt); the API begins at /api/v1.")
        case let error as any HTTPResponseError where error.status.kind == .clientError:
            self.init(.invalidField, "The request is not valid: \(error.status).")
        default: self.init(.internalError, "The host failed to answer; its log says more.")
        }
    }

    static let bodyTooLarge = Problem(
        .bodyTooLarge,
        "The body is larger than \(RequestBodyLimit.bytes >> 20) MiB; send less, or many runs in several requests.")

    var response: Response {
        var response = Response(json: json, status: .init(code: code.status))
        response.headers[.contentType] = "application/problem+json"
        if let retryAfter { response.headers[.retryAfter] = "\(max(1, retryAfter.components.seconds))" }
        if code == .unauthorized { response.headers[.wwwAuthenticate] = "Bearer" }
        return response
    }
}
