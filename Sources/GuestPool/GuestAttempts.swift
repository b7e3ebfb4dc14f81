import CGuestWire
import CLinux
import Glibc
import JobModel
import Logging

/// Giving attempts to a guest, holding them to their limits, and judging what its death means for them.
extension Guest {
    /// Bytes that may wait for the socket and attempts that may wait in the guest before no more are sent ahead.
    private static let bytesAhead = 256 << 10
    private static let attemptsAhead = 4096

    /// Whether another attempt can be sent to this seat now. Nothing is sent behind one that is being ended.
    func hasRoom(in seat: Seat) -> Bool {
        guard phase == .ready, writer.waiting < Self.bytesAhead, seat.inFlight.count < Self.attemptsAhead else {
            return false
        }
        guard let head = seat.inFlight.first else { return true }
        return head.ladder == nil && head.takenBack == nil
    }

    func send(_ order: AttemptOrder, to seat: Seat, at now: Moment) {
        lastCall += 1
        let attempt = Attempt(order, call: lastCall, seat: seat.number, sentAt: now.monotonic)
        if isEmpty { watch.begin(at: now.monotonic) }
        if seat.inFlight.isEmpty { attempt.start(in: self, at: now) }
        seat.inFlight.append(attempt)
        writer.run(order, call: lastCall, seat: seat.number)
        if order.isolation == .oneshot || lastCall == UInt64(keeping.attempts) { isRetiring = true }
    }

    /// Begins to end an attempt of this guest, or goes on faster when that was begun for another reason: nobody waits for
    /// a grace that has begun before. False when it has none with this key.
    func end(_ key: AttemptKey, _ reason: EndReason, at now: Moment) -> Bool {
        guard let attempt = attempt(key) else { return false }
        if attempt.startedAt != nil {
            attempt.ladder?.hurry(at: now)
            attempt.end(reason, due: now.monotonic)
            climb(attempt, at: now)
        } else if attempt.takenBack == nil {
            attempt.takenBack = reason
            writer.cancel(call: attempt.call, seat: attempt.seat, level: GW_CANCEL_ASK, reason: reason)
            flush()
        }
        return true
    }

    /// Goes on faster with ending the attempts of a run that were told to end.
    func hurry(_ run: RunID, at now: Moment) {
        for seat in seats {
            guard let attempt = seat.inFlight.first, attempt.order.key.run == run else { continue }
            attempt.ladder?.hurry(at: now)
            climb(attempt, at: now)
        }
    }

    /// The time to finish in a version that was replaced is over.
    private func endAll(at now: Moment) {
        drainIsOver = true
        for seat in seats { seat.inFlight.forEach { _ = end($0.order.key, .reload, at: now) } }
    }

    private func attempt(_ key: AttemptKey) -> Attempt? {
        for seat in seats {
            if let attempt = seat.inFlight.first(where: { $0.order.key == key }) { return attempt }
        }
        return nil
    }

    /// When it has been without an attempt for as long as it may be; only while it is idle.
    var idleEnd: Int64 { idleSince + keeping.idle.nanoseconds }

    /// When `tick` has something to do, or it has been idle for long enough.
    var deadline: Int64 {
        var deadline = phaseDeadline
        if outputWaits, !isDoomed { deadline = min(deadline, outputLook) }
        if let socketClosedAt, !isDoomed { deadline = min(deadline, socketClosedAt + 100_000_000) }
        var runs = false
        for seat in seats {
            guard let head = seat.inFlight.first else { continue }
            runs = true
            if !isDoomed { deadline = min(deadline, head.deadline(lastSign: lastSign(of: head))) }
        }
        guard !isDoomed else { return deadline }
        deadline = min(deadline, watch.nextLook, scratchWatch.nextLook)
        if runs { return drainIsOver ? deadline : min(deadline, drainEnd) }
        return phase == .ready ? min(deadline, idleEnd) : deadline
    }

    /// Does what is due. The process having been unkillable for too long is the pool's matter.
    func tick(at now: Moment) {
        if let socketClosedAt, socketClosedAt + 100_000_000 <= now.monotonic {
            doom(process.isExiting ? .ending : .lost, at: now)
        }
        if drainEnd <= now.monotonic, !drainIsOver, !isDoomed { endAll(at: now) }
        for seat in seats {
            guard let head = seat.inFlight.first, !isDoomed else { continue }
            let lastSign = lastSign(of: head)
            if head.deadline(lastSign: lastSign) <= now.monotonic {
                head.endInTime(at: now, lastSign: lastSign)
                climb(head, at: now)
            }
        }
        if watch.nextLook <= now.monotonic, !isDoomed { look(at: now) }
        if scratchWatch.nextLook <= now.monotonic, !isDoomed, let hit = scratchWatch.look(at: now.monotonic) {
            stop(at: hit, .scratchLimit, now)
        }
        guard phaseDeadline <= now.monotonic else { return }
        switch phase {
        case .starting, .loading: doom(.loadTime(loadTime), at: now)
        case .leaving: doom(.late, at: now)
        case .ready, .doomed: break
        }
    }

