import JobModel
import JobStore

/// The store's contract in a dictionary.
struct SimpleStore {
    private(set) var runs: [RunID: RunRecord] = [:]
    private(set) var warnings: [Aftermath.Warning] = []
    private(set) var attempts: [AttemptRecord] = []
    private(set) var jobs: [JobID: JobRecord] = [:]
    private(set) var queues: [String: QueueRecord] = [:]
    private var paused: Set<RunID> = []
    private(set) var limits: [ComponentName: Int] = [:]
    private(set) var state: [StatePlace: StoredState] = [:]
    /// What servers are owed, by run.
    private(set) var dispatches: [RunID: OwedReport] = [:]
    private(set) var streaks: [String: StreakRecord] = [:]
    private var cancels: [RunID: (number: Int32, actor: String, reason: String?)] = [:]
    private(set) var loans: [RunID: String] = [:]
    /// Of lanes.
    private(set) var rowsRead = 0
    private(set) var handedOn: [RunID: [ChildOrder]] = [:]
    private var lastRunID: RunID = 0
    private var lastJobID: JobID = 0

    mutating func apply(_ mutations: [Mutation]) -> [Answer] {
        mutations.map { apply($0) }
    }

    private mutating func apply(_ mutation: Mutation) -> Answer {
        switch mutation {
        case .insert(let record): insert(record)
        case .insertOrReplace(let record): insertOrReplace(record)
        case .matchKey(let key, let component, let params): matchKey(key, component, params)
        case .insertEnded(let record, let aftermath): insertEnded(record, aftermath)
        case .insertStep(let step, let run): insertStep(step, before: run)
        case .insertDispatched(let record, let dispatch): insert(record, dispatch)
        case .settle(let runs): settle(runs)
        case .silence(let run): change(dispatch: run) { $0.isSilenced = true }
        case .amend(let run, let note): change(dispatch: run) { $0.dispatch.note = note }
        case .start(let id, let number, let at):
            change(id, from: [.pending], number: number - 1) { run in
                run.state = .running
                run.startedAt = at
                run.counters.starts = number
            }
        case .putLoan(let id, let number, let host):
            putLoan(id, number, host)
        case .dropLoan(let id, _): dropLoan(id)
        case .unstart(let id, let number):
            change(id, from: [.running], number: number) { run in
                run.state = .pending
                run.counters.starts -= 1
            }
        case .finish(let finish): self.finish(finish)
        case .setParams(let id, let params, let old):
            change(id, from: [.pending]) { if $0.params == old { $0.params = params } }
        case .countPending(let queue, let most):
            .count(min(most, runs.values.count { $0.state == .pending && $0.openChildren == 0 && $0.queue == queue }))
        case .close(let id, let state, _, _, let reason, let aftermath): close(id, .close, state, reason, aftermath)
        case .resolve(let id, let state, _, _, let reason, let aftermath): close(id, .resolve, state, reason, aftermath)
        case .pause(let id, _, _, let reason): pause(id, reason)
        case .resume(let id, _, _, _): resume(id)
        case .edit(let id, let edit, _, _): self.edit(id, edit)
        case .putCancel(let id, let number, _, let actor, let reason):
            putCancel(id, number, actor: actor, reason: reason)
        case .reopen(let id, let due, _, _, _): reopen(id, due)
        case .readLane(let key, let after, let limit): readLane(key, after: after, limit: limit)
        case .putState(let place, let value, let version): .state(put(value, place, version))
        case .recall(let now): recall(now)
        case .putJob, .deleteJob, .setJobPaused, .setWatermark, .putQueue, .setLimit, .putStreak, .dropStreak:
            settings(mutation)
        }
    }

    private mutating func settings(_ mutation: Mutation) -> Answer {
        switch mutation {
        case .putJob(let record):
            jobs[record.id] = record
            lastJobID = max(lastJobID, record.id)
        case .deleteJob(let id): jobs[id] = nil
        case .setJobPaused(let id, let paused): jobs[id]?.paused = paused
        case .setWatermark(let id, let instant): jobs[id]?.watermark = instant
        case .putQueue(let record): queues[record.name] = record
        case .putStreak(let record): streaks[record.name] = record
        case .dropStreak(let plugin, let component): streaks[component.map { "\(plugin)/\($0)" } ?? plugin] = nil
        case .setLimit(let name, let count): limits[name] = count
        default: break
        }
        return .applied
    }

