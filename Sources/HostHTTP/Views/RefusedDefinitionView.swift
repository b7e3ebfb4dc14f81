package import JobEngine
package import JobModel

/// A definition that is not in force, and why.
package struct RefusedDefinitionView: JSONView {
    package let json: JSONValue

    package init(json: JSONValue) {
        self.json = json
    }

    package init(_ refused: RefusedDefinition) {
        json = .object(present: [
            "source": .string(refused.source),
            "line": refused.line.map { .number($0) },
            "job": .text(refused.job),
            "reason": .string(refused.reason),
        ])
    }

    package var source: String { text("source") ?? "" }
    package var line: Int64? { integer("line") }
    package var job: String? { text("job") }
    package var reason: String { text("reason") ?? "" }
}

extension ScheduleActivity {
    /// As the API has it.
    package var word: String {
        switch self {
        case .running: "running"
        case .stopped: "stopped"
        case .banned: "banned"
        }
    }

    /// Why no schedule fires; nil when they do.
    package var words: String? {
        switch self {
        case .running: nil
        case .stopped: "do not fire: they are stopped, until POST /api/v1/scheduler/start"
        case .banned(let environment): "do not fire: they are banned in the environment \(environment)"
        }
    }

    /// In which schedules are banned.
    package var environment: String? { if case .banned(let environment) = self { environment } else { nil } }
}
