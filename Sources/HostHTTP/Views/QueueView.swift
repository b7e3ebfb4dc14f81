package import JobEngine
package import JobModel

/// A queue and what waits in it.
package struct QueueView: JSONView {
    package let json: JSONValue

    package init(json: JSONValue) {
        self.json = json
    }

    package init(_ status: QueueStatus) {
        json = .object(present: [
            "name": .string(status.queue.name),
            "slots": .number(status.queue.slots),
            "paused": .bool(status.queue.paused),
            "running": .number(status.running),
            "pending": .number(status.pending),
            "oldest": status.oldest.map { RunView($0).json },
        ])
    }

    package var name: String { text("name") ?? "" }
    package var slots: Int64 { integer("slots") ?? 0 }
    package var paused: Bool { bool("paused") }
    package var running: Int64 { integer("running") ?? 0 }
    package var pending: Int64 { integer("pending") ?? 0 }
    /// The run that is due and has waited longest.
    package var oldest: RunView? { json["oldest"].map(RunView.init(json:)) }
}
