import GuestPool
import JobModel
import JobStore

extension HotState {
    /// Gives the due runs of a queue, in order, to slots that can take them; those of a component that is passed stay.
    mutating func dispatch(_ queue: Int, passing component: Int?, now: Instant) {
        guard !queues[queue].record.isPaused else { return }
        var full = Set([component].compactMap { $0 })
        while let lane = nextLane(of: queue, full: full, now) {
            let component = queues[queue].lanes[lane].component
            switch serveHead(of: lane, in: queue, full: full, now) {
            case .served: continue
            case .componentIsFull: full.insert(component)
            case .queueIsFull: return
            }
        }
    }

    /// What came of the turn of a lane's head.
    private enum HeadTurn {
        /// It is its lane's head no more.
        case served
        /// It waits, as all of its component do; others may go.
        case componentIsFull
        /// It waits, and with it all of the queue.
        case queueIsFull
    }

    private mutating func serveHead(of lane: Int, in queue: Int, full: Set<Int>, _ now: Instant) -> HeadTurn {
        guard let head = queues[queue].lanes[lane].window.head else { return .queueIsFull }
        guard let run = runs[head.id] else {
            take(head, from: lane, of: queue)
            effects.complaints.append("run \(head.id) had a place in a lane and was not in memory")
            return .served
        }
        if let expiry = run.expiry, expiry <= now {
            take(head, from: lane, of: queue)
            expire(run, now: now)
        } else if mustWait(run) {
            setAside(run, from: lane, of: queue)
        } else if yieldsToStep(run) {
            guard mayGetStep(run, full: full, now) else { return .componentIsFull }
            take(head, from: lane, of: queue)
            yieldToStep(run, now: now)
        } else if let host = run.onlyHost {
            take(head, from: lane, of: queue)
            lend(head.id, to: host, now: now)
        } else if let stage = hostStage(of: run) {
            take(head, from: lane, of: queue)
            makeHostStage(head.id, stage, now: now)
        } else {
            return start(run, head, of: lane, in: queue, now)
        }
        return .served
    }

    /// Starts a run in a slot, or lends it where there is none.
    private mutating func start(
        _ run: HotRun, _ head: LanePlace, of lane: Int, in queue: Int, _ now: Instant
    ) -> HeadTurn {
        guard isFree(queue, now), let fitting = fitting(run) else { return .queueIsFull }
        guard let slot = mayRunHere(run) ? slot(of: queue, for: fitting) : nil, mayTry(slot, fitting, now) else {
            if let host = borrower(of: run) {
                take(head, from: lane, of: queue)
                takeTurn(of: queue, for: head.id, now: now)
                lend(head.id, to: host, now: now)
                return .served
            }
            // Its plugin may have no more guests; others may.
            return components[run.component].keeping.maximum > 0 ? .componentIsFull : .queueIsFull
        }
        queues[queue].noteTurn(of: queues[queue].lanes[lane].priority, at: now)
        take(head, from: lane, of: queue)
        guard judge(run, now: now) else { return .served }
        takeTurn(of: queue, for: head.id, now: now)
        if let job = run.job { openRuns[job]?.start(head.id) }
        countHere(run, 1)
        if !hasGuest(slot, fitting) { guestTrouble?.noteStart(at: now) }
        reserve(slot, fitting, for: head.id, now: now)
        return .served
    }

    /// Its rate lets a run start.
    private func isFree(_ queue: Int, _ now: Instant) -> Bool {
        guard let rate = queues[queue].record.settings.rate else { return true }
        return queues[queue].turns.bucket.free(rate, now: now) <= now
    }

    /// When a run that is due may start as far as the rate of the queue goes; nil when no rate holds one back.
    func freedByRate(_ queue: HotQueue, _ now: Instant) -> Instant? {
        guard let rate = queue.record.settings.rate else { return nil }
        let free = queue.turns.bucket.free(rate, now: now)
        guard free > now, let index = queueIndex[queue.record.name], nextLane(of: index, full: [], now) != nil else {
            return nil
        }
        return free
    }

