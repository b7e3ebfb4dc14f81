import GuestPool
import JobModel
import JobStore

extension HotState {
    /// Gives the due runs of a queue, in order, to slots that can take them.
    mutating func dispatch(_ queue: Int, now: Instant) {
        guard !queues[queue].record.paused else { return }
        var full: Set<Int> = []
        while let lane = queues[queue].nextLane(where: { !full.contains($0.component) && isReady($0, $1, now) }) {
            guard let head = queues[queue].lanes[lane].window.head else { return }
            guard let run = runs[head.id] else {
                take(head, from: lane, of: queue)
                effects.complaints.append("run \(head.id) had a place in a lane and was not in memory")
                continue
            }
            if let expiry = run.expiry, expiry <= now {
                take(head, from: lane, of: queue)
                expire(run, now: now)
                continue
            }
            if mustWait(run) {
                take(head, from: lane, of: queue)
                park(run)
                continue
            }
            guard let fitting = fitting(run), let slot = slot(of: queue, for: fitting) else {
                guard components[run.component].keeping.maximum > 0 else { return }
                // Its plugin may have no more guests; others may.
                full.insert(run.component)
                continue
            }
            take(head, from: lane, of: queue)
            guard judge(run, now: now) else { continue }
            reserve(slot, fitting, for: head.id, now: now)
        }
    }

    /// A run that was due when it was made is due for ever, even if the clock was ahead then.
    private func isReady(_ lane: Lane, _ head: LanePlace, _ now: Instant) -> Bool {
        guard components[lane.component].isAvailable else { return false }
        return head.due <= now || runs[head.id]?.wasDueAtOnce == true
    }

    private mutating func take(_ head: LanePlace, from lane: Int, of queue: Int) {
        _ = queues[queue].lanes[lane].window.takeHead()
        queues[queue].dropLaneIfSpent(lane)
    }

    private mutating func fitting(_ run: HotRun) -> Fitting? {
        guard
            let spec = components[run.component].spec(
                access: run.origin.value.policy.access, surroundings: surroundings)
        else { return nil }
        return Fitting(component: run.component, generation: components[run.component].generation, spec: spec)
    }

    /// An idle slot, best one whose guest fits. When none is idle, the slot with the least work ahead that may be sent
    /// more of the same.
    private func slot(of queue: Int, for fitting: Fitting) -> Int? {
        // A queue that was made narrower has only busy slots until enough of them are gone.
        guard queues[queue].slots.count <= queues[queue].record.slots else { return nil }
        let mayHaveGuest = mayHaveGuest(fitting.component)
        var idle: Int?
        var ahead: Int?
        for number in queues[queue].slots {
            let fits = slots[number].fitting == fitting
            if slots[number].held == 0 {
                guard mayHaveGuest else { continue }
                if fits { return number }
                idle = idle ?? number
            } else if fits, ahead.map({ slots[number].held < slots[$0].held }) ?? true {
                ahead = number
            }
        }
        if let idle { return idle }
        guard let ahead, slots[ahead].held < components[fitting.component].attemptsAhead else { return nil }
        return ahead
    }

    private mutating func reserve(_ slot: Int, _ fitting: Fitting, for id: RunID, now: Instant) {
        slots[slot].held += 1
        slots[slot].fitting = fitting
        let number = begin(id, in: slot)
        emit(.start(id, number: number, at: now), .start(id))
    }

    /// The start number of the attempt that begins.
    private mutating func begin(_ id: RunID, in slot: Int) -> Int32 {
        guard let index = runs.index(forKey: id) else { return 0 }
        runs.values[index].counters.starts += 1
        if let job = runs.values[index].job { openRuns[job]?.start(id) }
        runs.values[index].phase = .starting(slot: slot)
        return runs.values[index].counters.starts
    }

    mutating func release(_ slot: Int) {
        slots[slot].held -= 1
        fitSlots(of: slots[slot].queue)
    }

    // MARK: Slots

    /// Makes a queue as wide as its record says. Surplus slots that are in use go once they are empty.
    mutating func fitSlots(of queue: Int) {
        let wanted = queues[queue].record.slots
        while queues[queue].slots.count < wanted { addSlot(to: queue) }
        while queues[queue].slots.count > wanted,
            let idle = queues[queue].slots.lastIndex(where: { slots[$0].held == 0 })
        {
            freeSlots.append(queues[queue].slots.remove(at: idle))
        }
    }

    private mutating func addSlot(to queue: Int) {
        let number = freeSlots.popLast() ?? slots.count
        if number == slots.count { slots.append(Slot(queue: queue)) } else { slots[number] = Slot(queue: queue) }
        queues[queue].slots.append(number)
    }
}
