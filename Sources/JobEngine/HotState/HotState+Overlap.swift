import JobModel
import JobStore

extension HotState {
    // MARK: One after another

    /// Whether a run that is next in its lane has to let other runs of its job end first. What a person started, and what
    /// has started before, goes at once.
    func mustWait(_ run: HotRun) -> Bool {
        guard run.origin.value.source == .schedule, run.counters.starts == 0, let job = run.job else { return false }
        return room(of: job) == 0
    }

    /// How many more runs of a job may start.
    private func room(of job: JobID) -> Int {
        guard let most = jobs[job]?.record.definition.overlap.atOnce else { return .max }
        return max(0, most - (openRuns[job]?.started.count ?? 0))
    }

    /// A run that left its lane waits beside it: the runs behind it have nothing to do with its job.
    mutating func park(_ run: HotRun) {
        guard let job = run.job else { return }
        runs[run.id]?.phase = .parked
        let places = parked[job] ?? []
        let index = places.firstIndex { run.place < $0 } ?? places.count
        parked[job, default: []].insert(run.place, at: index)
    }

    /// Lets runs back into their lanes that may have become free to start; one that is not after all is parked again.
    mutating func unpark(_ job: JobID) {
        guard let places = parked[job] else { return }
        let free = places.prefix(room(of: job))
        parked[job] = free.count == places.count ? nil : Array(places.dropFirst(free.count))
        for place in free { offer(place.id) }
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
        case .inserting, .waiting, .parked, .starting, .running, .returning, .ending:
            cancel(id, by, nil, now: now)
        }
    }
}
