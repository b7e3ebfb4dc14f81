import HostHTTP
import JobModel

/// Environments in which no schedule may fire, and the one this is.
struct EnvironmentBan: Hashable {
    var current: String
    var banned: Set<String>

    var isInForce: Bool { banned.contains(current) }

    var words: String {
        let list = banned.isEmpty ? "no ban" : "not in \(banned.sorted().joined(separator: ", "))"
        return "\(list); this is \(current)"
    }

    /// What the process is told of its environment; `dev` when it is told nothing.
    static func name(_ environment: [String: String]) -> String {
        let told = ["BERTH_ENVIRONMENT", "DeployEnvironment"].lazy.compactMap { environment[$0] }
        return told.map(trimmed).first { !$0.isEmpty } ?? "dev"
    }

    /// A list of names, or a text of names between commas and semicolons, those of Chinese keyboards too. Nil for
    /// anything else.
    static func names(_ value: JSONValue) -> Set<String>? {
        if let text = value.string {
            let parts = text.split { ",;\u{FF0C}\u{FF1B}".contains($0) }
            return Set(parts.map { trimmed(String($0)) }.filter { !$0.isEmpty })
        }
        guard let values = value.array else { return nil }
        let names = values.compactMap(\.string).map(trimmed)
        return names.count == values.count ? Set(names) : nil
    }

    private static func trimmed(_ text: String) -> String {
        String(text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}