    private mutating func put(_ value: [UInt8], _ place: StatePlace, _ wanted: UInt64) -> StateAnswer {
        let version = state[place]?.version ?? 0
        guard wanted == .max || wanted == version else { return .conflict }
        state[place] = StoredState(value: value, version: version + 1)
        return .stored(version: version + 1)
    }

    private mutating func insert(_ record: RunRecord) -> Answer {
        lastRunID = max(lastRunID, record.id)
        if let key = record.uniqueKey,
            let other = runs.values.first(where: { $0.uniqueKey == key && !$0.state.isEnd })
        {
            return .duplicate(other.id)
        }
        if record.fireAt != nil, runs.values.contains(where: { $0.job == record.job && $0.fireAt == record.fireAt }) {
            return .refused("fired already")
        }
        guard runs[record.id] == nil else { return .refused("id \(record.id) is taken") }
        runs[record.id] = record
        return .applied
    }

    private mutating func insert(_ record: RunRecord, _ dispatch: Dispatch) -> Answer {
        let owed = dispatches.values.first { report in
            report.dispatch.upstream == dispatch.upstream && report.dispatch.instance == dispatch.instance
                && !report.isSilenced
        }
        if let owed { return .duplicate(owed.run) }
        let answer = insert(record)
        guard case .applied = answer else { return answer }
        dispatches[record.id] = OwedReport(dispatch: dispatch, run: record.id, receivedAt: record.createdAt)
        return answer
    }

    private mutating func settle(_ runs: [RunID]) -> Answer {
        for run in runs { dispatches[run] = nil }
        return .applied
    }

    private mutating func change(dispatch run: RunID, _ change: (inout OwedReport) -> Void) -> Answer {
        if var report = dispatches[run] {
            change(&report)
            dispatches[run] = report
        }
        return .applied
    }

    private mutating func insertOrReplace(_ record: RunRecord) -> Answer {
        let answer = insert(record)
        guard case .duplicate(let id) = answer, var holder = runs[id], holder.state == .pending,
            holder.component == record.component
        else { return answer }
        holder.params = record.params
        runs[id] = holder
        return .replaced(holder)
    }

    private mutating func finish(_ finish: Finish) -> Answer {
        let answer = change(finish.attempt.run, from: [.running], number: finish.attempt.number) { run in
            run.state = finish.state
            run.due = finish.due
            run.finishedAt = finish.attempt.end.finishedAt
            run.counters = finish.counters
            run.outcome = finish.attempt.end.outcome
            run.reason = finish.attempt.end.message
        }
        guard case .applied = answer else { return answer }
        attempts.append(finish.attempt)
        insert(finish.aftermath)
        if finish.state.isEnd, !finish.children.isEmpty { return grow(finish) }
        for child in finish.children { _ = insert(child) }
        handedOn[finish.attempt.run] = finish.handedOn.isEmpty ? nil : finish.handedOn
        if !finish.children.isEmpty {
            runs[finish.attempt.run]?.stage = .reduce
            runs[finish.attempt.run]?.children = Int64(finish.children.count)
            runs[finish.attempt.run]?.openChildren = Int64(finish.children.count)
        }
        return finish.state.isEnd ? ended(finish.attempt.run) : answer
    }

    /// Siblings of a child that has ended.
    private mutating func grow(_ finish: Finish) -> Answer {
        guard let parent = finish.parent, let waiting = runs[parent], waiting.state == .pending,
            waiting.openChildren > 0
        else { return ended(finish.attempt.run) }
        for child in finish.children {
            var child = child
            child.childIndex = waiting.children + (child.childIndex ?? 0)
            _ = insert(child)
        }
        runs[parent]?.children += Int64(finish.children.count)
        runs[parent]?.openChildren += Int64(finish.children.count)
        _ = ended(finish.attempt.run)
        return .grown(from: waiting.children)
    }

