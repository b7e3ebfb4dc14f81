import GuestPool
import JobModel
import JobStore
import PluginCatalog

extension HotState {
    /// The start is on disk: the attempt goes to its guest, unless things changed meanwhile.
    mutating func startCommitted(_ id: RunID, now: Instant) {
        guard let index = runs.index(forKey: id) else { return }
        let run = runs.values[index]
        guard case .starting(let slot) = run.phase else { return }
        defer { if isOutdated(run) { outdatedStartArrived() } }
        guard run.cancel == nil, !isStopping, let order = order(run, slot) else { return giveBack(id, from: slot) }
        runs.values[index].phase = .running(slot: slot, committed: now)
        announce(id, .running, job: run.jobName, at: now)
        effects.guests.append(.run(order))
    }

    /// The store would not start it: it was closed first, or taken up from a record that was old by then. The slot is
    /// free again, and whether the run is still to go is read anew.
    mutating func startRefused(_ id: RunID, _ reason: String) {
        guard let run = runs[id], case .starting(let slot) = run.phase else { return }
        defer { if isOutdated(run) { outdatedStartArrived() } }
        release(slot, of: run)
        giveBackTurn(of: run)
        runs[id] = nil
        rereadLane(of: run)
        for ticket in run.cancel?.value.tickets ?? [] { reply(ticket, .wrongState) }
        if run.cancel == nil { effects.complaints.append("run \(id) was not started: \(reason)") }
    }

    /// What a component may ask for between the request to stop and SIGTERM. A job may give it more.
    private static let longestOwnGrace = Duration.seconds(60)

    /// Nil when the version that the slot was reserved for is not to be started any more.
    private func order(_ run: HotRun, _ slot: Int) -> AttemptOrder? {
        guard components[run.component].isAvailable else { return nil }
        if isOutdated(run) { return outdatedOrder(run, slot) }
        guard let current = components[run.component].current, let spec = slots[slot].fitting?.spec else { return nil }
        let (limits, keeping) = (components[run.component].limits, components[run.component].keeping)
        return order(run, slot, spec, current, limits, keeping)
    }

    /// A version ends with the attempts it has, and those are its last.
    private func outdatedOrder(_ run: HotRun, _ slot: Int) -> AttemptOrder? {
        guard var former = components[run.component].former?.value, former.generation == run.generation,
            let library = former.current, mayStillStart(library),
            let spec = former.spec(policy: run.origin.value.policy, surroundings: surroundings)
        else { return nil }
        return order(run, slot, spec, library, former.limits, former.keeping)
    }

    private func order(
        _ run: HotRun, _ slot: Int, _ spec: GuestSpecID, _ current: CatalogComponent, _ limits: AttemptLimits?,
        _ keeping: GuestKeeping
    ) -> AttemptOrder {
        let record = run.origin.value
        var order = AttemptOrder(
            key: AttemptKey(run: run.id, number: run.counters.starts), slot: Int32(slot), spec: spec,
            component: current.index, rootRun: record.root, jobName: jobName(of: record),
            traceparent: record.traceparent, params: record.params, limit: record.policy.timeout)
        // A step before a run is no part of a family: what it made would be nobody's.
        if current.descriptor.kind == .processor, run.emitter == record.parent {
            order.stage = record.stage
            order.childIndex = record.childIndex ?? 0
            order.childCount = record.children
        }
        let grace = current.descriptor.grace.orNil.map { min($0, Self.longestOwnGrace) }
        if let grace = record.policy.grace ?? grace { order.grace = grace }
        order.stall = current.descriptor.stall.orNil
        order.set(limits ?? .standard, record.policy)
        if let schema = current.schema, schema.hasSecrets { order.secrets = schema.secrets(in: record.params) }
        order.isolation = keeping.isolation
        share(&order, run, sharing: current.descriptor.sharing)
        return order
    }

