import CGuestWire.Shims

/// Calls the plugin's stop, kill and on_cancel functions while run threads are busy. Started when first needed.
///
/// Unchecked because `waiting` and `isStarted` are touched only with `gate` locked.
final class CallbackThread: @unchecked Sendable {
    private static let stackBytes = 1 << 20

    private let gate = Lock()
    private var waiting: [AttemptSlot] = []
    private var isStarted = false

    /// There is something to deliver to `slot`'s attempt.
    func serve(_ slot: AttemptSlot) {
        gate.lock()
        waiting.append(slot)
        if !isStarted {
            isStarted = startThread(stackBytes: Self.stackBytes) { [self] in deliverForever() } == 0
        }
        gate.wakeAll()
        gate.unlock()
    }

    private func deliverForever() {
        while true {
            gate.lock()
            while waiting.isEmpty {
                gate.wait()
            }
            let slot = waiting.removeFirst()
            gate.unlock()
            deliverAll(to: slot)
        }
    }

    /// One call after the other with the slot unlocked, so that a function which hangs blocks no service.
    private func deliverAll(to slot: AttemptSlot) {
        slot.gate.lock()
        while let delivery = slot.stop.next() {
            let reason = slot.stop.reason
            slot.stop.isDelivering = true
            slot.gate.unlock()
            perform(delivery, reason: reason)
            slot.gate.lock()
            slot.stop.isDelivering = false
            slot.gate.wakeAll()
        }
        slot.gate.unlock()
    }

    private func perform(_ delivery: StopState.Delivery, reason: Int32) {
        switch delivery {
        case .function(let function, let user): function(user, reason)
        case .processorStop(let instance): instance.processorStop?(instance.pointer, reason)
        case .runnerStop(let instance): _ = instance.runnerStop?(instance.pointer, reason)
        case .runnerKill(let instance): _ = instance.runnerKill?(instance.pointer)
        }
    }
}
