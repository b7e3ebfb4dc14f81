/// Everything that becomes of the instants of a job that have come due: the one judge for the engine and for simulations.
package struct Firing: Hashable, Sendable {
    /// A run to be made.
    package struct Run: Hashable, Sendable {
        /// The planned instant.
        package var fireAt: Instant
        /// Not before this; the planned instant and the job's place in its jitter, or later when it is made up for.
        package var start: Instant
    }

    /// Planned instants in a row that get no run.
    package struct Skip: Hashable, Sendable {
        package var first: Instant
        package var last: Instant
        package var count: Int
        /// A sentence without its end.
        package var reason: String
    }

    /// Rising.
    package private(set) var runs: [Run] = []
    package private(set) var skips: [Skip] = []
    /// The runs of the job that have not ended are to be cancelled.
    package private(set) var replaces = false
    /// The last instant dealt with.
    package let watermark: Instant
}

extension Firing {
    /// Judges what lies after `watermark` and is due `now`. `openRuns` is how many runs of the job have not ended;
    /// `wasPaused`: it was the job's pause that kept it from firing. Nil when nothing is due.
    package init?(
        of job: JobDefinition, schedule: Schedule, after watermark: Instant, now: Instant, openRuns: Int,
        wasPaused: Bool = false
    ) {
        let offset = job.startOffset
        let horizon = now + (.zero - offset)
        guard let due = DueStretch(of: schedule, after: watermark, through: horizon) else { return nil }
        self.watermark = due.last
        let patience = job.missed.patience(wasPaused: wasPaused)
        let instants = due.newest(job.missed.most, notBefore: horizon + (.zero - patience))
        skips += [due.rest(before: instants, job.missed, wasPaused: wasPaused)].compactMap(\.self)
        let starts = Starts(job: job, now: now, offset: offset, isLate: wasPaused || due.isLate(at: horizon))
        overlap(starts.runs(instants), job.overlap, openRuns)
    }

    private mutating func overlap(_ due: [Run], _ policy: OverlapPolicy, _ openRuns: Int) {
        switch policy {
        case .skip where openRuns > 0: skip(due, "the run before it had not ended")
        case .allow(let most?) where openRuns >= most:
            skip(due, "\(openRuns) runs of the job had not ended, and it allows \(most) at a time")
        case .queue(let most):
            // One goes, the others wait.
            let room = max(0, most + 1 - openRuns)
            runs = Array(due.prefix(room))
            skip(Array(due.dropFirst(room)), "\(most) of the job's runs were waiting already, which is as many as may")
        case .replace:
            runs = due.suffix(1)
            replaces = openRuns > 0 && !due.isEmpty
            skip(due.dropLast(), "a later run was due as well and takes its place")
        case .skip, .allow: runs = due
        }
    }

    private mutating func skip(_ due: [Run], _ reason: String) {
        guard let first = due.first, let last = due.last else { return }
        skips.append(Skip(first: first.fireAt, last: last.fireAt, count: due.count, reason: reason))
    }
}

/// Planned instants in a row.
private struct DueStretch {
    let schedule: Schedule
    let watermark: Instant
    let first: Instant
    let last: Instant

    init?(of schedule: Schedule, after watermark: Instant, through horizon: Instant) {
        guard let first = schedule.next(after: watermark), first <= horizon else { return nil }
        self.schedule = schedule
        self.watermark = watermark
        self.first = first
        // Most of the time there is one, and two questions forward are all it costs.
        let second = schedule.next(after: first)
        let isAlone = second.map { $0 > horizon } ?? true
        last = isAlone ? first : schedule.previous(before: horizon + .microseconds(1)) ?? first
    }

    func isLate(at horizon: Instant) -> Bool { horizon - first > MissedPolicy.tolerance }

    /// The last ones, rising.
    func newest(_ most: Int, notBefore limit: Instant) -> [Instant] {
        var instants: [Instant] = []
        var next: Instant? = last
        while let instant = next, instant >= max(first, limit), instants.count < most {
            instants.append(instant)
            next = instant > first ? schedule.previous(before: instant) : nil
        }
        return instants.reversed()
    }

    /// What lies before the newest ones; nil when they are all.
    func rest(before newest: [Instant], _ policy: MissedPolicy, wasPaused: Bool) -> Firing.Skip? {
        guard newest.first != first else { return nil }
        let end = newest.first.map { schedule.previous(before: $0) ?? first } ?? last
        let count = first == end ? 1 : schedule.count(after: watermark, through: end)
        let what = count == 1 ? "missed" : "missed \(count) planned runs from \(first.rfc3339) to \(end.rfc3339)"
        return Firing.Skip(
            first: first, last: end, count: count, reason: "\(what): \(policy.words(wasPaused: wasPaused))")
    }
}

/// When runs start.
private struct Starts {
    let job: JobDefinition
    let now: Instant
    let offset: Duration
    /// Some instant is too late to count as being on time.
    let isLate: Bool

    func runs(_ instants: [Instant]) -> [Firing.Run] {
        guard isLate else { return instants.map { Firing.Run(fireAt: $0, start: $0 + offset) } }
        // Each has its share of the time, and within it the place of the job's name.
        let share = Duration.microseconds(max(.zero, job.missed.spread).microseconds / Int64(max(1, instants.count)))
        let place = NameSpread(job.name).place(in: share)
        return instants.enumerated().map { Firing.Run(fireAt: $1, start: now + share * $0 + place) }
    }
}
