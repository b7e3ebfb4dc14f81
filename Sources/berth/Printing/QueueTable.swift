import HostHTTP
import JobModel

/// Queues as a table, and one closely.
enum QueueTable {
    static func table(_ queues: [QueueView]) -> Table {
        var table = Table([
            .init("QUEUE"), .init("SLOTS", .right), .init("RATE", .right), .init("RUNNING", .right),
            .init("PENDING", .right), .init("STATE"), .init("OLDEST WAITING"),
        ])
        for queue in queues {
            table.add([
                queue.name, slots(queue), queue.rate, String(queue.running), pending(queue), queue.mode, oldest(queue),
            ])
        }
        return table
    }

    static func facts(_ queue: QueueView) -> Facts {
        var facts = Facts()
        facts.add("queue", queue.name)
        facts.add("state", queue.mode)
        facts.add("slots", slots(queue))
        facts.add("rate", queue.rate.map { "\($0), burst \(queue.integer("burst") ?? 1)" })
        facts.add("running", String(queue.running))
        facts.add("pending", pending(queue))
        facts.add("aging", queue.text("aging"))
        facts.add("pre-step", queue.json["pre_step"]?.text)
        facts.add("post-step", queue.json["post_step"]?.text)
        facts.add("oldest", oldest(queue))
        return facts
    }

    /// `8`; `2 of 1..8` where it changes with the load.
    private static func slots(_ queue: QueueView) -> String {
        guard queue.leastSlots < queue.slots else { return String(queue.slots) }
        return "\(queue.width) of \(queue.leastSlots)..\(queue.slots)"
    }

    private static func pending(_ queue: QueueView) -> String {
        queue.maxPending.map { "\(queue.pending) of \($0)" } ?? String(queue.pending)
    }

    private static func oldest(_ queue: QueueView) -> String? {
        queue.oldest.map { "run \($0.id) (\($0.component)), due \(RelativeTime.words($0.due) ?? "")" }
    }
}
