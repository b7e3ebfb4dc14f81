import CGuestWire.Shims

/// Where attempts wait for the run thread.
///
/// Unchecked because everything in it is touched only with `gate` locked.
final class RunLine: @unchecked Sendable {
    /// Where a call is found.
    enum Place {
        case waiting(PendingAttempt)
        case running(AttemptSlot)
        case unknown
    }

    private let gate = Lock()
    private var queue = RunQueue()
    private var running: AttemptSlot?
    private var isClosed = false
    private var isAsleep = false

    func append(_ attempt: PendingAttempt) {
        gate.lock()
        queue.append(attempt)
        wakeIfAsleep()
        gate.unlock()
    }

    /// What waits is still run; then `next` answers nil.
    func close() {
        gate.lock()
        isClosed = true
        wakeIfAsleep()
        gate.unlock()
    }

    /// Begins the next attempt in its slot, waiting for one if need be. Nil when no more will come.
    func next() -> AttemptSlot? {
        gate.lock()
        defer { gate.unlock() }
        running = nil
        while queue.isEmpty, !isClosed {
            isAsleep = true
            gate.wait()
        }
        guard let attempt = queue.popFirst() else { return nil }
        let slot = Guest.shared.slots[Int(attempt.slot)]
        slot.begin(attempt)
        running = slot
        return slot
    }

    /// Takes a waiting attempt out of the line, or says where it runs.
    func withdraw(_ call: UInt64) -> Place {
        gate.lock()
        defer { gate.unlock() }
        if let running, running.call == call { return .running(running) }
        if let attempt = queue.remove(call: call) { return .waiting(attempt) }
        return .unknown
    }

    /// The slot in which `call` runs.
    func runningSlot(_ call: UInt64) -> AttemptSlot? {
        gate.lock()
        defer { gate.unlock() }
        return running?.call == call ? running : nil
    }

    private func wakeIfAsleep() {
        if isAsleep {
            isAsleep = false
            gate.wakeAll()
        }
    }
}
