import GuestPool
import JobModel
import JobStore

extension HotState {
    // MARK: Accepting

    mutating func enqueue(_ requests: [RunRequest], _ ticket: Ticket, now: Instant) {
        var results: [Accepted] = []
        results.reserveCapacity(requests.count)
        for request in requests {
            do throws(EngineError) {
                results.append(.created(try accept(request, ticket, part: results.count, now: now)))
            } catch {
                if error.passes, let key = request.uniqueKey, request.dispatch == nil {
                    match(request, key, ticket, part: results.count, now: now)
                }
                results.append(.refused(error))
            }
        }
        replyWhenStored(results, ticket)
    }

    /// A queue that takes no new run may have the run already.
    private mutating func match(_ request: RunRequest, _ key: String, _ ticket: Ticket, part: Int, now: Instant) {
        let mustBeNew = request.onDuplicate != .existing
        let params = request.onDuplicate == .replace ? request.params : nil
        emit(
            .matchKey(key, request.component, params: params),
            .match(key: key, ticket, part: part, last: false, mustBeNew: mustBeNew))
    }

    /// Answers come in order, so the caller can be told when the last of its runs has one.
    mutating func replyWhenStored(_ results: [Accepted], _ ticket: Ticket) {
        let last = batch.tags.count - 1
        guard last >= 0, let final = batch.tags[last].asLast(of: ticket) else {
            return reply(ticket, .accepted(results))
        }
        acceptances[ticket] = results
        batch.tags[last] = final
    }

    private mutating func accept(
        _ asked: RunRequest, _ ticket: Ticket, part: Int, now: Instant
    ) throws(EngineError) -> Box<RunRecord> {
        guard let queue = queueIndex[asked.queue] else { throw .queueNotFound(asked.queue) }
        let component = componentNumber(asked.component)
        let request = try judged(asked, component: component).get()
        if let error = refusal(of: queue) { throw error }
        let due = request.due ?? now
        var record = RunRecord(
            id: nextRunID(), component: request.component, queue: request.queue,
            source: request.dispatch == nil ? .enqueue : .upstream, priority: request.priority, due: due,
            createdAt: now, uniqueKey: request.uniqueKey, params: request.params,
            stage: request.part == nil ? .root : .child, childIndex: request.part?.index,
            label: request.part?.label, givenTrace: request.traceparent, tags: request.tags,
            correlation: request.correlation, wanted: due > now ? due : nil, actor: request.actor,
            instance: request.dispatch?.instance)
        record.sharedPolicy = request.sharedPolicy
        if request.part == nil, queues[queue].record.settings.hasSteps {
            record.policy = request.policy.withSteps(of: queues[queue].record.settings)
        }
        return insert(record, request.dispatch, component: component, ifTaken: request.ifTaken, ticket, part: part)
    }

    mutating func nextRunID() -> RunID {
        lastRunID += 1
        return lastRunID
    }

    /// A run the store cannot refuse is in its lane at once, so that its start can share the batch with its insert.
    /// `ifTaken`: what becomes of it when another run has its key, or was fired for its instant; nil: neither can be.
    @discardableResult
    mutating func insert(
        _ record: RunRecord, _ dispatch: Dispatch? = nil, component: Int? = nil, ifTaken: DuplicatePolicy?,
        _ ticket: Ticket?, part: Int = 0
    ) -> Box<RunRecord> {
        let run = hot(record, .inserting, component: component)
        runs[record.id] = run
        open(record.id, of: record.job, hasStarted: false)
        figures.accepted += 1
        let insert: Mutation = ifTaken == .replace ? .insertOrReplace(record) : .insert(record)
        emit(
            dispatch.map { .insertDispatched(record, $0) } ?? insert,
            .insert(record.id, ticket, part: part, last: false))
        if ifTaken == nil { offer(record.id) } else if ifTaken != .existing { strict.insert(record.id) }
        return run.origin
    }

