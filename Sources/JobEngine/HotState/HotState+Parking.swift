import JobModel
import JobStore

/// Runs that have to let others end first wait beside their lane, so that it goes on with what has nothing to do with them.
enum Crowd: Hashable {
    /// Of a job whose definition says how many run at once.
    case job(JobID)
    /// Children of a run whose lending terms say so.
    case family(RunID)
}

extension HotState {
    /// Whether a run that is next in its lane has to let others of its crowd end first.
    func mustWait(_ run: HotRun) -> Bool {
        if let job = run.job { return mustWait(run, job) }
        return lending(of: run).map { $0.room == 0 } ?? false
    }

    /// The runs behind it have nothing to do with its crowd. Of a job so many are set aside that the lane waits in the end;
    /// of a family the store alone remembers the rest.
    mutating func setAside(_ run: HotRun, from lane: Int, of queue: Int) {
        guard let crowd = run.crowd else { return }
        let isFull = parked[crowd]?.count ?? 0 >= surroundings.laneCapacity
        if isFull, let job = run.job {
            queues[queue].lanes[lane].blockedBy = job
            return
        }
        queues[queue].lanes[lane].blockedBy = nil
        take(run.place, from: lane, of: queue)
        if isFull { leaveToStore(run) } else { park(run) }
    }

    private mutating func leaveToStore(_ run: HotRun) {
        guard let family = run.emitter else { return }
        let lane = laneKey(of: run)
        lendings[family]?.leave(run.place, in: lane)
        runs[run.id] = nil
    }

    /// A run that left its lane waits beside it.
    mutating func park(_ run: HotRun) {
        guard let crowd = run.crowd else { return }
        runs[run.id]?.phase = .parked
        var places = parked.removeValue(forKey: crowd) ?? []
        places.insert(run.place, at: places.lastIndex { $0 < run.place }.map { $0 + 1 } ?? 0)
        parked[crowd] = places
    }

    /// Lets runs back into their lanes that may have become free to start; one that is not after all is parked again.
    mutating func unpark(_ crowd: Crowd) {
        let places = parked[crowd] ?? []
        let free = freePlaces(among: places, of: crowd)
        if !free.isEmpty {
            let gone = Set(free)
            parked[crowd] = free.count == places.count ? nil : places.filter { !gone.contains($0) }
            for place in free { offer(place.id) }
        }
        if case .family(let parent) = crowd, parked[crowd] == nil { readRest(of: parent) }
    }

    private func freePlaces(among places: [LanePlace], of crowd: Crowd) -> [LanePlace] {
        switch crowd {
        case .job(let job): freePlaces(among: places, of: job)
        case .family(let parent): Array(places.prefix(lendings[parent]?.room ?? .max))
        }
    }

    /// Of a family of which the store alone knows more than waits here. They are read beside their lane, from where they
    /// begin: each of them once, however many there are.
    private mutating func readRest(of parent: RunID) {
        guard let (lane, from) = lendings[parent]?.beginReading() else { return }
        emit(
            .readLane(lane, after: LanePlace(due: from.due, id: from.id - 1), limit: surroundings.laneCapacity),
            .readRest(of: parent, lane, from: from))
    }

    /// Runs of the lane of a family, from where the rest of it began. Those that are hot already stay as they are.
    mutating func restRead(of parent: RunID, _ lane: LaneKey, _ records: [RunRecord]) {
        guard lendings[parent] != nil else { return }
        if records.count == surroundings.laneCapacity, let last = records.last {
            lendings[parent]?.leave(LanePlace(due: last.due, id: last.id + 1), in: lane)
        }
        lendings[parent]?.endReading()
        for record in records where runs[record.id] == nil && !isClosing(record) {
            let run = hot(record, .parked)
            guard run.emitter == parent else { continue }
            runs[run.id] = run
            park(run)
        }
        unpark(.family(parent))
    }

    /// The next turn tries again.
    mutating func restRefused(of parent: RunID, _ lane: LaneKey, from: LanePlace) {
        lendings[parent]?.leave(from, in: lane)
        lendings[parent]?.endReading()
        freed.insert(.family(parent))
    }

    mutating func unparkFreed() {
        let crowds = freed
        freed = []
        for crowd in crowds { unpark(crowd) }
    }

    mutating func unparkOne(_ run: HotRun) {
        guard let crowd = run.crowd, let places = parked[crowd] else { return }
        let rest = places.filter { $0.id != run.id }
        parked[crowd] = rest.isEmpty ? nil : rest
    }

    /// An attempt of its crowd is over.
    mutating func noteFreed(_ crowd: Crowd) {
        if parked[crowd] != nil || hasRest(crowd) { freed.insert(crowd) }
    }

    private func hasRest(_ crowd: Crowd) -> Bool {
        guard case .family(let parent) = crowd else { return false }
        return lendings[parent]?.rest != nil
    }
}
