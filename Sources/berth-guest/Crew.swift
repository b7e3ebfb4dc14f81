import CGuestWire
import CGuestWire.Shims

/// The run threads: one for each slot, begun when the first attempt comes for it. The first one loads the plugin.
///
/// Unchecked because `lines` belongs to the control thread, and `module` and `others` are touched only with `gate` locked.
final class Crew: @unchecked Sendable {
    private static let stackBytes = 8 << 20

    private var lines = [RunLine?](repeating: nil, count: Int(GW_SLOTS))
    private let gate = Lock()
    private var module: Module?
    /// Threads beside the first that have not ended.
    private var others = 0

    // MARK: On the control thread

    /// Starts the first thread, which loads the plugin.
    func begin(_ order: LoadOrder) {
        let line = RunLine(Guest.shared.slots[0])
        lines[0] = line
        guard startThread(stackBytes: Self.stackBytes, { [self] in RunThread.main(order, line, self) }) else {
            GuestFailure(stage: GW_STAGE_OPEN, text: Sentence("no thread could be started")).reportAndExit()
        }
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
        guard startThread(stackBytes: Self.stackBytes, { [self] in work(line, module) }) else { return nil }
        others += 1
        lines[Int(slot)] = line
        return line
    }

    // MARK: On the run threads

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
