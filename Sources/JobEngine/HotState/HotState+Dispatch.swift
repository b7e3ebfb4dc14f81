import GuestPool
import JobModel
import JobStore

extension HotState {
    /// Gives the due runs of a queue, in order, to slots that can take them.
    mutating func dispatch(_ queue: Int, now: Instant) {
        guard !queues[queue].record.isPaused else { return }
        var full: Set<Int> = []
        while let lane = queues[queue].nextLane(
            at: now, where: { !full.contains($0.component) && isReady($0, $1, now) })
        {
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
                setAside(run, from: lane, of: queue)
                continue
            }
            if let host = run.onlyHost {
                take(head, from: lane, of: queue)
                lend(head.id, to: host, now: now)
                continue
            }
            if let stage = hostStage(of: run) {
                take(head, from: lane, of: queue)
                makeHostStage(head.id, stage, now: now)
                continue
            }
            guard isFree(queue, now), let fitting = fitting(run) else { return }
            let mayRunHere = mayRunHere(run)
            guard let slot = mayRunHere ? slot(of: queue, for: fitting) : nil else {
                if let host = borrower(of: run) {
                    take(head, from: lane, of: queue)
                    if let rate = queues[queue].record.settings.rate { queues[queue].bucket.take(rate, now: now) }
                    lend(head.id, to: host, now: now)
                    continue
                }
                guard mayRunHere else {
                    full.insert(run.component)
                    continue
                }
                guard components[run.component].keeping.maximum > 0 else { return }
                // Its plugin may have no more guests; others may.
                full.insert(run.component)
                continue
            }
            queues[queue].noteTurn(of: queues[queue].lanes[lane].priority, at: now)
            take(head, from: lane, of: queue)
            guard judge(run, now: now) else { continue }
            if let rate = queues[queue].record.settings.rate { queues[queue].bucket.take(rate, now: now) }
            reserve(slot, fitting, for: head.id, now: now)
        }
    }

    /// Its rate lets a run start.
    private func isFree(_ queue: Int, _ now: Instant) -> Bool {
        guard let rate = queues[queue].record.settings.rate else { return true }
        return queues[queue].bucket.free(rate, now: now) <= now
    }

    /// When a run that is due may start as far as the rate of the queue goes; nil when no rate holds one back.
    func freedByRate(_ queue: HotQueue, _ now: Instant) -> Instant? {
        guard let rate = queue.record.settings.rate else { return nil }
        let free = queue.bucket.free(rate, now: now)
        guard free > now, queue.nextLane(at: now, where: { isReady($0, $1, now) }) != nil else { return nil }
        return free
    }

    /// A run that was due when it was made is due for ever, even if the clock was ahead then.
    private func isReady(_ lane: Lane, _ head: LanePlace, _ now: Instant) -> Bool {
        guard components[lane.component].isAvailable, !components[lane.component].isFull else { return false }
        if components[lane.component].hasCrashed {
            guard let start = startAfterCrashes(lane.component, now: now), start <= now else { return false }
        }
        if let job = lane.blockedBy, runs[head.id]?.job == job, room(of: job) == 0 { return false }
        return head.due <= now || runs[head.id]?.wasDueAtOnce == true
    }

    mutating func take(_ head: LanePlace, from lane: Int, of queue: Int) {
        _ = queues[queue].lanes[lane].window.takeHead()
        queues[queue].dropLaneIfSpent(lane)
    }

    mutating func fitting(_ run: HotRun) -> Fitting? {
        guard
            let spec = components[run.component].spec(
                policy: run.origin.value.policy, surroundings: surroundings)
        else { return nil }
        return Fitting(component: run.component, generation: components[run.component].generation, spec: spec)
    }

    /// An idle slot, best one whose guest fits. When none is idle, the slot with the least work ahead that may be sent
    /// more of the same.
    private mutating func slot(of queue: Int, for fitting: Fitting) -> Int? {
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
        if mayHaveGuest, queues[queue].slots.count < queues[queue].record.slots { return addSlot(to: queue) }
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
        components[runs.values[index].component].busy += 1
        if let job = runs.values[index].job { openRuns[job]?.start(id) }
        countHere(runs.values[index], 1)
        runs.values[index].phase = .starting(slot: slot)
        return runs.values[index].counters.starts
    }

    /// The attempt of a run is over, or was never made.
    mutating func release(_ slot: Int, of run: HotRun) {
        slots[slot].held -= 1
        if slots[slot].held == 0 { (slots[slot].idleSince, slots[slot].outdated) = (lastTurn, 0) }
        components[run.component].busy -= 1
        countHere(run, -1)
        if let job = run.job {
            openRuns[job]?.busy -= 1
            if parked[job] != nil { freed.insert(job) }
        }
        fitSlots(of: slots[slot].queue)
    }
}
