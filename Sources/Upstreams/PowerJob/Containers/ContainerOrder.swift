import JobModel

/// What a server says of a container: a plugin file that it keeps for its app, and where it is.
struct ContainerOrder: Hashable, Sendable {
    var id: Int64
    var name: String
    /// MD5 of the file in lower-case hex: that is what the protocol calls a version.
    var version: String
    var url: String

    /// Nil where it says too little, or a version that is none.
    init?(json: JSONValue) {
        guard let id = json["containerId"]?.looseInteger, let url = json["downloadURL"]?.string,
            let version = json["version"]?.string?.lowercased(), Self.isDigest(version)
        else { return nil }
        self.id = id
        self.url = url
        self.version = version
        name = json["containerName"]?.string ?? ""
    }

    private static func isDigest(_ text: String) -> Bool {
        text.utf8.count == 32
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"): true
                default: false
                }
            }
    }

    /// Where the file is, if that is one of these servers and nowhere else; a port that is not said is 80.
    func source(among servers: [HostPort]) -> HostPort? {
        let scheme = "http://"
        guard url.lowercased().hasPrefix(scheme) else { return nil }
        let authority = url.dropFirst(scheme.count).prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        guard !authority.contains("@"), let address = HostPort(authority, usually: 80) else { return nil }
        return servers.contains { $0.port == address.port && $0.host.lowercased() == address.host.lowercased() }
            ? address : nil
    }
}