    private func look(at now: Moment) {
        let programs = settings.grants.contains(.subprocess) ? groupHit ?? groupIsFull : nil
        if let hit = watch.look(at: now.monotonic, isIdle: isIdle) ?? programs {
            stop(at: hit, hit == .memory(limits.memoryBytes) ? .outOfMemory : .processLimit, now)
        } else if isIdle, lastCall > 0 {
            lookAtIdleness()
        }
    }

    private func stop(at hit: LimitHit, _ kind: CrashClass, _ now: Moment) {
        if isIdle { logger.notice("idle guest stopped at a limit", metadata: about(hit.phrase)) }
        doom(.limit(hit, kind), at: now)
    }

    /// The limit of memory, when the kernel ended a process of its group for it and nobody was told.
    var groupHit: LimitHit? {
        guard limits.memoryBytes > 0, let kills = process.group?.kills, kills > killsTold else { return nil }
        return .memory(limits.memoryBytes)
    }

    /// The limit of processes, when the kernel refuses it more: it counts those that have ended too, as the host does not.
    private var groupIsFull: LimitHit? {
        process.group?.isFull == true ? .processes(limits.processes) : nil
    }

    /// What says that its attempt is over, and goes on, would be held to no limit of time.
    private func lookAtIdleness() {
        let used = CPUMeter.used(by: process.pid)
        if used - idleUse > Self.idleAllowance {
            logger.notice("idle guest is replaced", metadata: about("something in it goes on working"))
            isRetiring = true
        }
        idleUse = used
    }

    /// Processor time that a guest may use between two looks while it has nothing to do: a fifth of the time.
    private static let idleAllowance: Int64 = 100_000_000

    private func about(_ reason: String) -> Logger.Metadata {
        ["guest": "\(process.pid)", "plugin": "\(digest.prefix(12))", "reason": "\(reason)"]
    }

    /// A plugin can write there what it likes; then it counts as alive, and its limit still holds.
    private func lastSign(of attempt: Attempt) -> Int64 {
        attempt.order.stall == nil ? 0 : process.page.heartbeat(of: attempt)
    }

    private func climb(_ attempt: Attempt, at now: Moment) {
        while let step = attempt.ladder?.climb(at: now), let reason = attempt.ladder?.reason {
            switch step {
            case .ask: warn(attempt, GW_CANCEL_ASK, reason)
            case .lastCall: warn(attempt, GW_CANCEL_LAST_CALL, reason)
            case .terminate:
                wasTerminated = true
                process.signal(SIGTERM)
            case .kill: doom(.ladder, at: now)
            }
        }
    }

    private func warn(_ attempt: Attempt, _ level: UInt32, _ reason: EndReason) {
        process.page.store(cancel: level, of: attempt)
        writer.cancel(call: attempt.call, seat: attempt.seat, level: level, reason: reason)
        flush()
    }

    // MARK: Death

    /// Reports what the end of the process means for its attempts: the one that ran is charged, those behind it never
    /// started. Of several that ran at once, those for which it was ended are charged. Nil: the process could not be
    /// killed.
    func finish(_ exit: berth_exit?, _ turn: Turn) {
        let verdict = exit.map { CrashVerdict($0, isOwn: process.hasSignalledItself) }
        if let exit { use.ended(exit, countsPrograms: settings.grants.contains(.subprocess)) }
        if phase == .starting || phase == .loading || failure == nil && descriptor == nil {
            failure = failure ?? loadFailure(verdict)
        }
        let heads = heads
        if let last = heads.last { finishLines(of: last, turn) }
        for seat in seats {
            guard let head = seat.inFlight.popFirst() else { continue }
            noteDropped(head, turn)
            head.ladder?.note(exit == nil ? .unkillable : .reaped, at: turn.now)
            var end = head.end(
                cause(verdict, of: head, beside: heads.count - 1), verdict: verdict, guest: process.pid,
                used: (heads.count == 1 ? exit.map(use.remainder) ?? .zero : .zero, use.peak), now: turn.now,
                breadcrumb: breadcrumb(of: head), place: place(of: head))
            end = explained(end, head.order)
            turn.events.append(.ended(head.order.key, exit == nil ? end.unkillable() : end))
            for attempt in seat.inFlight.removeAll() { turn.events.append(.neverStarted(attempt.order.key)) }
        }
    }

