import JobEngine
package import JobModel

/// How far a running attempt says it is.
package struct ProgressView: JSONView {
    package let json: JSONValue

    package init(json: JSONValue) {
        self.json = json
    }

    /// Nil when no attempt of the run is running.
    init?(of run: RunID, engine: JobEngine) async {
        guard let progress = await engine.progress().first(where: { $0.key.run == run }) else { return nil }
        json = .object(present: [
            "attempt": .number(progress.key.number),
            "guest": .number(progress.guest),
            "done": .number(progress.done),
            "total": progress.total == 0 ? nil : .number(progress.total),
            "note": progress.note.isEmpty ? nil : .string(progress.note),
            "breadcrumb": progress.breadcrumb.isEmpty ? nil : .string(progress.breadcrumb),
        ])
    }

    package var done: Int64 { integer("done") ?? 0 }
    package var total: Int64? { integer("total") }
    package var note: String? { text("note") }
    package var breadcrumb: String? { text("breadcrumb") }
}
