import GuestPool
import JobModel
import JobStore

/// Attempts that other hosts make. A loan is started and ended like any attempt and goes the same way from its end on; it
/// has no slot and no guest, and a host that starts anew takes it up instead of rescuing it.
extension HotState {
    // MARK: Lending

    /// A run that was taken out of its lane.
    mutating func lend(_ id: RunID, to host: String, now: Instant) {
        guard let index = runs.index(forKey: id) else { return }
        runs.values[index].counters.starts += 1
        runs.values[index].phase = .lending(Box(host))
        if let job = runs.values[index].job { openRuns[job]?.start(id) }
        countOut(runs.values[index], to: host)
        let number = runs.values[index].counters.starts
        changeRoom(of: runs.values[index].queue, by: 1)
        emit(.start(id, number: number, at: now), .start(id))
        emit(.putLoan(id, number: number, host: host), .lend(id))
    }

    /// What was said of the children it is one of.
    func lending(of run: HotRun) -> Lending? {
        lendings.isEmpty ? nil : run.emitter.flatMap { lendings[$0] }
    }

    /// To whom the head of a lane may go when no slot here is for it.
    func borrower(of run: HotRun) -> String? { lending(of: run)?.nextHost }

    /// Whether its attempt may be made here.
    func mayRunHere(_ run: HotRun) -> Bool { lending(of: run)?.hasRoomHere ?? true }

    /// An attempt of it begins here, or is over.
    mutating func countHere(_ run: HotRun, _ change: Int) {
        guard !lendings.isEmpty, let parent = run.emitter else { return }
        lendings[parent]?.here += change
        if change < 0 { noteFreed(.family(parent)) }
    }

    private mutating func countOut(_ run: HotRun, to host: String) {
        if let parent = run.emitter { lendings[parent]?.lend(to: host) }
    }

    /// The loan is on disk: from here on the borrower may know of it.
    mutating func lendCommitted(_ id: RunID, now: Instant) {
        guard let index = runs.index(forKey: id), case .lending(let host) = runs.values[index].phase else { return }
        runs.values[index].phase = .lent(host)
        let run = runs.values[index]
        announce(id, .running, job: run.jobName, at: now)
        guard let cancel = run.cancel else { return effects.announcements.append(.lent(loan(run, to: host.value))) }
        cancelLoan(at: index, cancel.value.by, nil, now: now)
    }

    /// The store would not start it: as `startRefused`.
    mutating func lendRefused(_ id: RunID, _ reason: String) {
        guard let run = runs[id], case .lending(let host) = run.phase else { return }
        giveBack(run, from: host.value)
        giveBackTurn(of: run)
        runs[id] = nil
        rereadLane(of: run)
        for ticket in run.cancel?.value.tickets ?? [] { reply(ticket, .wrongState) }
        if run.cancel == nil { effects.complaints.append("run \(id) was not lent: \(reason)") }
    }

    // MARK: Ending

    /// The borrower said how the attempt ended, or is given up. Refused for an attempt that is not lent any more.
    mutating func endLoan(_ id: RunID, _ number: Int32, _ end: AttemptEnd, _ ticket: Ticket, now: Instant) {
        guard let (index, host) = lent(id, number) else { return reply(ticket, .wrongState) }
        var told = end
        told.evidence = told.evidence ?? Evidence()
        told.evidence?.host = host
        figures.attempts += 1
        self.end(index, told, now: now)
        emit(.dropLoan(id, number: number), .told(ticket, .done, nil))
    }

    /// The borrower never had it: it goes back to its old place, with no counter touched.
    mutating func takeBack(_ id: RunID, _ number: Int32, _ ticket: Ticket) {
        guard let (index, host) = lent(id, number) else { return reply(ticket, .wrongState) }
        giveBack(runs.values[index], from: host)
        giveBackTurn(of: runs.values[index])
        runs.values[index].phase = .returning
        changeRoom(of: runs.values[index].queue, by: -1)
        emit(.unstart(id, number: number), .unstart(id))
        emit(.dropLoan(id, number: number), .told(ticket, .done, nil))
    }

    /// Nobody asks the borrower: it hears of the end of its family, and its own word is refused.
    mutating func cancelLoan(at index: Dictionary<RunID, HotRun>.Index, _ by: By, _ ticket: Ticket?, now: Instant) {
        let run = runs.values[index]
        var intent = run.cancel?.value ?? CancelIntent(by: by)
        if let ticket { intent.tickets.append(ticket) }
        runs.values[index].cancel = Box(intent)
        end(index, cancelled(by: by, run, now), now: now)
        emit(.dropLoan(run.id, number: run.counters.starts), .silent)
    }

    private mutating func end(_ index: Dictionary<RunID, HotRun>.Index, _ end: AttemptEnd, now: Instant) {
        if case .lent(let host) = runs.values[index].phase { giveBack(runs.values[index], from: host.value) }
        settle(index, end, now: now)
    }

    private mutating func giveBack(_ run: HotRun, from host: String) {
        if let job = run.job { openRuns[job]?.busy -= 1 }
        guard let parent = run.emitter else { return }
        lendings[parent]?.giveBack(from: host)
        noteFreed(.family(parent))
    }

    private func cancelled(by: By, _ run: HotRun, _ now: Instant) -> AttemptEnd {
        var end = AttemptEnd(
            outcome: .cancelled, message: by.words, startedAt: run.origin.value.startedAt ?? now, finishedAt: now)
        guard case .lent(let host) = run.phase else { return end }
        end.evidence = Evidence()
        end.evidence?.host = host.value
        return end
    }

    // MARK: Knowing

    private func lent(_ id: RunID, _ number: Int32) -> (Dictionary<RunID, HotRun>.Index, host: String)? {
        guard let index = runs.index(forKey: id), runs.values[index].counters.starts == number,
            case .lent(let host) = runs.values[index].phase
        else { return nil }
        return (index, host.value)
    }

    private func loan(_ run: HotRun, to host: String) -> Loan {
        Loan(run: run.origin.value, number: run.counters.starts, host: host)
    }

    var loans: [Loan] { runs.values.compactMap(loan).sorted { $0.run.id < $1.run.id } }

    func loan(of id: RunID) -> Loan? { runs[id].flatMap(loan) }

    private func loan(_ run: HotRun) -> Loan? {
        guard case .lent(let host) = run.phase else { return nil }
        return loan(run, to: host.value)
    }

    /// Nil: its children run here alone, as many as there are slots for.
    mutating func setLending(of parent: RunID, _ terms: LendingTerms?) {
        let rest = lendings[parent]?.rest
        if let terms {
            if lendings[parent] == nil { lendings[parent] = lending(of: parent, terms) }
            lendings[parent]?.terms = terms
        } else {
            lendings[parent] = nil
            if let rest { rereadLane(rest.lane) }
        }
        unpark(.family(parent))
    }

    private func lending(of parent: RunID, _ terms: LendingTerms) -> Lending {
        var lending = Lending(terms)
        for run in runs.values where run.emitter == parent {
            switch run.phase {
            case .starting, .running: lending.here += 1
            case .lending(let host), .lent(let host): lending.lend(to: host.value)
            case .inserting, .waiting, .parked, .returning, .ending, .closing: break
            }
        }
        return lending
    }

    /// A loan that an earlier host, or one with a failing store, knew of.
    mutating func takeUp(_ record: RunRecord, lentTo host: String) {
        runs[record.id] = hot(record, .lent(Box(host)))
        if let job = runs[record.id]?.job { openRuns[job]?.busy += 1 }
        if let parent = runs[record.id]?.emitter { lendings[parent]?.lend(to: host) }
    }
}
