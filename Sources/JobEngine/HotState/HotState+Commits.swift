import GuestPool
import JobModel
import JobStore

extension HotState {
    /// Reservations become facts, in the order they were made.
    mutating func committed(_ tags: [Tag], _ answers: [Answer], now: Instant) {
        for (tag, answer) in zip(tags, answers) {
            switch answer {
            case .applied: applied(tag, now: now)
            case .released(let parent):
                applied(tag, now: now)
                released(parent, now: now)
            case .grown(let first):
                guard case .finish(let id) = tag else { continue }
                familyGrew(by: id, from: first, now: now)
            case .appliedToFamily(let children): appliedToFamily(tag, children, now: now)
            case .duplicate(let other): duplicate(tag, of: other)
            case .replaced(let record): replaced(tag, by: record, now: now)
            case .count(let pending):
                guard case .count(let queue) = tag else { continue }
                counted(queue, pending, now: now)
            case .refused(let reason): refused(tag, reason)
            case .state(let outcome):
                guard case .state(let key) = tag else { continue }
                stateAnswered(key, outcome)
            case .lane(let records): laneRead(tag, records)
            }
        }
    }

    private mutating func laneRead(_ tag: Tag, _ records: [RunRecord]) {
        if case .readLane(let key, let limit) = tag { refilled(key, limit: limit, with: records) }
        if case .readRest(let parent, let lane, _) = tag { restRead(of: parent, lane, records) }
    }

    mutating func applied(_ tag: Tag, now: Instant) {
        switch tag {
        case .insert(let id, let ticket, _, let last):
            inserted(id, now: now)
            if last { tellAccepted(ticket) }
        case .insertEnded(let id, let state, let job, let aftermath):
            announce(id, state, job: job, at: now)
            begin(aftermath, now: now)
        case .insertStep(let step, let run): stepInserted(step, before: run.value.id, now: now)
        case .start(let id): startCommitted(id, now: now)
        case .lend(let id): lendCommitted(id, now: now)
        case .unstart(let id): returned(id, now: now)
        case .finish(let id): finishCommitted(id, now: now)
        case .close(let id, let state, let job, let jobName, _, let aftermath, let tickets):
            announce(id, state, job: jobName, at: now)
            countFromEnd(job, now)
            closed(id, job: job, tickets)
            begin(aftermath, now: now)
        case .pause(let id, let job, let ticket): paused(id, jobName: job, ticket, now: now)
        case .told(let ticket, let words, let announcement):
            if let announcement { effects.announcements.append(announcement) }
            reply(ticket, words)
        case .readLane, .readRest, .state, .count, .edit, .reopen, .match, .silent: break
        }
    }

    private mutating func duplicate(_ tag: Tag, of other: RunID) {
        if case .match(let key, let ticket, let part, let last, let mustBeNew) = tag {
            acceptances[ticket]?[part] = mustBeNew ? .refused(.keyTaken(key, by: other)) : .existing(other)
            return last ? tellAccepted(ticket) : ()
        }
        guard case .insert(let id, let ticket, let part, let last) = tag else { return }
        let key = runs[id]?.origin.value.uniqueKey ?? ""
        let mustBeNew = strict.contains(id)
        insertRefused(id)
        if let ticket {
            acceptances[ticket]?[part] = mustBeNew ? .refused(.keyTaken(key, by: other)) : .existing(other)
        }
        if last { tellAccepted(ticket) }
    }

    private mutating func replaced(_ tag: Tag, by record: RunRecord, now: Instant) {
        if case .edit(let id, let ticket) = tag { return edited(id, record, ticket) }
        if case .reopen(_, let ticket) = tag { return reopened(record, ticket, now: now) }
        if case .match(_, let ticket, let part, let last, _) = tag {
            runs[record.id]?.complete(record.params)
            acceptances[ticket]?[part] = .replaced(record)
            return last ? tellAccepted(ticket) : ()
        }
        guard case .insert(let id, let ticket, let part, let last) = tag else { return }
        insertRefused(id)
        runs[record.id]?.complete(record.params)
        if let ticket { acceptances[ticket]?[part] = .replaced(record) }
        if last { tellAccepted(ticket) }
    }

    private mutating func refused(_ tag: Tag, _ reason: String) {
        switch tag {
        case .insert(let id, let ticket, let part, let last):
            insertRefused(id)
            if let ticket { acceptances[ticket]?[part] = .refused(.store(.failed(reason: reason))) }
            if last { tellAccepted(ticket) }
        // What refused it before stands.
        case .match(_, let ticket, _, let last, _): if last { tellAccepted(ticket) }
        case .insertStep(let step, let run): stepRefused(step, before: run.value, reason)
        case .start(let id): startRefused(id, reason)
        case .lend(let id): lendRefused(id, reason)
        case .finish(let id): finishRefused(id, reason)
        case .unstart(let id): returnRefused(id, reason)
        case .close(let id, _, _, _, let queue, _, let tickets): closeRefused(id, in: queue, tickets)
        case .pause(let id, _, let ticket): closeRefused(id, in: nil, [ticket])
        case .edit(let id, let ticket): editRefused(id, ticket)
        case .reopen(_, let ticket): reply(ticket, .wrongState)
        case .told(let ticket, _, _): reply(ticket, .failed(.store(.failed(reason: reason))))
        case .readLane(let key, _):
            // What was kept aside goes back; the next turn tries again.
            refilled(key, limit: 0, with: [])
            effects.complaints.append("the store refused to read on in queue \(key.queue): \(reason)")
        case .readRest(let parent, let lane, let from):
            restRefused(of: parent, lane, from: from)
            effects.complaints.append("the store refused to read children of run \(parent): \(reason)")
        case .state(let key): answer(key, .again)
        case .count: countFailed(.store(.failed(reason: reason)))
        case .insertEnded, .silent: effects.complaints.append("the store refused: \(reason)")
        }
    }

    private mutating func tellAccepted(_ ticket: Ticket?) {
        guard let ticket, let results = acceptances.removeValue(forKey: ticket) else { return }
        reply(ticket, .accepted(results))
    }

    // MARK: Trouble

    /// Nothing of the batch is stored. Everybody who waits hears so; until the store has been read again, nothing is
    /// taken on, and only the ends of attempts are remembered.
    mutating func commitFailed(_ tags: [Tag], _ error: StoreError) {
        trouble = error
        for tag in tags + batch.tags { fail(tag, error) }
        batch = Batch()
        for index in runs.indices {
            guard let cancel = runs.values[index].cancel?.value else { continue }
            for ticket in cancel.tickets { reply(ticket, .failed(.store(error))) }
            runs.values[index].cancel = Box(CancelIntent(by: cancel.by))
        }
    }

    private mutating func fail(_ tag: Tag, _ error: StoreError) {
        switch tag {
        case .insert(_, let ticket, _, _):
            guard let ticket, acceptances.removeValue(forKey: ticket) != nil else { return }
            reply(ticket, .failed(.store(error)))
        case .match(_, let ticket, _, _, _):
            guard acceptances.removeValue(forKey: ticket) != nil else { return }
            reply(ticket, .failed(.store(error)))
        case .close(_, _, _, _, _, _, let tickets): for ticket in tickets { reply(ticket, .failed(.store(error))) }
        case .reopen(_, let ticket), .told(let ticket, _, _), .pause(_, _, let ticket), .edit(_, let ticket):
            reply(ticket, .failed(.store(error)))
        case .state(let key): answer(key, .again)
        case .count: countFailed(.store(error))
        case .insertEnded, .insertStep, .start, .lend, .unstart, .finish, .readLane, .readRest, .silent: break
        }
    }
}