    /// The lane of a queue whose head is to go next: highest rank, then due, then id. Without those of components that
    /// can take no more now.
    private func nextLane(of queue: Int, full: Set<Int>, _ now: Instant) -> Int? {
        let step = queues[queue].lanes.count > 1 ? queues[queue].record.settings.aging?.microseconds : nil
        var best: (lane: Int, rank: Int64, head: LanePlace)?
        for lane in queues[queue].lanes.indices {
            guard let head = queues[queue].lanes[lane].window.head, isReady(queue, lane, head, now),
                !full.contains(queues[queue].lanes[lane].component)
            else { continue }
            let rank = queues[queue].lanes[lane].rank(head, now, aging: step)
            if let best, (best.rank, head) >= (rank, best.head) { continue }
            best = (lane, rank, head)
        }
        return best?.lane
    }

    /// A run that was due when it was made is due for ever, even if the clock was ahead then.
    private func isReady(_ queue: Int, _ lane: Int, _ head: LanePlace, _ now: Instant) -> Bool {
        guard mayStart(queues[queue].lanes[lane].component, now) else { return false }
        if let job = queues[queue].lanes[lane].blockedBy, runs[head.id]?.job == job, room(of: job) == 0 { return false }
        return head.due <= now || runs[head.id]?.wasDueAtOnce == true
    }

    /// The component is there, below its limit, and not left alone after crashes.
    func mayStart(_ component: Int, _ now: Instant) -> Bool {
        guard components[component].isAvailable, !components[component].isFull else { return false }
        guard components[component].hasCrashed else { return true }
        return startAfterCrashes(component, now: now).map { $0 <= now } ?? false
    }

    mutating func take(_ head: LanePlace, from lane: Int, of queue: Int) {
        _ = queues[queue].lanes[lane].window.takeHead()
        queues[queue].dropLaneIfSpent(lane)
    }

    private mutating func fitting(_ run: HotRun) -> Fitting? {
        guard
            let spec = components[run.component].spec(
                policy: run.origin.value.policy, surroundings: surroundings)
        else { return nil }
        return Fitting(component: run.component, generation: components[run.component].generation, spec: spec)
    }

    /// An idle slot, best one whose guest fits. When none is idle, the slot with the least work ahead that may be sent
    /// more of the same, or a first one of the next version behind short ones of the last.
    private mutating func slot(of queue: Int, for fitting: Fitting) -> Int? {
        // A queue that was made narrower has only busy slots until enough of them are gone.
        guard queues[queue].slots.count <= queues[queue].record.slots else { return nil }
        let mayHaveGuest = mayHaveGuest(fitting)
        let mostAhead = components[fitting.component].attemptsAhead
        let mayFollow = components[fitting.component].former.map { $0.value.attemptsAhead > 1 } ?? false
        var idle: Int?
        var ahead: Int?
        for number in queues[queue].slots {
            let fits = slots[number].fitting == fitting
            if slots[number].held == 0 {
                guard mayHaveGuest else { continue }
                if fits { return number }
                idle = idle ?? number
            } else if fits ? slots[number].held < mostAhead : mayFollow && slots[number].isBehind(fitting),
                ahead.map({ slots[number].held < slots[$0].held }) ?? true
            {
                ahead = number
            }
        }
        if let idle { return idle }
        if mayHaveGuest, queues[queue].slots.count < queues[queue].record.slots { return addSlot(to: queue) }
        return ahead
    }

    private mutating func reserve(_ slot: Int, _ fitting: Fitting, for id: RunID, now: Instant) {
        slots[slot].held += 1
        slots[slot].fitting = fitting
        changeRoom(of: slots[slot].queue, by: 1)
        components[fitting.component].busy += 1
        guard let number = runs[id]?.begin(in: slot, generation: fitting.generation) else { return }
        emit(.start(id, number: number, at: now), .start(id))
    }

    /// The attempt of a run is over, or was never made.
    mutating func release(_ slot: Int, of run: HotRun) {
        slots[slot].held -= 1
        if slots[slot].held == 0 { slots[slot].idleSince = lastTurn }
        components[run.component].busy -= 1
        countHere(run, -1)
        if let job = run.job {
            openRuns[job]?.busy -= 1
            noteFreed(.job(job))
        }
        fitSlots(of: slots[slot].queue)
    }
}
