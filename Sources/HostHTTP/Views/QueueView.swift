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
            "min_slots": .number(status.queue.leastSlots),
            "width": .number(status.width),
            "mode": .string(status.isDrained ? "drained" : status.queue.mode.word),
            "paused": .bool(status.queue.isPaused),
            "rate": status.queue.settings.rate.map { .string($0.text) },
            "burst": status.queue.settings.rate.map { .number($0.burst) },
            "max_pending": status.queue.settings.maxPending.map { .number($0) },
            "pre_step": status.queue.settings.preStep?.json(.before),
            "post_step": status.queue.settings.postStep?.json(.after),
            "aging": .string(status.queue.settings.aging?.berthText ?? "none"),
            "running": .number(status.running),
            "pending": .number(status.pending),
            "oldest": status.oldest.map { RunView($0).json },
        ])
    }

    package var name: String { text("name") ?? "" }
    package var slots: Int64 { integer("slots") ?? 0 }
    package var leastSlots: Int64 { integer("min_slots") ?? slots }
    package var width: Int64 { integer("width") ?? slots }
    /// `open`, `paused`, `draining`; `drained` once nothing is left in a draining queue.
    package var mode: String { text("mode") ?? "open" }
    package var rate: String? { text("rate") }
    package var maxPending: Int64? { integer("max_pending") }
    package var running: Int64 { integer("running") ?? 0 }
    package var pending: Int64 { integer("pending") ?? 0 }
    /// The run that is due and has waited longest.
    package var oldest: RunView? { json["oldest"].map(RunView.init(json:)) }
}
