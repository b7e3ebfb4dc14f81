import GuestPool
import JobModel
import JobStore
import PluginCatalog

extension HotState {
    /// Takes up what an earlier host left behind.
    mutating func load(_ start: StartState, now: Instant) {
        for record in start.streaks {
            streaks[StreakKey(plugin: record.plugin, component: record.component)] = record
        }
        takeUp(start, now: now)
        configureQueues(now: now)
        let cancels = start.cancelsByRun
        for record in start.running {
            if let host = start.loans[record.id] {
                takeUp(record, lentTo: host)
            } else {
                rescue(record, cancels[record.id], now: now)
            }
        }
        closeCancelled(start, now: now)
    }

    /// Runs that were to be cancelled and wait, because their attempt never started.
    private mutating func closeCancelled(_ start: StartState, now: Instant) {
        for cancel in start.cancels where cancel.run.state == .pending && runs[cancel.run.id] == nil {
            closingElsewhere.insert(cancel.run.id)
            close(hot(cancel.run, .closing), CancelIntent(by: By(cancel)), now: now)
        }
    }

    /// An attempt that no living host knows is recorded as interrupted; its run goes again, is held, or is cancelled if
    /// that was asked for.
    private mutating func rescue(_ record: RunRecord, _ cancel: CancelRecord?, now: Instant) {
        runs[record.id] = hot(record, .waiting)
        runs[record.id]?.cancel = cancel.map { Box(CancelIntent(by: By($0))) }
        guard let index = runs.index(forKey: record.id) else { return }
        let end = AttemptEnd(
            outcome: .interrupted(.hostDied), message: "the host ended while this attempt ran",
            startedAt: record.startedAt ?? now, finishedAt: now)
        settle(index, end, now: now)
    }

    /// After a failed commit: the store says what is so, the pool's attempts go on.
    mutating func reload(_ start: StartState, now: Instant) {
        let before = runs
        trouble = nil
        batch = Batch()
        forgetAll()
        takeUp(start, now: now)
        let stored = Set(start.queues.map(\.name))
        if surroundings.queues.contains(where: { !stored.contains($0.name) }) { configureQueues(now: now) }
        let cancels = start.cancelsByRun
        for record in start.running {
            if let host = start.loans[record.id] {
                guard Self.isEnding(before[record.id], record) else {
                    takeUp(record, lentTo: host)
                    // Whether that was told before is not known.
                    let loan = Loan(run: record, number: record.counters.starts, host: host)
                    effects.announcements.append(.lent(loan))
                    continue
                }
                resume(record, before[record.id])
                emit(.dropLoan(record.id, number: record.counters.starts), .silent)
                continue
            }
            resume(record, before[record.id])
            guard runs[record.id]?.cancel == nil, let cancel = cancels[record.id] else { continue }
            runs[record.id]?.cancel = Box(CancelIntent(by: By(cancel)))
        }
        closeCancelled(start, now: now)
        countOutdatedStarts()
        for record in streaks.values where record.streak.quarantinedAt != nil { emit(.putStreak(record), .silent) }
    }

    /// Its end was not stored and is still known.
    private static func isEnding(_ before: HotRun?, _ record: RunRecord) -> Bool {
        guard let before, before.counters.starts == record.counters.starts, case .ending = before.phase else {
            return false
        }
        return true
    }

    /// A run the store calls running is with the pool, or has ended and the end was not stored, or was never sent.
    private mutating func resume(_ record: RunRecord, _ before: HotRun?) {
        guard let before, before.counters.starts == record.counters.starts else {
            return neverSent(record)
        }
        switch before.phase {
        case .running:
            runs[record.id] = before
            countHere(before, 1)
            components[before.component].busy += 1
            if let job = before.job { openRuns[job]?.busy += 1 }
        case .ending(let finish):
            runs[record.id] = before
            emit(finish.value, of: before)
        case .inserting, .waiting, .parked, .starting, .lending, .lent, .returning, .closing: neverSent(record)
        }
    }

    private mutating func neverSent(_ record: RunRecord) {
        runs[record.id] = hot(record, .returning)
        emit(.unstart(record.id, number: record.counters.starts), .unstart(record.id))
    }

    private mutating func forgetAll() {
        // Slots stay with the attempts that are in them; reservations are void.
        for slot in slots.indices { slots[slot].held = 0 }
        for run in runs.values {
            if case .running(let slot, _) = run.phase { slots[slot].held += 1 }
        }
        runs = [:]
        lendings = lendings.mapValues { Lending($0.terms) }
        for component in components.indices {
            components[component].busy = 0
            components[component].atOnce = nil
        }
        for queue in queues.indices {
            queues[queue].lanes = []
            queues[queue].room = 0
            queues[queue].countedAt = .distantPast
        }
        jobs = [:]
        jobNames = [:]
        parked = [:]
        fires = TimeHeap()
        expiries = TimeHeap()
        closingElsewhere = []
        strict = []
        freed = []
    }

    private mutating func takeUp(_ start: StartState, now: Instant) {
        lastRunID = max(lastRunID, start.lastRunID)
        lastJobID = max(lastJobID, start.lastJobID)
        openRuns = start.openRuns.mapValues(OpenRuns.init)
        for record in start.queues { takeUp(record, now: now) }
        for (name, count) in start.limits { components[componentNumber(name)].atOnce = count }
        if queueIndex["default"] == nil {
            let record = QueueRecord(name: "default", slots: surroundings.slots)
            put(record)
            emit(.putQueue(record), .silent)
        }
        for key in start.lanes {
            let component = componentNumber(key.component)
            queues[queueNumber(key.queue)].addUnreadLane(component, key.priority, capacity: surroundings.laneCapacity)
        }
        for record in start.jobs { takeUp(record, now: now) }
        if ClockStep.isAhead(start.lastSeen, of: now) { emit(.recall(now), .silent) }
    }

    // MARK: Stopping

    mutating func beginDrain(_ now: Instant) {
        guard !isStopping else { return }
        drainDeadline = now + surroundings.drain
    }

    /// Attempts that outlast the drain are asked to end; their runs are interrupted and wait for the next host.
    mutating func endDrain(_ now: Instant) {
        guard let planned = drainDeadline else { return }
        // A clock that is set back makes it no longer.
        let deadline = min(planned, now + surroundings.drain)
        drainDeadline = deadline
        guard now >= deadline, !drained else { return }
        drained = true
        for run in runs.values {
            guard case .running = run.phase else { continue }
            effects.guests.append(.end(AttemptKey(run: run.id, number: run.counters.starts), .shutdown))
        }
    }
}

extension StartState {
    fileprivate var cancelsByRun: [RunID: CancelRecord] {
        Dictionary(cancels.map { ($0.run.id, $0) }, uniquingKeysWith: { first, _ in first })
    }
}

extension By {
    fileprivate init(_ cancel: CancelRecord) {
        self.init(actor: cancel.actor, reason: cancel.reason)
    }
}
