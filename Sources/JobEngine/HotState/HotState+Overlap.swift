import JobModel
import JobStore

extension HotState {
    // MARK: One after another

    /// Whether a run has to let other runs of its job end first. The overlap policy is for what the schedule made and what
    /// has not started; the job's limit of attempts at once is for all of them.
    func mustWait(_ run: HotRun, _ job: JobID) -> Bool {
        freeAttempts(of: job) == 0 || (obeysOverlap(run) && freeStarts(of: job) == 0)
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

    /// Of the places of parked runs of a job, those that may have become free to start.
    func freePlaces(among places: [LanePlace], of job: JobID) -> [LanePlace] {
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
        return free
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
        unpark(.job(job))
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
