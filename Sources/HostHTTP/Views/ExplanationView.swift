package import JobModel

/// Where a run stands and why: {"run": 7, "state": "pending", "sentence": …, "obstacles": [{kind, sentence, command}],
/// "commands": […]}.
package struct ExplanationView: JSONView {
    package let json: JSONValue

    package init(json: JSONValue) {
        self.json = json
    }

    package init(_ explanation: Explanation, run: RunRecord) {
        json = [
            "run": .number(run.id),
            "state": .string(run.state.word),
            "sentence": .string(explanation.sentence),
            "obstacles": .array(
                explanation.obstacles.map {
                    .object(present: [
                        "kind": .string($0.kind.rawValue), "sentence": .string($0.sentence),
                        "command": .text($0.command),
                    ])
                }),
            "commands": .texts(explanation.commands),
        ]
    }

    package var run: RunID { integer("run") ?? 0 }
    package var state: String { text("state") ?? "" }
    package var sentence: String { text("sentence") ?? "" }
    package var obstacles: [(kind: String, sentence: String, command: String?)] {
        (json["obstacles"]?.array ?? []).map {
            ($0["kind"]?.string ?? "", $0["sentence"]?.string ?? "", $0["command"]?.string)
        }
    }
    package var commands: [String] { (json["commands"]?.array ?? []).compactMap(\.string) }
}