    private func share(_ order: inout AttemptOrder, _ run: HotRun, sharing: Int) {
        guard sharing > 1, order.isolation == .pool else { return }
        if mustRunAlone(run) { order.isolation = .oneshot } else { order.sharing = sharing }
    }

    /// Children are found by their job's id alone: its lists show what it started itself.
    private func jobName(of record: RunRecord) -> String {
        record.jobName ?? record.job.flatMap { jobs[$0] }?.record.definition.name ?? ""
    }

    /// Back to its old place; the start never was.
    private mutating func giveBack(_ id: RunID, from slot: Int) {
        guard let index = runs.index(forKey: id) else { return }
        release(slot, of: runs.values[index])
        giveBackTurn(of: runs.values[index])
        guestTrouble?.failed = runs.values[index].component
        // It has no guest that could take the next one.
        if slots[slot].held == 0 { slots[slot].fitting = nil }
        let number = runs.values[index].counters.starts
        runs.values[index].phase = .returning
        changeRoom(of: runs.values[index].queue, by: -1)
        emit(.unstart(id, number: number), .unstart(id))
    }

    mutating func returned(_ id: RunID, now: Instant) {
        guard let index = runs.index(forKey: id), case .returning = runs.values[index].phase else { return }
        runs.values[index].counters.starts -= 1
        if runs.values[index].hasNotStarted, let job = runs.values[index].job {
            openRuns[job]?.unstart(id)
            unpark(.job(job))
        }
        becomePending(id, now: now)
    }

    mutating func attemptNeverStarted(_ key: AttemptKey) {
        guard let (_, _, slot, _) = running(key) else { return complain(about: key) }
        giveBack(key.run, from: slot)
    }

    mutating func attemptEnded(_ key: AttemptKey, _ end: AttemptEnd, now: Instant) {
        guard let (index, run, slot, committed) = running(key) else { return complain(about: key) }
        release(slot, of: run)
        guestTrouble = nil
        figures.attempts += 1
        if case .crashed = end.outcome { figures.crashes += 1 }
        latencies.add(max(.zero, end.startedAt - committed))
        if !isOutdated(run) { components[run.component].learn(from: end) }
        judgeHealth(run, end, isCurrent: !isOutdated(run), now: now)
        judgeSuspicion(of: key.run, end)
        settle(index, end, now: now)
    }

    /// The one road from an attempt's end to what becomes of its run; rescue takes it too.
    mutating func settle(_ index: Dictionary<RunID, HotRun>.Index, _ end: AttemptEnd, now: Instant) {
        let run = runs.values[index]
        var given = end
        if let children = childrenByPlacement(of: run, after: end) { given.children = children }
        var finish = judge(run, given)
        makeChildren(of: run, &finish)
        finish.aftermath = aftermath(
            of: run.origin.value, ending: finish.state, reason: finish.attempt.end.message,
            now: finish.attempt.end.finishedAt)
        runs.values[index].phase = .ending(Box(finish))
        if finish.state == .pending { changeRoom(of: run.queue, by: -max(1, finish.children.count)) }
        emit(finish, of: run)
    }

    mutating func emit(_ finish: Finish, of run: HotRun) {
        emit(.finish(finish), .finish(finish.attempt.run))
        if finish.state.isEnd { countFromEnd(run.job, finish.attempt.end.finishedAt) }
    }

