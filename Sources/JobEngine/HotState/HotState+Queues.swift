import JobModel
import JobStore

extension HotState {
    mutating func changeQueue(_ name: String, _ change: QueueChange, _ ticket: Ticket) {
        let known = queueIndex[name].map { queues[$0].record }
        let before = known ?? QueueRecord(name: name, slots: surroundings.slots)
        if let error = queueError(name, change, before) { return reply(ticket, .failed(error)) }
        let record = change.applied(to: before)
        let number = put(record)
        if change.rate != nil { queues[number].turns = RateTurns() }
        // Stored even if nothing changed: what it is equal to may not be on disk yet.
        let news = known == nil || record != before ? Announcement.queueChanged(name) : nil
        emit(.putQueue(record), .told(ticket, .queues([outlook(ofQueue: number)]), news))
    }

    private func queueError(_ name: String, _ change: QueueChange, _ record: QueueRecord) -> EngineError? {
        guard Identifier.isName(name) else {
            let rule = "names are a-z, 0-9, - . _, begin with a letter and have at most 63 characters"
            return .invalid(field: "name", value: name, reason: rule)
        }
        guard let complaint = change.complaint(for: record) else { return nil }
        return .invalid(field: complaint.field, value: complaint.value, reason: complaint.reason)
    }

    /// The queue's number.
    @discardableResult
    mutating func put(_ record: QueueRecord) -> Int {
        let number = queueNumber(record.name)
        if record.settings.maxPending != queues[number].record.settings.maxPending {
            (queues[number].room, queues[number].roomBeforeCount) = (0, 0)
            queues[number].countedAt = .distantPast
        }
        queues[number].record = record
        hasBounds = queues.contains { $0.record.settings.maxPending != nil }
        fitSlots(of: number)
        return number
    }

    /// What a host before us let start in the last moments is not known: a rate begins with hardly anything to spend.
    mutating func takeUp(_ record: QueueRecord, now: Instant) {
        let number = put(record)
        if let rate = record.settings.rate { queues[number].turns = RateTurns(RateBucket(nearlyEmptyAt: now, rate)) }
    }

    /// Makes queues be as the configuration has them, before anybody can ask for a run in one.
    mutating func configureQueues(now: Instant) {
        for (name, change) in surroundings.queues {
            let before =
                queueIndex[name].map { queues[$0].record } ?? QueueRecord(name: name, slots: surroundings.slots)
            let record = change.applied(to: before)
            takeUp(record, now: now)
            emit(.putQueue(record), .silent)
        }
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
        return QueueOutlook(queue: queues[number].record, width: queues[number].slots.count, running: running)
    }

    // MARK: Components

    mutating func setLimit(of name: ComponentName, atOnce: Int?, _ ticket: Ticket) {
        if let atOnce, !(1...1000).contains(atOnce) {
            let reason = "must be 1 to 1000, or none"
            return reply(ticket, .failed(.invalid(field: "at_once", value: "\(atOnce)", reason: reason)))
        }
        components[componentNumber(name)].atOnce = atOnce
        emit(.setLimit(name, atOnce: atOnce), .told(ticket, .done, nil))
    }

    var limits: [ComponentName: Int] {
        Dictionary(
            uniqueKeysWithValues: components.compactMap { component in component.atOnce.map { (component.name, $0) } })
    }
}