    /// `component` is its number, where that is known already.
    mutating func hot(_ record: RunRecord, _ phase: HotRun.Phase, component: Int? = nil) -> HotRun {
        HotRun(
            Box(record), queue: queueNumber(record.queue), component: component ?? componentNumber(record.component),
            phase: phase)
    }

    mutating func inserted(_ id: RunID, now: Instant) {
        let run = runs[id]
        strict.remove(id)
        announce(id, .pending, job: run?.jobName, at: now)
        if case .inserting = run?.phase { offer(id) }
        replaceOlder(than: id, now: now)
    }

    mutating func insertRefused(_ id: RunID) {
        strict.remove(id)
        guard let run = runs.removeValue(forKey: id) else { return }
        figures.accepted -= 1
        correctRoom(of: run.queue, by: 1)
        closeOne(id, of: run.job)
    }

    // MARK: Cancelling

    mutating func cancel(_ id: RunID, _ by: By, _ ticket: Ticket?, now: Instant) {
        guard let index = runs.index(forKey: id) else { return reply(ticket, .notHot) }
        let run = runs.values[index]
        switch run.phase {
        case .inserting, .waiting, .parked:
            withdraw(run)
            close(run, CancelIntent(by: by, tickets: [ticket].compactMap(\.self)), now: now)
        case .lent: cancelLoan(at: index, by, ticket, now: now)
        case .starting, .lending, .returning, .ending: intend(at: index, by, ticket)
        case .running:
            stop(run, .cancel, by, ticket, now: now)
            intend(at: index, by, nil)
        case .closing:
            if run.countsAsPending { changeRoom(of: run.queue, by: 1) }
            emit(
                .close(id, to: .cancelled, at: now, actor: by.actor, reason: by.words),
                closeTag(run, to: .cancelled, .none, [ticket].compactMap(\.self)))
        }
    }

    /// Asks a running attempt to end. Who wanted that hears once it is on disk, so that it holds beyond this host.
    mutating func stop(_ run: HotRun, _ reason: EndReason, _ by: By, _ ticket: Ticket?, now: Instant) {
        let key = AttemptKey(run: run.id, number: run.counters.starts)
        if run.cancel == nil { effects.guests.append(.end(key, reason)) }
        emit(
            .putCancel(run.id, number: key.number, at: now, actor: by.actor, reason: by.reason),
            ticket.map { .told($0, .done, nil) } ?? .silent)
    }

    private mutating func intend(at index: Dictionary<RunID, HotRun>.Index, _ by: By, _ ticket: Ticket?) {
        var intent = runs.values[index].cancel?.value ?? CancelIntent(by: by)
        if let ticket { intent.tickets.append(ticket) }
        runs.values[index].cancel = Box(intent)
    }

    /// For a run that was not hot when its record was read.
    mutating func close(_ record: RunRecord, _ by: By, _ ticket: Ticket, now: Instant) {
        guard runs[record.id] == nil else { return cancel(record.id, by, ticket, now: now) }
        closingElsewhere.insert(record.id)
        if record.openChildren > 0 || record.policy.preStep != nil { stopChildren(of: record.id, by, now: now) }
        close(hot(record, .closing), CancelIntent(by: by, tickets: [ticket]), now: now)
    }

    /// For a run the store alone knows, and which nobody waits for.
    mutating func closeUnseen(_ id: RunID, of job: JobID, _ by: By, now: Instant) {
        guard closingElsewhere.insert(id).inserted else { return }
        stopChildren(of: id, by, now: now)
        guard let job = jobs[job]?.record, let record = unseen(id, of: job, now: now) else { return }
        emitClose(hot(record, .closing), to: .cancelled, by: by.actor, reason: by.words, now: now)
    }

    /// What is known of a run by its job.
    private func unseen(_ id: RunID, of job: JobRecord, now: Instant) -> RunRecord? {
        guard let component = ComponentName(job.definition.component) else { return nil }
        return RunRecord(
            id: id, component: component, queue: job.definition.queue, job: job.id, jobName: job.definition.name,
            priority: job.definition.priority, due: now, createdAt: now, params: [],
            policy: policy(of: job.definition, component))
    }

