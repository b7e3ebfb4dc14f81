import JobModel
import JobStore

extension HotState {
    /// Puts a pending run where it belongs: into its lane, or nowhere when the store alone is to remember it.
    mutating func offer(_ id: RunID) {
        guard let run = runs[id] else { return }
        let lane = laneNumber(run)
        switch queues[run.queue].lanes[lane].window.offer(run.place) {
        case .left: runs[id] = nil
        case .keptInsteadOf(let last):
            runs[last.id] = nil
            wait(id)
        case .kept: wait(id)
        }
    }

    private mutating func wait(_ id: RunID) {
        guard let expiry = runs[id]?.wait() else { return }
        expiries.add(id, at: expiry)
        guard expiries.count > 2 * runs.count + 1024 else { return }
        expiries.keep { entry in runs[entry.item]?.expiry == entry.at }
    }

    /// Takes a waiting run out of its lane, or from beside it.
    mutating func withdraw(_ run: HotRun) {
        if case .parked = run.phase { return unparkOne(run) }
        let lane = laneNumber(run)
        _ = queues[run.queue].lanes[lane].window.remove(run.place)
        queues[run.queue].dropLaneIfSpent(lane)
    }

    /// Reads the lane of a run from its beginning: the store knows what memory got wrong.
    mutating func rereadLane(of run: HotRun) { rereadLane(laneKey(of: run)) }

    mutating func rereadLane(_ key: LaneKey) {
        let queue = queueNumber(key.queue)
        let component = componentNumber(key.component)
        let lane = queues[queue].laneNumber(component, key.priority, capacity: surroundings.laneCapacity)
        for place in queues[queue].lanes[lane].window.forget() { runs[place.id] = nil }
    }

    /// Reads every lane from its beginning.
    mutating func rereadLanes() {
        for queue in queues.indices {
            for lane in queues[queue].lanes.indices {
                for place in queues[queue].lanes[lane].window.forget() { runs[place.id] = nil }
            }
        }
    }

    /// Reads on where a window runs low.
    mutating func refillLanes() {
        for queue in queues.indices {
            for lane in queues[queue].lanes.indices where queues[queue].lanes[lane].window.wantsRefill {
                let key = laneKey(queue, lane)
                let (after, limit) = queues[queue].lanes[lane].window.beginRefill()
                emit(.readLane(key, after: after, limit: limit), .readLane(key, limit: limit))
            }
        }
    }

    /// The answer to a refill. Runs that are hot already, or on their way to an end, stay as they are.
    mutating func refilled(_ key: LaneKey, limit: Int, with records: [RunRecord]) {
        let queue = queueNumber(key.queue)
        let component = componentNumber(key.component)
        let lane = queues[queue].laneNumber(component, key.priority, capacity: surroundings.laneCapacity)
        var news: [LanePlace] = []
        for record in records where runs[record.id] == nil && !isClosing(record) {
            runs[record.id] = HotRun(Box(record), queue: queue, component: component, phase: .waiting)
            news.append(LanePlace(due: record.due, id: record.id))
        }
        let left = queues[queue].lanes[lane].window.merge(
            news, lastRead: records.last.map { LanePlace(due: $0.due, id: $0.id) }, exhausted: records.count < limit)
        for place in left { runs[place.id] = nil }
        for place in news { wait(place.id) }
        queues[queue].dropLaneIfSpent(lane)
    }

    /// It or its whole family is on its way to an end.
    func isClosing(_ record: RunRecord) -> Bool {
        closingElsewhere.contains(record.id) || record.parent.map { closingElsewhere.contains($0) } ?? false
    }

    /// Ends runs that waited past their deadline. Those behind a lane's window are found when they come into it, and
    /// never start.
    mutating func expireRuns(_ now: Instant) {
        while let entry = expiries.take(dueBy: now) {
            guard let run = runs[entry.item], run.isWaiting, run.expiry == entry.at else { continue }
            withdraw(run)
            expire(run, now: now)
        }
    }

    mutating func expire(_ run: HotRun, now: Instant) {
        runs[run.id]?.phase = .closing
        let reason = "did not start within \((run.origin.value.policy.notAfter ?? .zero).berthText) after it was due"
        emitClose(run, to: .expired, by: "host", reason: reason, now: now)
    }

    private mutating func laneNumber(_ run: HotRun) -> Int {
        queues[run.queue].laneNumber(run.component, run.origin.value.priority, capacity: surroundings.laneCapacity)
    }

    func laneKey(of run: HotRun) -> LaneKey {
        LaneKey(
            queue: queues[run.queue].record.name, component: components[run.component].name,
            priority: run.origin.value.priority)
    }

    private func laneKey(_ queue: Int, _ lane: Int) -> LaneKey {
        let it = queues[queue].lanes[lane]
        return LaneKey(
            queue: queues[queue].record.name, component: components[it.component].name, priority: it.priority)
    }
}
