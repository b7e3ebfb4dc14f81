/// A way into the API.
package enum Door: Hashable, Sendable {
    /// The Unix socket in the home folder: who can reach it owns the home.
    case socket(path: String)
    /// TCP: every request shows the token.
    case network(host: String, port: Int, token: String)
}