    private func judge(_ run: HotRun, _ given: AttemptEnd) -> Finish {
        var end = given
        func finish(_ state: RunState, _ due: Instant, _ counters: RunCounters, by actor: String? = nil) -> Finish {
            let attempt = AttemptRecord(run: run.id, number: run.counters.starts, end: end)
            return Finish(
                attempt: attempt, state: state, due: due, counters: counters, parent: run.origin.value.parent,
                component: run.origin.value.component, job: run.job, by: actor)
        }
        if let cancel = run.cancel, end.outcome != .succeeded || !end.children.isEmpty {
            end.children = []
            end.message = cancel.value.by.words
            return finish(.cancelled, run.due, run.counters, by: cancel.value.by.actor)
        }
        let repeatable = components[run.component].isRepeatable
        switch decide(
            end, policy: run.origin.value.policy, counters: run.counters, repeatable: repeatable, run: run.id,
            since: run.origin.value.since)
        {
        case .end(.succeeded, let counters) where !end.children.isEmpty && run.origin.value.stage != .child:
            return finish(.pending, run.due, counters.forNextStage)
        case .end(let state, let counters): return finish(state, run.due, counters)
        case .again(let due, let counters): return finish(.pending, due, counters)
        case .hold(let counters, let reason):
            end.message = reason
            return finish(.held, run.due, counters)
        }
    }

    /// What follows an attempt is on disk.
    mutating func finishCommitted(_ id: RunID, now: Instant) {
        guard let index = runs.index(forKey: id) else { return }
        let run = runs.values[index]
        guard case .ending(let finish) = run.phase else { return }
        guard finish.value.state == .pending else {
            leave(run, finish.value.state, now: now)
            return begin(finish.value.aftermath, now: now)
        }
        guard finish.value.children.isEmpty else { return beginFamily(id, finish.value.children, now: now) }
        runs.values[index].counters = finish.value.counters
        runs.values[index].due = finish.value.due
        becomePending(id, now: now)
        if ClockStep.isAhead(finish.value.attempt.end.finishedAt, of: now) { recallRuns(now) }
    }

    /// As it seems it had ended; if it had not, its lane has it.
    mutating func finishRefused(_ id: RunID, _ reason: String) {
        forget(id)
        effects.complaints.append("the end of run \(id) was not stored: \(reason)")
    }

    mutating func returnRefused(_ id: RunID, _ reason: String) {
        forget(id)
        effects.complaints.append("run \(id) was not taken back: \(reason)")
    }

    /// The store is of another mind about it, and right.
    private mutating func forget(_ id: RunID) {
        guard let run = runs.removeValue(forKey: id) else { return }
        closeOne(id, of: run.job)
        rereadLane(of: run)
        for ticket in run.cancel?.value.tickets ?? [] { reply(ticket, .wrongState) }
    }

    /// Pending again after an attempt, or after one that never was. Whoever wanted it cancelled gets that now.
    private mutating func becomePending(_ id: RunID, now: Instant) {
        guard let run = runs[id] else { return }
        announce(id, .pending, job: run.jobName, at: now)
        guard let cancel = run.cancel else { return offer(id) }
        close(run, cancel.value, now: now)
    }

    /// Held, or ended: nothing in memory is needed any more.
    private mutating func leave(_ run: HotRun, _ state: RunState, now: Instant) {
        runs[run.id] = nil
        if !lendings.isEmpty { lendings[run.id] = nil }
        announce(run.id, state, job: run.jobName, at: now)
        if state.isEnd { closeOne(run.id, of: run.job) }
        guard let cancel = run.cancel else { return }
        if state == .held {
            // Its end makes no room: it takes none.
            changeRoom(of: run.queue, by: -1)
            close(run, cancel.value, now: now)
        } else {
            for ticket in cancel.value.tickets { reply(ticket, state == .cancelled ? .done : .wrongState) }
        }
    }

    func running(
        _ key: AttemptKey
    ) -> (index: Dictionary<RunID, HotRun>.Index, run: HotRun, slot: Int, committed: Instant)? {
        guard let index = runs.index(forKey: key.run) else { return nil }
        let run = runs.values[index]
        guard run.counters.starts == key.number, case .running(let slot, let committed) = run.phase else { return nil }
        return (index, run, slot, committed)
    }

    private mutating func complain(about key: AttemptKey) {
        effects.complaints.append("the pool spoke of attempt \(key.number) of run \(key.run), which does not run")
    }
}

extension Duration {
    /// Zero in a descriptor means: not said.
    fileprivate var orNil: Duration? { self > .zero ? self : nil }
}
