import Foundation

/// Where a host answers.
enum HostAddress: Hashable {
    case socket(path: String)
    case url(String, token: String?)

    /// `--host` beats `--home`, flags beat the environment. The token of a home on this machine goes to a host on this
    /// machine, or to the one that it was named together with.
    init(host: String?, home: String?, environment: [String: String]) throws(Failure) {
        let layers = try SettingLayers(
            flags: home.map { [.home: $0] } ?? [:], environment: environment, file: "/dev/null")
        let folder = HomeFolder(path: try layers.home(environment))
        let host = host ?? (home == nil ? environment["BERTH_HOST"] : nil)
        guard let host, !host.isEmpty else {
            self = .socket(path: folder.socket)
            return
        }
        let url = host.contains("://") ? host : "http://\(host)"
        guard let parsed = URL(string: url), parsed.host != nil, ["http", "https"].contains(parsed.scheme) else {
            throw Failure(.usage, "\"\(host)\" is no address of a host; give one such as http://127.0.0.1:7780.")
        }
        self = .url(
            url.hasSuffix("/") ? String(url.dropLast()) : url,
            token: environment["BERTH_TOKEN"]
                ?? (home != nil || Self.isLocal(parsed.host ?? "") ? Token.read(folder) : nil))
    }

    private static func isLocal(_ host: String) -> Bool {
        ["localhost", "::1", "[::1]"].contains(host) || host.hasPrefix("127.")
    }

    var description: String {
        switch self {
        case .socket(let path): path
        case .url(let url, _): url
        }
    }
}
