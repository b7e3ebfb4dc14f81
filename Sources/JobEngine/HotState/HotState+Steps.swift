import JobModel
import JobStore
import PluginCatalog

/// Steps before and after a run. The one before is a child of the run, which waits for it like a parent for what it
/// emitted: in no lane, without a slot, known to the store alone. The one after is made with the end of the run.
extension HotState {
    // MARK: Before

    /// Whether a run whose turn has come has a pre-step that was not made, or did not work.
    func yieldsToStep(_ run: HotRun) -> Bool {
        switch run.origin.value.gate {
        case .ahead: run.origin.value.policy.preStep?.step != nil
        case .failed: true
        case .waiting, .passed: false
        }
    }

    /// While the component of a step cannot start, one step of it waits and no more are made: a backlog would get all of
    /// its steps at once. What is to run meanwhile waits behind, in its order. What is due later does not stand for it:
    /// its lane would not wake the host in time.
    mutating func mayGetStep(_ run: HotRun, full: Set<Int>, _ now: Instant) -> Bool {
        guard run.origin.value.gate == .ahead, let step = run.origin.value.policy.preStep?.step else { return true }
        let component = componentNumber(step.component)
        guard full.contains(component) || !mayStart(component, now) else { return true }
        return !queues[run.queue].lanes.contains { lane in
            guard lane.component == component, lane.priority == run.origin.value.priority else { return false }
            return lane.window.head.map { $0.due <= now } ?? !lane.window.isSpent
        }
    }

    /// It has left its lane.
    mutating func yieldToStep(_ run: HotRun, now: Instant) {
        if run.origin.value.gate == .ahead, let step = run.origin.value.policy.preStep?.step {
            begin(step, before: run, now: now)
        } else {
            runs[run.id] = nil
            endAtGate(run.origin.value, now: now)
        }
    }

    /// From here on the run counts as started for all that has to wait for it.
    private mutating func begin(_ step: Step, before run: HotRun, now: Instant) {
        let record = preStep(step, of: run.origin.value, due: run.due, now: now)
        runs[run.id] = nil
        // Until the store knows, a refill could bring it back.
        closingElsewhere.insert(run.id)
        if let job = run.job { openRuns[job]?.begin(run.id) }
        figures.accepted += 1
        emit(.insertStep(record, before: run.id), .insertStep(record.id, before: run.origin))
        runs[record.id] = hot(record, .waiting)
        offer(record.id)
    }

    private mutating func preStep(_ step: Step, of run: RunRecord, due: Instant, now: Instant) -> RunRecord {
        var record = newRun(of: step, now: now, words: RunWords(of: run, state: .pending, reason: nil))
        record.queue = run.queue
        record.priority = run.priority
        // Just before those that have waited as long as its run: else all of them would get their steps before the first
        // step had its turn.
        record.due = due + .microseconds(-1)
        record.policy.notAfter = run.counters.starts == 0 ? run.policy.notAfter : nil
        record.job = run.job
        record.parent = run.id
        record.root = run.root
        record.stage = .child
        record.label = "pre-step"
        record.correlation = run.correlation
        record.givenTrace = run.traceparent
        return record
    }

    mutating func stepInserted(_ step: RunID, before run: RunID, now: Instant) {
        closingElsewhere.remove(run)
        announce(run, .pending, job: nil, at: now)
        announce(step, .pending, job: nil, at: now)
    }

    /// The run is in no lane here; whether it is to be in one is for the store to say.
    mutating func stepRefused(_ step: RunID, before run: RunRecord, _ reason: String) {
        closingElsewhere.remove(run.id)
        figures.accepted -= 1
        if let waiting = runs[step], waiting.isWaiting {
            withdraw(waiting)
            runs[step] = nil
        }
        rereadLane(of: hot(run, .waiting))
        effects.complaints.append("the step before run \(run.id) was not made: \(reason)")
    }

    /// The run whose pre-step ended other than well ends too.
    mutating func endAtGate(_ run: RunRecord, now: Instant) {
        let end = run.policy.preStep?.step?.ifFails.end ?? .failed
        closingElsewhere.insert(run.id)
        emitClose(hot(run, .closing), to: end, by: "host", reason: run.reason ?? "its pre-step failed", now: now)
    }

    // MARK: After

    mutating func makePostStep(of run: RunRecord, now: Instant) -> RunRecord? {
        guard let step = run.policy.postStep?.step else { return nil }
        var record = newRun(of: step, now: now, words: RunWords(of: run, state: run.state, reason: run.reason))
        record.queue = run.queue
        record.priority = run.priority
        record.cause = run.id
        record.depth = run.depth + 1
        record.label = "post-step"
        record.correlation = run.correlation
        record.givenTrace = run.traceparent
        fit(&record, now: now)
        return record
    }

    /// That a step after a run did not work is told where people look at the run.
    func postStepWarning(_ step: RunRecord) -> Aftermath.Warning? {
        guard step.source == .step, step.parent == nil, let run = step.cause, step.state.isEnd, step.state != .succeeded
        else { return nil }
        return Aftermath.Warning(run: run, words: "its post-step, run \(step.id), \(step.endWords)")
    }

    private mutating func newRun(of step: Step, now: Instant, words: RunWords) -> RunRecord {
        var policy = step.policy
        if let known = catalog.components[step.component] {
            policy = policy.resolved(for: known.descriptor, hasOwnTimeout: step.timeout != nil)
        }
        return RunRecord(
            id: nextRunID(), component: step.component, queue: "default", source: .step, due: now, createdAt: now,
            params: words.filled(step.params), policy: policy)
    }
}
