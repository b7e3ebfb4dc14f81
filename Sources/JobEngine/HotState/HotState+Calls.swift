import JobModel
import JobStore
import PluginCatalog

extension HotState {
    mutating func answer(_ ticket: Ticket, _ call: Call, now: Instant) {
        if call.changesThings {
            if let trouble { return reply(ticket, .failed(.store(trouble))) }
            if isStopping, !call.isReporting { return reply(ticket, .failed(.stopping)) }
        }
        if !awaitsCount(ticket, call, now: now) { take(ticket, call, now: now) }
    }

    mutating func take(_ ticket: Ticket, _ call: Call, now: Instant) {
        switch call {
        case .enqueue(let requests): enqueue(requests, ticket, now: now)
        case .cancel(let id, let by): cancel(id, by, ticket, now: now)
        case .close(let record, let by): close(record, by, ticket, now: now)
        case .reopen(let record, let by, let delay): reopen(record, by, ticket, after: delay, now: now)
        case .pause(let id, let by): pause(id, by, ticket, now: now)
        case .pauseUnseen(let record, let by): pauseUnseen(record, by, ticket, now: now)
        case .resume(let record, let by): resume(record, by, ticket, now: now)
        case .resolve(let record, let state, let by): resolve(record, as: state, by, ticket, now: now)
        case .edit(let id, let edit, let by): self.edit(id, edit, by, ticket, now: now)
        case .endLoan(let id, let number, let end): endLoan(id, number, end, ticket, now: now)
        case .takeBack(let id, let number): takeBack(id, number, ticket)
        case .setLending(let parent, let terms):
            setLending(of: parent, terms)
            reply(ticket, .done)
        case .loans: reply(ticket, .loans(loans))
        case .loan(let run): reply(ticket, .loans([loan(of: run)].compactMap(\.self)))
        case .apply(let jobs, let source, let prune):
            apply(jobs, source: source, prune: prune, ticket, now: now)
        case .define(let contents): define(contents, ticket, now: now)
        case .setSchedules(let running): setSchedules(running: running, ticket)
        case .setPaused(let paused, let name): setPaused(paused, job: name, ticket, now: now)
        case .trigger(let name, let strictly, let actor):
            trigger(name, strictly: strictly, by: actor, ticket, now: now)
        case .setEnabled(let enabled, let name): setEnabled(enabled, job: name, ticket, now: now)
        case .putJob(let definition, let mustBeNew): putJob(definition, mustBeNew: mustBeNew, ticket, now: now)
        case .delete(let name): deleteJob(name, ticket)
        case .changeQueue(let name, let change): changeQueue(name, change, ticket)
        case .setLimit(let name, let count): setLimit(of: name, atOnce: count, ticket)
        case .limits: reply(ticket, .limits(limits))
        case .jobs:
            reply(ticket, .jobs(jobs.values.map(outlook).sorted { $0.job.definition.name < $1.job.definition.name }))
        case .job(let name): withJob(name, ticket) { state, job in state.reply(ticket, .jobs([state.outlook(job)])) }
        case .queues: reply(ticket, .queues(queues.indices.map(outlook(ofQueue:))))
        case .figures: reply(ticket, .figures(currentFigures))
        case .streaks: reply(ticket, .streaks(streaks.values.sorted { $0.name < $1.name }))
        case .release(let plugin): releaseStreaks(of: plugin, ticket, now: now)
        case .obstacle(let name): reply(ticket, .obstacle(obstacle(name)))
        case .histories: reply(ticket, .histories(histories))
        case .settle(let runs): emit(.settle(runs), .told(ticket, .done, nil))
        case .silence(let run): emit(.silence(run), .told(ticket, .done, nil))
        case .amend(let run, let note): emit(.amend(run, note: note), .told(ticket, .done, nil))
        case .facts(let run): reply(ticket, .facts(facts(about: run, now: now)))
        }
    }

    private var histories: [String: HistoryPolicy] {
        let definitions = jobs.values.map(\.record.definition).filter { $0.history != .none }
        return Dictionary(definitions.map { ($0.name, $0.history) }) { one, _ in one }
    }

    private var currentFigures: Figures {
        var current = figures
        current.startLatency = latencies.median
        current.schedules = schedules
        if let guestTrouble { current.trouble = guestTrouble.trouble }
        if let trouble { current.trouble = .store(trouble) }
        if isStopping { current.trouble = .stopping }
        return current
    }
}

extension Call {
    /// Is heard until the very end: servers are told of the last runs too.
    fileprivate var isReporting: Bool {
        switch self {
        case .settle, .silence, .amend: true
        default: false
        }
    }

    fileprivate var changesThings: Bool {
        switch self {
        case .jobs, .job, .queues, .limits, .figures, .obstacle, .histories, .facts, .streaks, .loans, .loan: false
        default: true
        }
    }
}
