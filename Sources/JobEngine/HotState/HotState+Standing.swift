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
        guard let number = queueIndex[run.queue] else { return facts }
        let queue = queues[number]
        facts.queueIsPaused = queue.record.isPaused
        facts.slots = queue.record.slots
        facts.running = queue.slots.count { slots[$0].held > 0 }
        facts.rateFreeAt = queue.record.settings.rate.map { queue.bucket.free($0, now: now) }
        facts.componentLimit = componentIndex[run.component].flatMap {
            components[$0].isFull ? components[$0].atOnce : nil
        }
        (facts.ahead, facts.mayBeMoreAhead) = ahead(of: run, in: queue, now: now)
        return facts
    }

    private var troubleWords: String? {
        if isStopping { return "the host is stopping" }
        if let trouble { return "the store fails: \(trouble)" }
        return guestTrouble.map { "the system has no processes for guests: \($0.reason)" }
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

    /// Runs of its job that it has to let end.
    private func behind(_ run: RunRecord) -> [RunID] {
        guard let hot = runs[run.id], mustWait(hot), let job = hot.job else { return [] }
        return (openRuns[job]?.started ?? []).filter { $0 != run.id }.sorted()
    }

    /// Of the runs in memory that could start too.
    private func ahead(of run: RunRecord, in queue: HotQueue, now: Instant) -> (Int, Bool) {
        let place = LanePlace(due: run.due, id: run.id)
        var count = 0
        var mayBeMore = false
        for lane in queue.lanes where components[lane.component].isAvailable && lane.priority >= run.priority {
            let before = lane.window.all.filter { other in
                other.due <= now && (lane.priority > run.priority || other < place)
            }
            count += before.count
            if let bound = lane.window.bound, lane.priority > run.priority || bound < place { mayBeMore = true }
        }
        return (count, mayBeMore)
    }
}
