package import JobModel

/// How an upstream stands with its server.
package struct UpstreamView: JSONView {
    package let json: JSONValue

    package init(json: JSONValue) {
        self.json = json
    }

    package init(_ status: UpstreamStatus) {
        json = .object(present: [
            "name": .string(status.name),
            "kind": .string(status.kind),
            "state": .string(status.state.rawValue),
            "server": .text(status.server),
            "last_contact": .instant(status.lastContact),
            "lag": status.lag.map { .string($0.berthText) },
            "open": .number(status.open),
            "owed": .number(status.owed),
            "last_error": .text(status.lastError),
            "remedy": .text(status.remedy),
        ])
    }

    package var name: String { text("name") ?? "" }
    package var kind: String { text("kind") ?? "" }
    package var state: String { text("state") ?? "" }
    package var server: String? { text("server") }
    package var lastContact: Instant? { instant("last_contact") }
    /// How long the oldest end waits that the server has not acknowledged.
    package var lag: String? { text("lag") }
    /// Dispatches whose runs have not ended, and those whose end is owed.
    package var open: Int64 { integer("open") ?? 0 }
    package var owed: Int64 { integer("owed") ?? 0 }
    package var lastError: String? { text("last_error") }
    package var remedy: String? { text("remedy") }
}
