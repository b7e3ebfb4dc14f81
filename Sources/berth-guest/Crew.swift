import CGuestWire
import CGuestWire.Shims

/// The run threads: one for each slot, begun when the first attempt comes for it. The first one is there before the host
/// hears of the guest, and loads the plugin.
///
/// Unchecked because `lines` belongs to the control thread, and `order`, `module` and `others` are touched only with
/// `gate` locked.
final class Crew: @unchecked Sendable {
    private static let stackBytes = 8 << 20

    private var lines = [RunLine?](repeating: nil, count: Int(GW_SLOTS))
    private let gate = Lock()
    private var order: LoadOrder?
    private var module: Module?
    /// Threads beside the first that have not ended.
    private var others = 0

    // MARK: On the control thread

    /// Starts the first thread. Before HELLO, while the host knows that no plugin speaks: that the machine has no thread
    /// to give is not the plugin's doing.
    func begin() throws(GuestFailure) {
        let line = RunLine(Guest.shared.slots[0])
        lines[0] = line
        let code = startThread(stackBytes: Self.stackBytes) { [self] in RunThread.main(line, self) }
        guard code == 0 else { throw .sandbox("pthread_create", code) }
    }

    /// The first thread goes on with it.
    func load(_ order: LoadOrder) {
        gate.lock()
        self.order = order
        gate.wakeAll()
        gate.unlock()
    }

    /// False when there is no thread to be had for the attempt's slot.
    func append(_ attempt: PendingAttempt) -> Bool {
        guard let line = lines[Int(attempt.slot)] ?? open(attempt.slot) else { return false }
        line.append(attempt)
        return true
    }

    func line(_ slot: UInt32) -> RunLine? {
        lines[Int(slot)]
    }

    func close() {
        for line in lines { line?.close() }
    }

    private func open(_ slot: UInt32) -> RunLine? {
        gate.lock()
        defer { gate.unlock() }
        // The host speaks of attempts once it has heard that the plugin is loaded.
        guard let module else { return nil }
        let line = RunLine(Guest.shared.slots[Int(slot)])
        guard startThread(stackBytes: Self.stackBytes, { [self] in work(line, module) }) == 0 else { return nil }
        others += 1
        lines[Int(slot)] = line
        return line
    }

    // MARK: On the run threads

    func waitForOrder() -> LoadOrder {
        gate.lock()
        defer { gate.unlock() }
        while true {
            if let order { return order }
            gate.wait()
        }
    }

    func take(_ module: Module) {
        gate.lock()
        self.module = module
        gate.unlock()
    }

    private func work(_ line: RunLine, _ module: Module) {
        RunThread.serve(line, module)
        gate.lock()
        others -= 1
        gate.wakeAll()
        gate.unlock()
    }

    /// The first thread waits here, so that the plugin's `stop` comes last.
    func waitForOthers() {
        gate.lock()
        while others > 0 { gate.wait() }
        gate.unlock()
    }
}
