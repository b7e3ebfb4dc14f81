import CGuestWire.Shims

/// Where the attempts of one seat wait for its run thread.
///
/// Unchecked because everything in it is touched only with `gate` locked.
final class RunLine: @unchecked Sendable {
    /// What the line knows of a call.
    enum Place {
        case waiting(PendingAttempt)
        case running
        case unknown
    }

    let slot: AttemptSlot
    private let gate = Lock()
    private var queue = RunQueue()
    private var running: UInt64 = 0
    private var isClosed = false
    private var isAsleep = false

    init(_ slot: AttemptSlot) {
        self.slot = slot
    }

    func append(_ attempt: PendingAttempt) {
        gate.lock()
        queue.append(attempt)
        wakeIfAsleep()
        gate.unlock()
    }

    /// What waits is still run; then `next` answers false.
    func close() {
        gate.lock()
        isClosed = true
        wakeIfAsleep()
        gate.unlock()
    }

    /// Begins the next attempt in the slot, waiting for one if need be. False when no more will come.
    func next() -> Bool {
        gate.lock()
        defer { gate.unlock() }
        running = 0
        while queue.isEmpty, !isClosed {
            isAsleep = true
            gate.wait()
        }
        guard let attempt = queue.popFirst() else { return false }
        slot.begin(attempt)
        running = attempt.call
        return true
    }

    /// Takes a waiting attempt out of the line, or says that it runs.
    func withdraw(_ call: UInt64) -> Place {
        gate.lock()
        defer { gate.unlock() }
        if running == call { return .running }
        if let attempt = queue.remove(call: call) { return .waiting(attempt) }
        return .unknown
    }

    private func wakeIfAsleep() {
        if isAsleep {
            isAsleep = false
            gate.wakeAll()
        }
    }
}
