import GuestPool
import JobModel
import JobStore
import PluginCatalog

extension HotState {
    /// What is known here about a pending run as its record says it.
    func facts(about run: RunRecord, now: Instant) -> RunFacts {
        var facts = RunFacts(run: run, now: now, trouble: troubleWords, offer: offer(of: run.component))
        facts.misfit = misfit(of: run)
        facts.behind = behind(run)
        facts.quarantine = quarantine(of: run.component)
        if let component = componentIndex[run.component] { add(component, to: &facts) }
        guard let number = queueIndex[run.queue] else { return facts }
        let queue = queues[number]
        facts.queueIsPaused = queue.record.isPaused
        facts.slots = queue.record.slots
        (facts.ahead, facts.mayBeMoreAhead) = ahead(of: run, in: queue, now: now)
        // What another host is to run takes no slot here, and no start of the rate.
        guard !run.isForAnotherHost else { return facts }
        facts.running = queue.slots.count { slots[$0].held > 0 }
        facts.rateFreeAt = queue.record.settings.rate.map { queue.turns.bucket.free($0, now: now) }
        facts.familyIsFull = run.parent.flatMap { lendings[$0] }.map { !$0.hasRoomHere && $0.nextHost == nil } ?? false
        return facts
    }

    private func add(_ component: Int, to facts: inout RunFacts) {
        // A copy, which may learn the spec.
        var it = components[component]
        if it.isFull { facts.componentLimit = it.atOnce }
        if facts.quarantine == nil { facts.crashPause = crashPause(of: it.name, now: facts.now) }
        facts.missingGrant = ungranted(component).map { "\($0)" }
        guard !facts.run.isForAnotherHost,
            let spec = it.spec(policy: facts.run.policy, surroundings: surroundings)
        else { return }
        let fitting = Fitting(component: component, generation: it.generation, spec: spec)
        if !mayHaveGuest(fitting) { facts.mostGuests = it.keeping.maximum }
    }

    private var troubleWords: String? {
        if isStopping { return "the host is stopping" }
        if let trouble { return "the store fails: \(trouble)" }
        return guestTrouble?.words
    }

    private func offer(of name: ComponentName) -> RunFacts.Offer {
        if let component = catalog.components[name] {
            return component.hold.map { .withheld("\(name.plugin) is \($0)") } ?? .offered
        }
        let file = catalog.plugins.first { $0.descriptor?.id == name.plugin && $0.state == .rejected }
        if let reason = file?.reason { return .missing("\(name) cannot be run: \(reason)") }
        return obstacle(name).map { .missing($0) } ?? .unknownYet
    }

    private func misfit(of run: RunRecord) -> String? {
        guard let index = componentIndex[run.component], isUnjudged(run, schemaSince: components[index].schemaSince),
            let schema = components[index].schema
        else { return nil }
        do throws(ParamsRefusal) {
            _ = try schema.complete(run.params)
            return nil
        } catch {
            return misfit(run.component, error)
        }
    }

    /// Runs of its job that it has to let end; also for one that the store alone knows.
    private func behind(_ run: RunRecord) -> [RunID] {
        guard let job = run.job, run.parent == nil else { return [] }
        let isFirst = run.source == .schedule && run.counters.starts == 0 && run.gate == .ahead
        guard freeAttempts(of: job) == 0 || (isFirst && freeStarts(of: job) == 0) else { return [] }
        return (openRuns[job]?.started ?? []).filter { $0 != run.id }.sorted()
    }

    /// Of the runs in memory that could start too: by the rank that dispatch goes by.
    private func ahead(of run: RunRecord, in queue: HotQueue, now: Instant) -> (Int, Bool) {
        let place = LanePlace(due: run.due, id: run.id)
        let step = queue.lanes.count > 1 ? queue.record.settings.aging?.microseconds : nil
        let own = queue.lanes.first { $0.head(is: place) }?.rank(place, now, aging: step) ?? Int64(run.priority)
        var count = 0
        var mayBeMore = false
        for lane in queue.lanes where components[lane.component].isAvailable {
            guard let head = lane.window.head else {
                mayBeMore = mayBeMore || lane.priority >= run.priority && !lane.window.isComplete
                continue
            }
            guard head.due <= now else { continue }
            let rank = lane.rank(head, now, aging: step)
            guard lane.priority >= run.priority else {
                // It has aged: one of it goes, and then it is young again.
                if rank > own { count += 1 }
                continue
            }
            // Older than what it has to let go first otherwise.
            guard own <= rank else { continue }
            let before = lane.window.all.filter { other in
                other.due <= now && (lane.priority > run.priority || other < place)
            }
            count += before.count
            if let bound = lane.window.bound, lane.priority > run.priority || bound < place { mayBeMore = true }
        }
        return (count, mayBeMore)
    }
}

extension Lane {
    fileprivate func head(is place: LanePlace) -> Bool { window.head == place }
}

extension RunRecord {
    fileprivate var isForAnotherHost: Bool { if case .on = policy.placement { true } else { false } }
}
