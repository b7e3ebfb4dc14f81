import JobModel
import JobStore

/// What persons do to runs that are neither running nor have succeeded, without ending them, and what they say of ends
/// that nobody saw.
extension HotState {
    // MARK: Pausing

    mutating func pause(_ id: RunID, _ by: By, _ ticket: Ticket, now: Instant) {
        guard let run = runs[id] else { return reply(ticket, .notHot) }
        switch run.phase {
        case .inserting, .waiting, .parked:
            withdraw(run)
            runs[id]?.phase = .closing
            emitPause(id, by, jobName: run.jobName, ticket, now: now)
        case .starting, .running, .lending, .lent, .returning, .ending, .closing: reply(ticket, .wrongState)
        }
    }

    mutating func pauseUnseen(_ record: RunRecord, _ by: By, _ ticket: Ticket, now: Instant) {
        guard runs[record.id] == nil else { return pause(record.id, by, ticket, now: now) }
        // A refill that saw it pending must not bring it back.
        closingElsewhere.insert(record.id)
        emitPause(record.id, by, jobName: record.jobName, ticket, now: now)
    }

    private mutating func emitPause(_ id: RunID, _ by: By, jobName: String?, _ ticket: Ticket, now: Instant) {
        emit(
            .pause(id, at: now, actor: by.actor, reason: by.words(for: "paused")),
            .pause(id, jobName: jobName, ticket))
    }

    mutating func paused(_ id: RunID, jobName: String?, _ ticket: Ticket, now: Instant) {
        closingElsewhere.remove(id)
        if let run = runs.removeValue(forKey: id) {
            changeRoom(of: run.queue, by: 1)
            if run.isWaiting { withdraw(run) }
        }
        announce(id, .held, job: jobName, at: now)
        reply(ticket, .done)
    }

    mutating func resume(_ record: RunRecord, _ by: By, _ ticket: Ticket, now: Instant) {
        guard runs[record.id] == nil else { return reply(ticket, .wrongState) }
        var known = record
        known.output = []
        emit(.resume(record.id, at: now, actor: by.actor, reason: by.reason), .reopen(known, ticket))
    }

    // MARK: Resolving

    mutating func resolve(_ record: RunRecord, as state: RunState, _ by: By, _ ticket: Ticket, now: Instant) {
        let run = hot(record, .closing)
        emitClose(
            run, .resolve, to: state, by: by.actor, reason: by.words(for: "resolved as \(state.word)"), [ticket],
            now: now)
    }

    // MARK: Editing

    /// One that is to be due at another time leaves its lane until that is stored: it could start at the old one.
    mutating func edit(_ id: RunID, _ edit: RunEdit, _ by: By, _ ticket: Ticket, now: Instant) {
        if edit.due != nil, let run = runs[id], run.isWaiting {
            withdraw(run)
            runs[id]?.phase = .inserting
        }
        emit(.edit(id, edit, at: now, actor: by.actor), .edit(id, ticket))
    }

    /// Where it is to be, the store knows.
    mutating func editRefused(_ id: RunID, _ ticket: Ticket) {
        reply(ticket, .wrongState)
        guard let run = runs[id], case .inserting = run.phase else { return }
        runs[id] = nil
        rereadLane(of: run)
    }

    mutating func edited(_ id: RunID, _ record: RunRecord, _ ticket: Ticket) {
        runs[id]?.replace(params: record.params, policy: record.policy)
        moveInLane(record)
        reply(ticket, .done)
    }

    /// It may be due at another time. One that the store alone knew may be among the next of its lane now.
    private mutating func moveInLane(_ record: RunRecord) {
        guard let run = runs[record.id] else {
            guard record.state == .pending, record.openChildren == 0, !closingElsewhere.contains(record.id) else {
                return
            }
            runs[record.id] = hot(record, .waiting)
            return offer(record.id)
        }
        if run.isWaiting {
            guard run.due != record.due else { return }
            withdraw(run)
        } else {
            guard case .inserting = run.phase else { return }
        }
        runs[record.id]?.due = record.due
        offer(record.id)
    }
}
