package import JobModel

/// Which lines of a run the server wants, as its job says (`logConfig`).
package struct LogRule: Hashable, Sendable {
    /// 1 debug, 2 info, 3 warning, 4 error; nothing is 99.
    package var level: Int64
    /// Whether the server shows lines at all; else they stay in this host's log.
    package var isOnline: Bool

    package static let standard = LogRule(level: 2, isOnline: true)

    package init(level: Int64, isOnline: Bool) {
        self.level = level
        self.isOnline = isOnline
    }

    /// JSON within a text, as it is sent; what cannot be read counts as not said.
    package init(config: String?) {
        self = .standard
        guard let config, let json = try? JSONParser.parse(config) else { return }
        if let level = json["level"]?.looseInteger { self.level = level }
        if let type = json["type"]?.looseInteger { isOnline = type == 1 || type == 4 }
    }

    /// The server's level of a line it wants.
    package func level(of line: LogLine) -> Int64? {
        let level = Int64(max(1, min(line.level, 4)))
        return isOnline && level >= self.level ? level : nil
    }
}
