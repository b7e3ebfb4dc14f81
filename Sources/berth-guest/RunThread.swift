import CBerthPlugin
import CGuestWire
import CGuestWire.Shims

/// A thread that runs plugin code, one attempt after the other. The first one loads the plugin before.
enum RunThread {
    static func main(_ line: RunLine, _ crew: Crew) {
        let module: Module
        switch Module.load(crew.waitForOrder()) {
        case .success(let loaded): module = loaded
        case .failure(let failure): failure.reportAndExit()
        }
        crew.take(module)
        Guest.shared.outbox.send(FrameEncoder.frames(FrameKind.loaded, payload: module.descriptor))
        serve(line, module)
        crew.waitForOthers()
        module.stop()
        guest_flush()
        _exit(ExitCode.goodOrder)
    }

    static func serve(_ line: RunLine, _ module: Module) {
        while line.next() {
            guest_await_debugger("BERTH_DEBUGGER")
            run(line.slot, module)
        }
    }

    private static func run(_ slot: AttemptSlot, _ module: Module) {
        guard let attempt = slot.attempt else { return }
        let index = Int(attempt.order.component)
        let component = index < module.components.count ? module.components[index] : nil
        guest_clear_errno()
        let cpuStart = guest_thread_cpu()
        let code = component.map { PluginCall(slot: slot, attempt: attempt, component: $0).make() } ?? BERTH_FAIL_PARAMS
        let lastError = guest_errno()
        let cpu = guest_thread_cpu() - cpuStart
        let finished = guest_monotonic()
        if code != BERTH_OK, slot.errorText.isEmpty { explain(code, component, slot) }
        guest_flush()
        let started = slot.startedNanoseconds
        let dropped = slot.end()
        if attempt.order.flags & GW_RUN_SHARED == 0 {
            Guest.shared.boundary?.mark(endOf: attempt.call)
            Guest.shared.scratch?.empty()
        }
        let isExplained = code != BERTH_OK
        let exhausted =
            (slot.outputIsFull ? GW_EXHAUSTED_OUTPUT : 0) | (isExplained ? Exhaustion.after(lastError) : 0)
        let errorLength = isExplained ? slot.errorText.count : 0
        let done = gw_done(
            code: code, retry_after_ms: isExplained ? slot.retryAfter : 0, started_ns: UInt64(started),
            finished_ns: UInt64(finished), cpu_ns: UInt64(max(0, cpu)), output_length: slot.outputLength,
            error_length: UInt32(errorLength), dropped_logs: dropped, child_count: UInt32(slot.children.count),
            exhausted: exhausted)
        slot.errorText.withUnsafeBytes {
            let text = UnsafeRawBufferPointer(rebasing: $0[..<errorLength])
            slot.writer.done(done, error: text, slot: slot.index, call: attempt.call)
        }
        if !slot.metrics.isEmpty {
            Guest.shared.outbox.send(
                FrameEncoder.frames(
                    FrameKind.metrics, slot: slot.index, call: attempt.call, payload: slot.metrics.payload))
        }
        Guest.shared.outbox.send(slot.writer.bytes)
    }

    /// In the component's words, when the attempt itself had none.
    private static func explain(_ code: berth_status, _ component: LoadedComponent?, _ slot: AttemptSlot) {
        guard let component else {
            slot.errorText = Sentence("the plugin has no component of this number").bytes
            return
        }
        guard let words = component.explain(code) else { return }
        let text = UnsafeRawBufferPointer(start: words, count: strnlen(words, AttemptWriter.errorLimit))
        slot.errorText.append(contentsOf: Text.cut(text, to: AttemptWriter.errorLimit))
    }
}
