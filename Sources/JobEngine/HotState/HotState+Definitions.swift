import JobModel
import JobStore

extension HotState {
    /// Applies what sources say, each whole or not at all, and all in one turn: a job may move from one source to another
    /// when the first gives it up in the same call, and keeps its place in time.
    mutating func define(_ contents: [SourceContent], _ ticket: Ticket, now: Instant) {
        let sorted = SourceSorting(contents) { content in
            errors(in: content.jobs).first
        } owner: { name in
            jobNames[name].flatMap { jobs[$0] }?.record.source
        }
        let before = batch.mutations.count
        var reports = contents.map { _ in ApplyReport() }
        for (place, content) in contents.enumerated() where sorted.refusals[place] == nil {
            for job in content.jobs { apply(job, source: content.source, &reports[place], now: now) }
        }
        // Only now: what moved to another source is not to be removed on the way.
        removeJobs(unnamedBy: contents, sorted, &reports)
        for (place, content) in contents.enumerated() where sorted.refusals[place] == nil {
            let news = Set(reports[place].added + reports[place].changed)
            reports[place].warnings = content.jobs.filter { news.contains($0.name) }.flatMap(warnings)
        }
        let verdicts = zip(sorted.refusals, reports).map { refusal, report in
            refusal.map { SourceVerdict.refused(job: $0.job, $0.error) } ?? .applied(report)
        }
        guard batch.mutations.count > before else { return tellInTurn(ticket, .verdicts(verdicts)) }
        tellWhenStored(ticket, .verdicts(verdicts), .jobsChanged)
    }

    private mutating func removeJobs(
        unnamedBy contents: [SourceContent], _ sorted: SourceSorting, _ reports: inout [ApplyReport]
    ) {
        for record in jobs.values.map(\.record) {
            guard let place = sorted.places[record.source], sorted.refusals[place] == nil,
                !sorted.names[place].contains(record.definition.name)
            else { continue }
            reports[place].removed.append(record.definition.name)
            remove(record)
        }
        for place in reports.indices { reports[place].removed.sort() }
    }

    // MARK: Starting and stopping all schedules

    /// What was due while they were stopped counts as missed.
    mutating func setSchedules(running: Bool, _ ticket: Ticket) {
        if case .banned = schedules { return reply(ticket, .schedules(schedules)) }
        schedules = running ? .running : .stopped
        effects.announcements.append(.jobsChanged)
        reply(ticket, .schedules(schedules))
    }
}

/// Which of several sources may have what they ask for, when each job has one source.
private struct SourceSorting {
    typealias Refusal = (job: String, error: EngineError)

    /// One for each content, nil where it may be applied.
    private(set) var refusals: [Refusal?]
    private let contents: [SourceContent]
    /// By content, the names of its jobs.
    let names: [Set<String>]
    /// Where each source stands among the contents.
    let places: [String: Int]

    init(_ contents: [SourceContent], error: (SourceContent) -> Refusal?, owner: (String) -> String?) {
        self.contents = contents
        names = contents.map { Set($0.jobs.map(\.name)) }
        places = Dictionary(contents.enumerated().map { ($1.source, $0) }) { $1 }
        refusals = contents.map(error)
        // A source that is refused gives nothing up, which may refuse another.
        while refuseClashes(owner) {}
    }

    /// True when there was one.
    private mutating func refuseClashes(_ owner: (String) -> String?) -> Bool {
        var claims: [String: String] = [:]
        var found = false
        for (place, content) in contents.enumerated() where refusals[place] == nil {
            var clash: (job: String, holder: String)?
            for job in content.jobs where clash == nil {
                clash = holder(of: job.name, against: content.source, claims, owner).map { (job.name, $0) }
            }
            if let (job, holder) = clash {
                refusals[place] = (job, .jobOwned(name: job, by: holder, wanted: content.source))
                found = true
            } else {
                for job in content.jobs { claims[job.name] = content.source }
            }
        }
        return found
    }

    /// The other source that has the job and keeps it.
    private func holder(
        of job: String, against source: String, _ claims: [String: String], _ owner: (String) -> String?
    ) -> String? {
        if let owner = owner(job), owner != source, !isGivenUp(job, by: owner) { return owner }
        guard let claimant = claims[job], claimant != source else { return nil }
        return claimant
    }

    private func isGivenUp(_ job: String, by source: String) -> Bool {
        guard let place = places[source], refusals[place] == nil else { return false }
        return !names[place].contains(job)
    }
}
