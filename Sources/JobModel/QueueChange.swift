/// What is to change about a queue; nil leaves a setting as it is.
package struct QueueChange: Hashable, Sendable {
    /// A setting that can be taken away.
    package enum Setting<Value: Hashable & Sendable>: Hashable, Sendable {
        case none
        case to(Value)

        var value: Value? { if case .to(let value) = self { value } else { nil } }
    }

    package var slots: Int?
    package var leastSlots: Int?
    package var mode: QueueMode?
    package var rate: Setting<RateLimit>?
    package var maxPending: Setting<Int>?
    package var aging: Setting<Duration>?
    package var preStep: Setting<Step>?
    package var postStep: Setting<Step>?

    package init(
        slots: Int? = nil, leastSlots: Int? = nil, mode: QueueMode? = nil, rate: Setting<RateLimit>? = nil,
        maxPending: Setting<Int>? = nil, aging: Setting<Duration>? = nil, preStep: Setting<Step>? = nil,
        postStep: Setting<Step>? = nil
    ) {
        self.slots = slots
        self.leastSlots = leastSlots
        self.mode = mode
        self.rate = rate
        self.maxPending = maxPending
        self.aging = aging
        self.preStep = preStep
        self.postStep = postStep
    }

    package init(slots: Int? = nil, paused: Bool?) {
        self.init(slots: slots, mode: paused.map { $0 ? .paused : .open })
    }

    package static let slotCounts = 1...1000
    package static let pendingCounts = 1...10_000_000

    /// Whether it says what a queue is, beyond whether it goes: only such a change makes a queue.
    package var makesQueue: Bool { slots != nil }

    package func applied(to record: QueueRecord) -> QueueRecord {
        var record = record
        record.slots = slots ?? record.slots
        record.mode = mode ?? record.mode
        if let leastSlots { record.settings.leastSlots = leastSlots == record.slots ? nil : leastSlots }
        if let rate { record.settings.rate = rate.value }
        if let maxPending { record.settings.maxPending = maxPending.value }
        if let aging { record.settings.aging = aging.value }
        if let preStep { record.settings.preStep = preStep.value }
        if let postStep { record.settings.postStep = postStep.value }
        return record
    }

    /// The first setting that could not be.
    package func complaint(for record: QueueRecord) -> (field: String, value: String, reason: String)? {
        if let slots, !Self.slotCounts.contains(slots) {
            return ("slots", "\(slots)", "must be 1 to 1000; to stop a queue, pause it")
        }
        if let leastSlots, !(1...applied(to: record).slots).contains(leastSlots) {
            return ("min_slots", "\(leastSlots)", "must be 1 to \(applied(to: record).slots), the queue's slots")
        }
        if case .to(let most) = maxPending, !Self.pendingCounts.contains(most) {
            return ("max_pending", "\(most)", "must be 1 to 10000000, or none")
        }
        if case .to(let step) = aging, step < .milliseconds(1) {
            return ("aging", step.berthText, "must be 1ms or more, or none")
        }
        return nil
    }
}
