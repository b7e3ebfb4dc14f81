import Foundation

/// Where the server's WebSocket is, as its base URL says.
package struct ServerAddress: Hashable, Sendable {
    package var host: String
    package var port: Int
    package var isSecure: Bool
    /// Of the API, without a slash at its end.
    package var path: String

    /// Nil unless it is an http or https URL with a host.
    package init?(base: String) {
        guard let url = URLComponents(string: base), let host = url.host, !host.isEmpty,
            let scheme = url.scheme?.lowercased(), ["http", "https"].contains(scheme), url.query == nil,
            url.fragment == nil
        else { return nil }
        isSecure = scheme == "https"
        self.host = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        port = url.port ?? (isSecure ? 443 : 80)
        path = String(url.percentEncodedPath.reversed().drop { $0 == "/" }.reversed())
    }

    /// As a Host header has it.
    package var authority: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port == (isSecure ? 443 : 80) ? name : "\(name):\(port)"
    }
}