    /// Ends a pending or held run without an attempt.
    mutating func close(_ run: HotRun, _ intent: CancelIntent, now: Instant) {
        runs[run.id]?.phase = .closing
        emitClose(run, to: .cancelled, by: intent.by.actor, reason: intent.by.words, intent.tickets, now: now)
    }

    /// Has a run end without an attempt, and with it whatever follows that.
    mutating func emitClose(
        _ run: HotRun, _ move: RunMove = .close, to state: RunState, by actor: String, reason: String,
        _ tickets: [Ticket] = [], now: Instant
    ) {
        if run.countsAsPending { changeRoom(of: run.queue, by: 1) }
        let aftermath = aftermath(of: run.origin.value, ending: state, reason: reason, now: now)
        let mutation: Mutation =
            move == .resolve
            ? .resolve(run.id, to: state, at: now, actor: actor, reason: reason, aftermath: aftermath)
            : .close(run.id, to: state, at: now, actor: actor, reason: reason, aftermath: aftermath)
        emit(mutation, closeTag(run, to: state, aftermath, tickets))
    }

    private func closeTag(_ run: HotRun, to state: RunState, _ aftermath: Aftermath, _ tickets: [Ticket]) -> Tag {
        .close(
            run.id, to: state, job: run.job, jobName: run.jobName, queue: run.countsAsPending ? run.queue : nil,
            aftermath, tickets)
    }

    mutating func closed(_ id: RunID, job: JobID?, _ tickets: [Ticket]) {
        closingElsewhere.remove(id)
        suspects[id] = nil
        if !lendings.isEmpty { lendings[id] = nil }
        if let run = runs.removeValue(forKey: id), run.isWaiting { withdraw(run) }
        closeOne(id, of: job)
        for ticket in tickets { reply(ticket, .done) }
    }

    /// `queue`: the room that its end was to make there is not made.
    mutating func closeRefused(_ id: RunID, in queue: Int?, _ tickets: [Ticket]) {
        if let queue { correctRoom(of: queue, by: -1) }
        closingElsewhere.remove(id)
        if case .closing = runs[id]?.phase { runs[id] = nil }
        for ticket in tickets { reply(ticket, .wrongState) }
    }

    // MARK: Another go

    mutating func reopen(_ record: RunRecord, _ by: By, _ ticket: Ticket, after delay: Duration, now: Instant) {
        guard runs[record.id] == nil else { return reply(ticket, .wrongState) }
        // What it brought before is nothing that anybody here needs, and may be large.
        var known = record
        known.output = []
        emit(
            .reopen(record.id, due: now + delay, at: now, actor: by.actor, reason: by.reason), .reopen(known, ticket))
    }

    /// It goes again, as the store says it is.
    mutating func reopened(_ record: RunRecord, _ ticket: Ticket, now: Instant) {
        announce(record.id, .pending, job: record.jobName, at: now)
        reply(ticket, .done)
        reopen(inBook: record)
        guard !closingElsewhere.contains(record.id) else { return }
        let run = hot(record, .waiting)
        changeRoom(of: run.queue, by: -1)
        guard runs[record.id] == nil else { return }
        runs[record.id] = run
        offer(record.id)
    }

    /// Only now: of two who want the same at once, one is refused. One that was held is in the book already.
    mutating func reopen(inBook record: RunRecord) {
        guard record.parent == nil, let job = record.job, openRuns[job]?.contains(record.id) != true else { return }
        open(record.id, of: job, hasStarted: record.counters.starts > 0)
    }
}

extension RunRequest {
    /// What becomes of it when there is a run for it already; nil: there cannot be.
    fileprivate var ifTaken: DuplicatePolicy? {
        if dispatch != nil { return .existing }
        return uniqueKey == nil ? nil : onDuplicate
    }
}