    private mutating func matchKey(_ key: String, _ component: ComponentName, _ params: [UInt8]?) -> Answer {
        guard var holder = runs.values.first(where: { $0.uniqueKey == key && !$0.state.isEnd }) else {
            return .refused("no run has the key")
        }
        guard let params, holder.state == .pending, holder.component == component else { return .duplicate(holder.id) }
        holder.params = params
        runs[holder.id] = holder
        return .replaced(holder)
    }

    private mutating func insertEnded(_ record: RunRecord, _ aftermath: Aftermath) -> Answer {
        let answer = insert(record)
        if case .applied = answer { insert(aftermath) }
        return answer
    }

    private mutating func insert(_ aftermath: Aftermath) {
        for record in aftermath.runs { _ = insert(record) }
        warnings += aftermath.warnings
    }

    private mutating func insertStep(_ step: RunRecord, before id: RunID) -> Answer {
        guard let run = runs[id], run.state == .pending, run.gate == .ahead, run.openChildren == 0 else {
            return .refused("run \(id) waits for no step")
        }
        runs[id]?.gate = .waiting
        runs[id]?.openChildren = 1
        return insert(step)
    }

    /// What the end of a run means for its parent.
    private mutating func ended(_ id: RunID) -> Answer {
        guard let child = runs[id], let parent = child.parent, let waiting = runs[parent], waiting.state == .pending,
            waiting.openChildren > 0
        else { return .applied }
        runs[parent]?.openChildren -= 1
        let isStep = child.childIndex == nil
        if isStep, waiting.gate == .waiting {
            runs[parent]?.gate = child.state == .succeeded ? .passed : .failed
            if child.state != .succeeded { runs[parent]?.reason = "its pre-step, run \(id), \(child.endWords)" }
        }
        if !isStep, child.state != .succeeded { runs[parent]?.failedChildren += 1 }
        guard waiting.openChildren == 1, let ready = runs[parent] else { return .applied }
        return .released(ready)
    }

    private mutating func putLoan(_ id: RunID, _ number: Int32, _ host: String) -> Answer {
        let answer = change(id, from: [.running], number: number) { _ in }
        if case .applied = answer { loans[id] = host }
        return answer
    }

    private mutating func dropLoan(_ id: RunID) -> Answer {
        loans[id] = nil
        return .applied
    }

    private mutating func pause(_ id: RunID, _ reason: String?) -> Answer {
        guard runs[id]?.openChildren == 0 else { return .refused("it waits for others") }
        let answer = change(id, from: RunMove.pause.from) { run in
            run.state = .held
            run.reason = reason
        }
        if case .applied = answer { paused.insert(id) }
        return answer
    }

    private mutating func resume(_ id: RunID) -> Answer {
        guard runs[id]?.state == .held, paused.remove(id) != nil else { return .refused("run \(id) is not paused") }
        return asItIs(id, change(id, from: RunMove.resume.from) { $0.state = .pending })
    }

    private func asItIs(_ id: RunID, _ answer: Answer) -> Answer {
        guard case .applied = answer, let run = runs[id] else { return answer }
        return .replaced(run)
    }

    private mutating func edit(_ id: RunID, _ edit: RunEdit) -> Answer {
        let answer = change(id, from: edit.states) { run in
            run.due = edit.due ?? run.due
            run.params = edit.params ?? run.params
            run.policy = edit.policy ?? run.policy
        }
        guard case .applied = answer, let run = runs[id] else { return answer }
        return .replaced(run)
    }

    private mutating func close(
        _ id: RunID, _ move: RunMove, _ state: RunState, _ reason: String?, _ aftermath: Aftermath
    ) -> Answer {
        paused.remove(id)
        let answer = change(id, from: move.from) { run in
            run.state = state
            run.reason = reason
        }
        guard case .applied = answer else { return answer }
        insert(aftermath)
        let children = runs.values.filter { $0.parent == id && ($0.state == .pending || $0.state == .held) }.map(\.id)
        for child in children { runs[child]?.state = .cancelled }
        return children.isEmpty ? ended(id) : .appliedToFamily(children)
    }

