import CLinux
import JobModel
import Logging

/// How attempts, guests and the pool itself come to an end.
extension PoolLoop {
    func end(_ key: AttemptKey, _ reason: EndReason) {
        for slot in slots.values {
            if slot.waiting.removeFirst(where: { $0.key == key }) != nil {
                turn.events.append(.neverStarted(key))
                return
            }
            if slot.guest?.end(key, reason, at: turn.now) == true { return }
        }
    }

    func answer(_ key: AttemptKey, _ answer: GuestAnswer) {
        for slot in slots.values where slot.guest?.answer(key, answer) == true { return }
    }

    /// What came with the order is still sent to its guests; what they cannot take goes back, for the version that takes
    /// over.
    func retire(_ digest: String) {
        for slot in slots.values where slot.guest?.digest == digest && !slot.waiting.isEmpty { fill(slot) }
        warm.removeAll(of: digest)
        for slot in slots.values {
            while let order = slot.waiting.removeFirst(where: { $0.spec.spec?.digest == digest }) {
                turn.events.append(.neverStarted(order.key))
            }
        }
        for guest in Array(guests.values) where guest.digest == digest && probes[guest.number] == nil {
            guest.isRetiring = true
            guest.isReplaced = true
            guest.drainEnd = guest.keeping.drain.map { turn.now.monotonic + $0.nanoseconds } ?? .max
            if guest.isIdle { dismiss(guest) }
        }
    }

    /// The process has ended and all it wrote was read.
    func bury(_ guest: Guest) {
        guard let exit = guest.process.reap() else { return }
        remove(guest, exit)
    }

    /// SIGKILL was sent long ago and the process is still there. It is left to the kernel.
    func giveUp(_ guest: Guest) {
        logger.error("guest cannot be killed", metadata: ["pid": "\(guest.process.pid)"])
        remove(guest, nil)
    }

    private func remove(_ guest: Guest, _ exit: berth_exit?) {
        guests[guest.number] = nil
        let served = guest.seats.compactMap(\.slot)
        let interrupted = guest.seats.filter { !$0.inFlight.isEmpty }.compactMap(\.slot)
        let wasLetGo = guest.wasLetGo
        guest.finish(exit, turn)
        guest.leaveSlots()
        if let answer = probes.removeValue(forKey: guest.number) {
            answer.resume(returning: .failed(guest.failure ?? .ended))
        } else if let failure = guest.failure {
            // Of a probe its caller has heard already.
            if guest.spec != .probe { logger.info("guest did not load", metadata: ["reason": "\(failure.words)"]) }
            // Not tried again before it is needed.
            warm.giveUp(guest.spec)
            for slot in served where slot.waiting.first?.spec == guest.spec {
                slot.fail(failure, guest: guest.process.pid, turn)
            }
        } else {
            for slot in interrupted { slot.giveBack(turn) }
            if interrupted.isEmpty, !wasLetGo { noteIdleDeath(of: guest) }
        }
        guest.stopWatchingTalk()
        guard exit == nil else { return guest.process.close() }
        abandoned[guest.number] = guest.process
    }

    private func noteIdleDeath(of guest: Guest) {
        warm.noteIdleDeath(guest.spec)
        guard warm.isGivenUp(guest.spec) else { return }
        logger.warning(
            "guests die with nothing to do: none is kept ready until an attempt needs one",
            metadata: ["plugin": "\(guest.spec.spec?.library ?? "")"])
    }

    /// One that SIGKILL did not end in time has ended after all.
    func buryAbandoned(_ number: UInt64) {
        guard let process = abandoned[number], process.reap() != nil else { return }
        logger.notice("a guest that could not be killed has ended", metadata: ["pid": "\(process.pid)"])
        abandoned[number] = nil
        process.close()
    }

    /// Everything ends now: what runs is interrupted, what waits goes back.
    func stopAll() {
        for slot in slots.values { slot.giveBack(turn) }
        for guest in guests.values { guest.doom(.stopped, at: turn.now) }
    }

    func progress() -> [AttemptProgress] {
        guests.values.flatMap { guest in guest.heads.compactMap { progress(of: $0, in: guest) } }
    }

    /// Nil before the guest has begun with it.
    private func progress(of attempt: Attempt, in guest: Guest) -> AttemptProgress? {
        guard let hints = guest.process.page.hints(of: attempt) else { return nil }
        let secrets = attempt.order.secrets
        return AttemptProgress(
            key: attempt.order.key, guest: guest.process.pid, done: hints.done, total: hints.total,
            note: secrets.hidden(in: hints.note), breadcrumb: secrets.hidden(in: hints.breadcrumb),
            digest: guest.digest, isLeaving: guest.isReplaced,
            timeLeft: guest.drainEnd == .max ? nil : .nanoseconds(guest.drainEnd - turn.now.monotonic))
    }
}

/// Probes: a guest of its own that loads a library and is let go.
extension PoolLoop {
    func probe(_ spec: GuestSpec, _ deadline: Duration, _ answer: ProbeAnswer) {
        guard !isStopping else { return Self.refuse([.probe(spec, deadline: deadline, answer)], nil) }
        do throws(ProbeFailure) {
            let guest = try spawn(spec, .probe, loadTime: deadline)
            probes[guest.number] = answer
        } catch {
            answer.resume(returning: .failed(error))
        }
    }

    func settleProbe(_ guest: Guest, _ answer: ProbeAnswer) {
        if let failure = guest.failure {
            probes[guest.number] = nil
            answer.resume(returning: .failed(failure))
        } else if let descriptor = guest.descriptor, let hello = guest.hello {
            probes[guest.number] = nil
            answer.resume(returning: .loaded(descriptor, SandboxReport(hello, wanted: guest.settings.wanted)))
            guest.leave(at: turn.now)
        }
    }
}

extension GuestSpecID {
    /// No order is ever for this id, so no slot takes the guest.
    static let probe = GuestSpecID(rawValue: -1)
}

extension ProbeFailure {
    fileprivate static let ended = ProbeFailure(stage: .crashed, message: "ended while it was probed")
}
