import GuestPool
import JobModel
import JobStore

/// How wide queues are: at least and at most as their records say, and in between as wide as the load asks for.
extension HotState {
    /// A slot that a queue does not have to keep goes after so long without an attempt.
    static let slotPatience = Duration.seconds(10)

    /// Surplus slots that are in use go once they are empty.
    mutating func fitSlots(of queue: Int) {
        while queues[queue].slots.count < queues[queue].record.leastSlots { addSlot(to: queue) }
        while queues[queue].slots.count > queues[queue].record.slots,
            let idle = queues[queue].slots.lastIndex(where: { slots[$0].held == 0 })
        {
            removeSlot(at: idle, of: queue)
        }
    }

    @discardableResult
    mutating func addSlot(to queue: Int) -> Int {
        let number = freeSlots.popLast() ?? slots.count
        if number == slots.count { slots.append(Slot(queue: queue)) } else { slots[number] = Slot(queue: queue) }
        slots[number].idleSince = lastTurn
        queues[queue].slots.append(number)
        return number
    }

    private mutating func removeSlot(at index: Int, of queue: Int) {
        let number = queues[queue].slots.remove(at: index)
        freeSlots.append(number)
        effects.guests.append(.vacate(slot: Int32(number)))
    }

    /// Gives up slots that the load does not ask for any more.
    mutating func narrowQueues(_ now: Instant) {
        for queue in queues.indices where queues[queue].slots.count > queues[queue].record.leastSlots {
            while queues[queue].slots.count > queues[queue].record.leastSlots,
                let idle = queues[queue].slots.lastIndex(where: { isSurplus(slots[$0], now) })
            {
                removeSlot(at: idle, of: queue)
            }
        }
    }

    private func isSurplus(_ slot: Slot, _ now: Instant) -> Bool {
        slot.held == 0 && slot.idleSince + Self.slotPatience <= now
    }

    /// When the next slot is to be given up.
    func nextNarrowing(of queue: HotQueue) -> Instant? {
        guard queue.slots.count > queue.record.leastSlots else { return nil }
        let idle = queue.slots.lazy.map { slots[$0] }.filter { $0.held == 0 }.map(\.idleSince).min()
        return idle.map { $0 + Self.slotPatience }
    }
}