    private mutating func reopen(_ id: RunID, _ due: Instant) -> Answer {
        paused.remove(id)
        if let step = runs[id], step.source == .step, step.parent != nil, step.state.isEnd {
            return .refused("it is a step before another run")
        }
        let answer = change(id, from: RunMove.reopen.from) { run in
            if run.state.isEnd { run.gate = .ahead }
            run.openChildren = 0
            run.state = .pending
            run.due = due
            run.counters.failures = 0
            run.counters.crashes = 0
        }
        cancels[id] = nil
        let family = runs.values.filter {
            $0.parent == id && ($0.source == .step ? !$0.state.isEnd : $0.state != .succeeded)
        }
        guard case .applied = answer, !family.isEmpty else { return asItIs(id, answer) }
        let again = family.filter(\.state.isEnd).map(\.id)
        for child in again { runs[child]?.state = .pending }
        runs[id]?.openChildren = Int64(family.count)
        runs[id]?.failedChildren = 0
        return .appliedToFamily(again)
    }

    private mutating func putCancel(_ id: RunID, _ number: Int32, actor: String, reason: String?) -> Answer {
        let answer = change(id, from: [.running], number: number) { _ in }
        if case .applied = answer { cancels[id] = (number, actor, reason) }
        return answer
    }

    private var openCancels: [CancelRecord] {
        cancels.sorted { $0.key < $1.key }.compactMap { id, cancel in
            guard let run = runs[id] else { return nil }
            let isOpen =
                run.state == .running && run.counters.starts == cancel.number
                || run.state == .pending && run.counters.starts == cancel.number - 1
            return isOpen ? CancelRecord(run: run, actor: cancel.actor, reason: cancel.reason) : nil
        }
    }

    private mutating func change(
        _ id: RunID, from states: Set<RunState>, number: Int32? = nil, _ body: (inout RunRecord) -> Void
    ) -> Answer {
        guard var run = runs[id], states.contains(run.state), number == nil || number == run.counters.starts else {
            return .refused("run \(id) is \(runs[id]?.state.word ?? "not there")")
        }
        body(&run)
        runs[id] = run
        return .applied
    }

    private mutating func recall(_ now: Instant) -> Answer {
        let limit = now + .seconds(60)
        for (id, run) in runs where run.state == .pending {
            if run.counters.starts > 0, let finished = run.finishedAt, finished > limit {
                runs[id]?.due = now + max(.zero, run.due - finished)
                runs[id]?.finishedAt = now
            } else if run.counters.starts == 0, run.createdAt > limit, run.due <= run.createdAt || run.fireAt != nil {
                runs[id]?.due = now + max(.zero, run.due - run.createdAt)
            }
        }
        return .applied
    }

    private mutating func readLane(_ key: LaneKey, after: LanePlace?, limit: Int) -> Answer {
        let found = lane(key, after: after, limit: limit)
        rowsRead += found.count
        return .lane(found)
    }

    private func lane(_ key: LaneKey, after: LanePlace?, limit: Int) -> [RunRecord] {
        let pending = runs.values.filter { $0.state == .pending && $0.openChildren == 0 && $0.lane == key }
        let sorted = pending.sorted { $0.place < $1.place }
        let rest = after.map { after in sorted.filter { $0.place > after } } ?? sorted
        return Array(rest.prefix(limit))
    }

    func load() -> StartState {
        let open = runs.values.filter { !$0.state.isEnd }
        return StartState(
            lastRunID: lastRunID, lastJobID: lastJobID, jobs: jobs.values.sorted { $0.id < $1.id },
            queues: queues.values.sorted { $0.name < $1.name },
            lanes: Array(Set(open.filter { $0.state == .pending && $0.openChildren == 0 }.map(\.lane))),
            running: open.filter { $0.state == .running }.sorted { $0.id < $1.id },
            openRuns: Dictionary(grouping: open.filter { $0.job != nil && $0.parent == nil }) { $0.job ?? 0 }.mapValues
            { runs in
                runs.map { OpenRun(id: $0.id, hasStarted: $0.counters.starts > 0 || $0.gate != .ahead) }
            },
            lastSeen: runs.values.map(\.createdAt).max() ?? .distantPast, limits: limits,
            cancels: openCancels, streaks: streaks.values.sorted { $0.name < $1.name }, loans: loans)
    }
}

extension RunRecord {
    fileprivate var lane: LaneKey { LaneKey(queue: queue, component: component, priority: priority) }
    fileprivate var place: LanePlace { LanePlace(due: due, id: id) }
}
