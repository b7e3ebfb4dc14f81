import JobModel
import JobStore

extension HotState {
    mutating func setQueue(_ name: String, slots: Int?, paused: Bool?, _ ticket: Ticket) {
        if let error = queueError(name, slots: slots) { return reply(ticket, .failed(error)) }
        var record = queueIndex[name].map { queues[$0].record } ?? QueueRecord(name: name, slots: surroundings.slots)
        let isNew = queueIndex[name] == nil
        let before = record
        record.slots = slots ?? record.slots
        record.paused = paused ?? record.paused
        let number = put(record)
        // Stored even if nothing changed: what it is equal to may not be on disk yet.
        let news = isNew || record != before ? Announcement.queueChanged(name) : nil
        emit(.putQueue(record), .told(ticket, .queues([outlook(ofQueue: number)]), news))
    }

    private func queueError(_ name: String, slots: Int?) -> EngineError? {
        guard Identifier.isName(name) else {
            let rule = "names are a-z, 0-9, - . _, begin with a letter and have at most 63 characters"
            return .invalid(field: "name", value: name, reason: rule)
        }
        guard let slots, !(1...1000).contains(slots) else { return nil }
        return .invalid(field: "slots", value: "\(slots)", reason: "must be 1 to 1000; to stop a queue, pause it")
    }

    /// The queue's number.
    @discardableResult
    mutating func put(_ record: QueueRecord) -> Int {
        let number = queueNumber(record.name)
        queues[number].record = record
        fitSlots(of: number)
        return number
    }

    /// A queue that runs name is there, even where nobody made it.
    mutating func queueNumber(_ name: String) -> Int {
        if let known = queueIndex[name] { return known }
        queues.append(HotQueue(record: QueueRecord(name: name, slots: surroundings.slots)))
        queueIndex[name] = queues.count - 1
        fitSlots(of: queues.count - 1)
        return queues.count - 1
    }

    func outlook(ofQueue number: Int) -> QueueOutlook {
        let running = queues[number].slots.reduce(0) { $0 + slots[$1].held }
        return QueueOutlook(queue: queues[number].record, running: running)
    }
}
