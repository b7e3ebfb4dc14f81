import HTTPTypes
import Hummingbird
import JobModel

/// Lets in who shows the token, and nobody that a web page sent: a page may make a browser send requests to this host,
/// by another name for it (DNS rebinding) or openly (then with an Origin).
struct NetworkGuard<Context: RequestContext>: RouterMiddleware {
    /// Named in `--listen`; allowed beside `localhost` and bare addresses, which cannot be rebound.
    let host: String
    let token: String
    /// Paths that need no token.
    static var open: Set<String> { ["/healthz", "/readyz"] }

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        try check(authority: request.head.authority, origin: request.headers[.origin])
        if !Self.open.contains(request.uri.path) { try check(authorization: request.headers[.authorization]) }
        return try await next(request, context)
    }

    func check(authority: String?, origin: String?) throws(Problem) {
        guard let authority, Self.names(authority, host: host) else {
            throw Problem(
                .hostNotAllowed,
                "This host is not called \"\((authority ?? "").excerpt)\"; use localhost, an IP address, or the name "
                    + "given to --listen.")
        }
        guard origin == nil || origin == "http://\(authority)" else {
            throw Problem(.originNotAllowed, "Pages of \"\((origin ?? "").excerpt)\" may not use this API.")
        }
    }

    func check(authorization: String?) throws(Problem) {
        let prefix = "Bearer "
        guard let authorization, authorization.hasPrefix(prefix),
            Self.equal(authorization.dropFirst(prefix.count), token)
        else {
            throw Problem(
                .unauthorized,
                "Send the header \"Authorization: Bearer …\" with what the file \"token\" in the home folder holds.")
        }
    }

    static func names(_ authority: String, host: String) -> Bool {
        let name = Self.name(authority)
        return name == "localhost" || name == host.lowercased() || isAddress(name)
    }

    /// The authority without its port, in lower case.
    private static func name(_ authority: String) -> String {
        let lower = authority.lowercased()
        if lower.hasPrefix("["), let end = lower.firstIndex(of: "]") { return String(lower[...end]) }
        return String(lower.prefix { $0 != ":" })
    }

    private static func isAddress(_ name: String) -> Bool {
        if name.hasPrefix("["), name.hasSuffix("]") { return true }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts.allSatisfy { UInt8($0) != nil }
    }

    /// Takes the same time wherever the texts differ.
    static func equal(_ left: some StringProtocol, _ right: some StringProtocol) -> Bool {
        let left = Array(left.utf8), right = Array(right.utf8)
        guard left.count == right.count else { return false }
        return zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