    /// Of several attempts that ran in a guest which broke down, nobody knows which did it.
    private func cause(
        _ verdict: CrashVerdict?, of head: Attempt, beside others: Int
    ) -> AttemptCause {
        let cause = cause(verdict, of: head)
        guard others > 0, case .crashed = cause.outcome, verdict != nil else { return cause }
        let rest = others == 1 ? "another one" : "\(others) others"
        return AttemptCause(
            .interrupted(.sharedCrash), "\(cause.message) in a guest in which \(rest) ran: each runs alone next",
            cause.hit)
    }

    private func cause(_ verdict: CrashVerdict?, of head: Attempt) -> AttemptCause {
        if case .doomed(let why) = phase {
            switch why {
            case .violation(let violation):
                return AttemptCause(.crashed(.protocolViolation), "broke the protocol: \(violation.message)")
            case .lost: return AttemptCause(.crashed(.protocolLost), "closed its connection to the host")
            case .stopped: return AttemptCause(.interrupted(.shutdown), "host shut down")
            case .limit(let hit, let kind): return AttemptCause(.crashed(kind), "stopped at its \(hit.phrase)", hit)
            case .refused:
                return AttemptCause(.crashed(.sandboxDenied), refusals.sentence ?? "the sandbox ended it")
            case .ending, .ladder, .loadTime, .late: break
            }
        }
        guard let verdict else { return AttemptCause(.crashed(.unkillable), "SIGKILL did not end it") }
        // The attempt before it ended just when the signal for it was on its way.
        let isForAnother = phase == .doomed(.ladder) || wasTerminated && verdict.signal == "SIGTERM"
        if head.ladder == nil, isForAnother {
            return AttemptCause(
                .interrupted(.siblingKilled), "its guest was ended because of another attempt in it")
        }
        return limitCause(verdict) ?? AttemptCause(.crashed(verdict.kind), verdict.words)
    }

    /// What it died of, if that was a limit the kernel holds it to.
    private func limitCause(_ verdict: CrashVerdict) -> AttemptCause? {
        switch verdict.kind {
        case .fileLimit:
            let hit = LimitHit.fileSize(limits.fileBytes)
            return AttemptCause(.crashed(.fileLimit), "stopped at its \(hit.phrase)", hit)
        case .killedExternally where groupHit != nil:
            return groupHit.map { AttemptCause(.crashed(.outOfMemory), "stopped at its \($0.phrase)", $0) }
        case .memoryFault, .abort, .runtimeTrap, .killedExternally:
            guard let hit = watch.likelyHit(peak: use.peakAtDeath) else { return nil }
            return AttemptCause(.crashed(.outOfMemory), "\(verdict.words) at its \(hit.phrase)", hit)
        default: return nil
        }
    }

    private func loadFailure(_ verdict: CrashVerdict?) -> ProbeFailure {
        if case .doomed(let why) = phase {
            switch why {
            case .violation(let violation):
                return ProbeFailure(stage: .violation, message: "broke the protocol: \(violation.message)")
            case .loadTime(let time):
                return ProbeFailure(stage: .timedOut, message: "did not finish loading within \(time.brief)")
            case .lost: return ProbeFailure(stage: .violation, message: "closed its connection to the host")
            case .stopped: return ProbeFailure(stage: .spawn, message: "the host shut down")
            case .limit(let hit, _): return ProbeFailure(stage: .crashed, message: "stopped at its \(hit.phrase)")
            case .refused: return ProbeFailure(stage: .sandbox, message: refusals.sentence ?? "the sandbox ended it")
            case .ending, .ladder, .late: break
            }
        }
        if verdict?.kind == .killedExternally, let hit = groupHit {
            return ProbeFailure(stage: .crashed, message: "stopped at its \(hit.phrase)")
        }
        return ProbeFailure(
            stage: .crashed, message: "crashed while loading: \(verdict?.words ?? "unkillable")",
            isCircumstance: verdict?.kind == .killedExternally)
    }
}

extension AttemptEnd {
    fileprivate func unkillable() -> AttemptEnd {
        var end = self
        end.outcome = .crashed(.unkillable)
        end.message = "SIGKILL did not end it; \(message ?? "")"
        return end
    }
}
