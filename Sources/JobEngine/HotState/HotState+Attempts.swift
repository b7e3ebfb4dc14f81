import GuestPool
import JobModel
import JobStore
import PluginCatalog

extension HotState {
    /// The start is on disk: the attempt goes to its guest, unless things changed meanwhile.
    mutating func startCommitted(_ id: RunID, now: Instant) {
        guard let index = runs.index(forKey: id), case .starting(let slot) = runs.values[index].phase else { return }
        guard runs.values[index].cancel == nil, !isStopping, let order = order(runs.values[index], slot) else {
            return giveBack(id, from: slot)
        }
        runs.values[index].record.state = .running
        runs.values[index].record.startedAt = now
        runs.values[index].phase = .running(slot: slot, committed: now)
        announce(runs.values[index].record, .running, at: now)
        effects.guests.append(.run(order))
    }

    /// The store would not start it: it was closed first. The slot is free again and the run is none of ours.
    mutating func startRefused(_ id: RunID, _ reason: String) {
        guard let run = runs[id], case .starting(let slot) = run.phase else { return }
        release(slot)
        runs[id] = nil
        for ticket in run.cancel?.tickets ?? [] { reply(ticket, .wrongState) }
        if run.cancel == nil { effects.complaints.append("run \(id) was not started: \(reason)") }
    }

    /// Nil when another library has taken the component over since the slot was reserved.
    private func order(_ run: HotRun, _ slot: Int) -> AttemptOrder? {
        let component = components[run.component]
        guard let current = component.current, let fitting = slots[slot].fitting,
            fitting.generation == component.generation
        else { return nil }
        let policy = run.record.policy
        let declared = current.descriptor
        var order = AttemptOrder(
            key: AttemptKey(run: run.record.id, number: run.record.counters.starts), slot: Int32(slot),
            spec: fitting.spec, component: current.index, rootRun: run.record.root,
            jobName: run.record.jobName ?? "", params: run.record.params, limit: policy.timeout)
        if let grace = policy.grace ?? declared.grace.orNil { order.grace = grace }
        if declared.maxOutputBytes > 0 {
            order.outputLimit = UInt32(min(declared.maxOutputBytes, UInt64(order.outputLimit)))
        }
        return order
    }

    /// Back to its old place; the start never was.
    private mutating func giveBack(_ id: RunID, from slot: Int) {
        release(slot)
        guard let index = runs.index(forKey: id) else { return }
        let number = runs.values[index].record.counters.starts
        runs.values[index].phase = .returning
        emit(.unstart(id, number: number), .unstart(id))
    }

    mutating func returned(_ id: RunID, now: Instant) {
        guard let index = runs.index(forKey: id), case .returning = runs.values[index].phase else { return }
        runs.values[index].record.counters.starts -= 1
        becomePending(id, now: now)
    }

    mutating func attemptNeverStarted(_ key: AttemptKey) {
        guard let (_, slot, _) = running(key) else { return complain(about: key) }
        giveBack(key.run, from: slot)
    }

    mutating func attemptEnded(_ key: AttemptKey, _ end: AttemptEnd, now: Instant) {
        guard let (index, slot, committed) = running(key) else { return complain(about: key) }
        release(slot)
        figures.attempts += 1
        if case .crashed = end.outcome { figures.crashes += 1 }
        latencies.add(max(.zero, end.startedAt - committed))
        components[runs.values[index].component].learn(from: end)
        settle(index, end, now: now)
    }

    /// The one road from an attempt's end to what becomes of its run; rescue takes it too.
    mutating func settle(_ index: Dictionary<RunID, HotRun>.Index, _ end: AttemptEnd, now: Instant) {
        let finish = judge(runs.values[index], end)
        runs.values[index].phase = .ending(finish)
        emit(.finish(finish), .finish(finish.attempt.run))
    }

    private func judge(_ run: HotRun, _ given: AttemptEnd) -> Finish {
        var end = given
        let counters = run.record.counters
        func finish(_ state: RunState, _ due: Instant, _ counters: RunCounters) -> Finish {
            let attempt = AttemptRecord(run: run.record.id, number: run.record.counters.starts, end: end)
            return Finish(attempt: attempt, state: state, due: due, counters: counters)
        }
        if let cancel = run.cancel, end.outcome != .succeeded {
            end.message = cancel.by.words
            return finish(.cancelled, run.record.due, counters)
        }
        let repeatable = components[run.component].isRepeatable
        switch decide(
            end, policy: run.record.policy, counters: counters, repeatable: repeatable, run: run.record.id)
        {
        case .end(let state, let counters): return finish(state, run.record.due, counters)
        case .again(let due, let counters): return finish(.pending, due, counters)
        case .hold(let counters, let reason):
            end.message = reason
            return finish(.held, run.record.due, counters)
        }
    }

    /// What follows an attempt is on disk.
    mutating func finishCommitted(_ id: RunID, now: Instant) {
        guard let index = runs.index(forKey: id), case .ending(let finish) = runs.values[index].phase else { return }
        runs.values[index].record.counters = finish.counters
        runs.values[index].record.due = finish.due
        runs.values[index].record.state = finish.state
        guard finish.state != .pending else { return becomePending(id, now: now) }
        leave(runs.values[index], finish.state, now: now)
    }

    mutating func finishRefused(_ id: RunID, _ reason: String) {
        guard let run = runs.removeValue(forKey: id) else { return }
        for ticket in run.cancel?.tickets ?? [] { reply(ticket, .wrongState) }
        effects.complaints.append("the end of run \(id) was not stored: \(reason)")
    }

    /// Pending again after an attempt, or after one that never was. Whoever wanted it cancelled gets that now.
    private mutating func becomePending(_ id: RunID, now: Instant) {
        guard let index = runs.index(forKey: id) else { return }
        runs.values[index].record.state = .pending
        let run = runs.values[index]
        announce(run.record, .pending, at: now)
        guard let cancel = run.cancel else { return offer(id) }
        close(run.record, cancel, now: now)
    }

    /// Held, or ended: nothing in memory is needed any more.
    private mutating func leave(_ run: HotRun, _ state: RunState, now: Instant) {
        runs[run.record.id] = nil
        announce(run.record, state, at: now)
        if state.isEnd { closeOne(of: run.record.job) }
        guard let cancel = run.cancel else { return }
        if state == .held {
            close(run.record, cancel, now: now)
        } else {
            for ticket in cancel.tickets { reply(ticket, state == .cancelled ? .done : .wrongState) }
        }
    }

    private func running(
        _ key: AttemptKey
    ) -> (index: Dictionary<RunID, HotRun>.Index, slot: Int, committed: Instant)? {
        guard let index = runs.index(forKey: key.run), runs.values[index].record.counters.starts == key.number,
            case .running(let slot, let committed) = runs.values[index].phase
        else { return nil }
        return (index, slot, committed)
    }

    private mutating func complain(about key: AttemptKey) {
        effects.complaints.append("the pool spoke of attempt \(key.number) of run \(key.run), which does not run")
    }
}

extension Duration {
    /// Zero in a descriptor means: not said.
    fileprivate var orNil: Duration? { self > .zero ? self : nil }
}
