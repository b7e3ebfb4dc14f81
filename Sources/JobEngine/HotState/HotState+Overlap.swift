import JobModel
import JobStore

extension HotState {
    // MARK: One after another

    /// Whether a run that is next in its lane has to let other runs of its job end first. The overlap policy is for what
    /// the schedule made and what has not started; the job's limit of attempts at once is for all of them.
    func mustWait(_ run: HotRun) -> Bool {
        guard let job = run.job else { return false }
        return freeAttempts(of: job) == 0 || (obeysOverlap(run) && freeStarts(of: job) == 0)
    }

    private func obeysOverlap(_ run: HotRun) -> Bool {
        run.origin.value.source == .schedule && run.hasNotStarted
    }

    /// How many more runs of a job that the schedule made may start.
    func room(of job: JobID) -> Int { min(freeAttempts(of: job), freeStarts(of: job)) }

    func freeStarts(of job: JobID) -> Int {
        guard let most = jobs[job]?.record.definition.overlap.atOnce else { return .max }
        return max(0, most - (openRuns[job]?.started.count ?? 0))
    }

    func freeAttempts(of job: JobID) -> Int {
        guard let most = jobs[job]?.record.definition.atOnce else { return .max }
        return max(0, most - (openRuns[job]?.busy ?? 0))
    }

    /// The runs behind it have nothing to do with its job, as long as there are not too many of them: then the lane waits.
    mutating func setAside(_ run: HotRun, from lane: Int, of queue: Int) {
        guard let job = run.job, parked[job]?.count ?? 0 < surroundings.laneCapacity else {
            queues[queue].lanes[lane].blockedBy = run.job
            return
        }
        queues[queue].lanes[lane].blockedBy = nil
        take(run.place, from: lane, of: queue)
        park(run)
    }

    /// A run that left its lane waits beside it.
    mutating func park(_ run: HotRun) {
        guard let job = run.job else { return }
        runs[run.id]?.phase = .parked
        let places = parked[job] ?? []
        let index = places.lastIndex { $0 < run.place }.map { $0 + 1 } ?? 0
        parked[job, default: []].insert(run.place, at: index)
    }

    /// Lets runs back into their lanes that may have become free to start; one that is not after all is parked again.
    mutating func unpark(_ job: JobID) {
        guard let places = parked[job] else { return }
        var (attempts, starts) = (freeAttempts(of: job), freeStarts(of: job))
        var free: [LanePlace] = []
        for place in places where attempts > 0 {
            if let run = runs[place.id], obeysOverlap(run) {
                guard starts > 0 else { continue }
                starts -= 1
            }
            attempts -= 1
            free.append(place)
        }
        guard !free.isEmpty else { return }
        let gone = Set(free)
        parked[job] = free.count == places.count ? nil : places.filter { !gone.contains($0) }
        for place in free { offer(place.id) }
    }

    mutating func unparkFreed() {
        let jobs = freed
        freed = []
        for job in jobs { unpark(job) }
    }

    mutating func unparkOne(_ run: HotRun) {
        guard let job = run.job, let places = parked[job] else { return }
        let rest = places.filter { $0.id != run.id }
        parked[job] = rest.isEmpty ? nil : rest
    }

    // MARK: Bookkeeping

    mutating func open(_ run: RunID, of job: JobID?, hasStarted: Bool) {
        guard let job else { return }
        openRuns[job, default: OpenRuns()].add(run, hasStarted: hasStarted)
    }

    mutating func closeOne(_ run: RunID, of job: JobID?) {
        guard let job, openRuns[job] != nil else { return }
        openRuns[job]?.remove(run)
        if openRuns[job]?.isEmpty == true { openRuns[job] = nil }
        unpark(job)
        if let record = jobs[job], record.isCountedFromEnd { keep(record) }
    }

    // MARK: Taking the place of others

    /// The run is on disk: the older ones make way. It starts when they are gone.
    mutating func replaceOlder(than id: RunID, now: Instant) {
        guard let run = runs[id], run.origin.value.source == .schedule, let job = run.job,
            jobs[job]?.record.definition.overlap == .replace, let open = openRuns[job]
        else { return }
        let planned = run.origin.value.fireAt.map { " planned for \($0.rfc3339)" } ?? ""
        let by = By(actor: "schedule", reason: "the run\(planned) takes its place")
        for older in open.all(before: id) { makeWay(older, of: job, by, now: now) }
    }

    private mutating func makeWay(_ id: RunID, of job: JobID, _ by: By, now: Instant) {
        switch runs[id]?.phase {
        case .closing: break
        case nil: closeUnseen(id, of: job, by, now: now)
        case .inserting, .waiting, .parked, .starting, .running, .lending, .lent, .returning, .ending:
            cancel(id, by, nil, now: now)
        }
    }
}
