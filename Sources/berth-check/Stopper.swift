import CBerthPlugin
import CCheckShims
import CGuestWire.Shims

/// The thread that asks attempts to stop when their plan says so, and calls what the plugin gave for it: what the
/// guest's callback thread does. Started once, before threads are counted.
///
/// Unchecked because `active` is reached with `gate` locked.
final class Stopper: @unchecked Sendable {
    private static let tick: UInt32 = 200

    private let gate = Lock()
    private var active: [Attempt] = []

    func start() {
        _ = startThread(stackBytes: 1 << 20) { [self] in watchForever() }
    }

    func watch(_ attempt: Attempt) {
        gate.lock()
        active.append(attempt)
        gate.wakeAll()
        gate.unlock()
    }

    func forget(_ attempt: Attempt) {
        gate.lock()
        active.removeAll { $0 === attempt }
        gate.unlock()
    }

    /// Sets what the services say, before anything is called.
    static func ask(_ attempt: Attempt, level: Int32) {
        attempt.gate.lock()
        if attempt.level < level { attempt.level = level }
        if attempt.askedAt == 0 { attempt.askedAt = guest_monotonic() }
        if attempt.descriptor >= 0 { _ = eventfd_write(attempt.descriptor, 1) }
        attempt.gate.unlock()
    }

    private func watchForever() {
        while true {
            gate.lock()
            while active.isEmpty { gate.wait() }
            let attempts = active
            gate.unlock()
            for attempt in attempts { serve(attempt) }
            usleep(Self.tick)
        }
    }

    private func serve(_ attempt: Attempt) {
        attempt.gate.lock()
        guard attempt.isOpen, let after = attempt.plan.askAfter else { return attempt.gate.unlock() }
        let now = guest_monotonic()
        giveUp(attempt, now)
        let asksAt = attempt.startedAt + after
        let level: Int32 =
            attempt.level == 0 && now >= asksAt
            ? BERTH_STOP_ASKED
            : attempt.level == 1 && now >= max(asksAt, attempt.askedAt) + attempt.plan.grace / 4 * 3
                ? BERTH_LAST_CALL : 0
        attempt.gate.unlock()
        guard level > 0 else { return }
        Self.ask(attempt, level: level)
        deliver(to: attempt, level: level)
    }

    /// With `gate` locked.
    private func giveUp(_ attempt: Attempt, _ now: Int64) {
        guard let patience = attempt.plan.giveUpAfter, attempt.askedAt > 0, now > attempt.askedAt + patience else {
            return
        }
        let milliseconds = patience / 1_000_000
        guard !attempt.plan.isBrokenThen else {
            Report.broken(
                "a run goes on for ever and ends neither by itself nor when asked: give params for a short one")
        }
        Report.end(.fail("did not return within \(milliseconds) ms of being asked to stop"))
    }

    private func deliver(to attempt: Attempt, level: Int32) {
        attempt.gate.lock()
        let (function, user, instance, reason) = (attempt.function, attempt.user, attempt.instance, attempt.plan.reason)
        guard attempt.isOpen else { return attempt.gate.unlock() }
        attempt.isDelivering = true
        attempt.gate.unlock()
        let began = guest_monotonic()
        function?(user, reason)
        if level == BERTH_STOP_ASKED {
            instance?.processorStop?(instance?.pointer, reason)
            _ = instance?.runnerStop?(instance?.pointer, reason)
        } else {
            _ = instance?.runnerKill?(instance?.pointer)
        }
        attempt.gate.lock()
        attempt.isDelivering = false
        attempt.slowestCallback = max(attempt.slowestCallback, guest_monotonic() - began)
        attempt.gate.wakeAll()
        attempt.gate.unlock()
    }
}
