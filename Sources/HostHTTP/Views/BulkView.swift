package import JobEngine
package import JobModel

/// What was done to many runs.
package struct BulkView: JSONView {
    package let json: JSONValue

    package init(json: JSONValue) {
        self.json = json
    }

    package init(_ report: BulkReport, isDry: Bool) {
        json = .object(present: [
            "matched": .number(report.matched),
            "changed": .number(report.changed),
            "dry_run": .bool(isDry),
            "first_refusal": report.firstRefusal.map { .string(Problem($0).detail) },
            "runs": .array(report.runs.map { RunView($0).json }),
        ])
    }

    package var matched: Int64 { integer("matched") ?? 0 }
    package var changed: Int64 { integer("changed") ?? 0 }
    package var isDry: Bool { bool("dry_run") }
    package var firstRefusal: String? { text("first_refusal") }
    /// The first of them.
    package var runs: [RunView] { views("runs") }
}
