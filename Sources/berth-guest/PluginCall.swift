import CBerthPlugin
import CGuestWire
import CGuestWire.Shims

/// The calls into the plugin that make up one attempt, in the order of its component's kind.
struct PluginCall {
    let slot: AttemptSlot
    let attempt: PendingAttempt
    let component: LoadedComponent

    func make() -> berth_status {
        attempt.texts.withUnsafeBytes { texts in
            let params = UnsafeRawBufferPointer(rebasing: texts[attempt.traceEnd...])
            switch component.calls {
            case .handler(let handler): return handler.execute(slot.context, params.baseAddress, params.count)
            case .processor(let processor): return process(processor, params)
            case .runner(let runner): return run(runner, params)
            }
        }
    }

    // MARK: Processor

    private func process(_ processor: berth_processor, _ params: UnsafeRawBufferPointer) -> berth_status {
        var instance: UnsafeMutableRawPointer?
        if let start = processor.`init` {
            slot.setPhase(GW_PHASE_INIT)
            let code = start(slot.context, params.baseAddress, params.count, &instance)
            guard code == BERTH_OK else { return code }
        }
        publish(StopState.Instance(pointer: instance, processorStop: processor.stop))
        slot.setPhase(GW_PHASE_RUN)
        var input = berth_input()
        input.struct_size = UInt32(MemoryLayout<berth_input>.size)
        input.stage = attempt.order.stage
        input.params = params.baseAddress
        input.params_length = params.count
        input.child_index = attempt.order.child_index
        input.child_count = attempt.order.child_count
        let code = processor.run(slot.context, instance, &input)
        withdraw()
        slot.setPhase(GW_PHASE_DESTROY)
        processor.destroy?(instance)
        return code
    }

    // MARK: Runner

    private func run(_ runner: berth_runner, _ params: UnsafeRawBufferPointer) -> berth_status {
        var instance: UnsafeMutableRawPointer?
        if let parse = runner.parse_args {
            slot.setPhase(GW_PHASE_INIT)
            let code = parse(slot.context, params.baseAddress, params.count, &instance)
            guard code == BERTH_OK else { return code }
        }
        let code = execute(runner, instance)
        slot.setPhase(GW_PHASE_DESTROY)
        runner.cleanup?(instance)
        return code
    }

    private func execute(_ runner: berth_runner, _ instance: UnsafeMutableRawPointer?) -> berth_status {
        if attempt.order.limit_ns > 0, let setTimeout = runner.set_timeout {
            let code = setTimeout(instance, attempt.order.limit_ns / 1_000_000)
            guard code == BERTH_OK || code == BERTH_UNSUPPORTED else { return code }
        }
        publish(StopState.Instance(pointer: instance, runnerStop: runner.stop, runnerKill: runner.kill))
        slot.setPhase(GW_PHASE_RUN)
        let code = runner.execute(slot.context, instance)
        withdraw()
        guard code == BERTH_OK, let result = runner.result else { return code }
        slot.setPhase(GW_PHASE_RESULT)
        return result(slot.context, instance)
    }

    // MARK: Who may be told to stop

    /// From here on the callback thread may call the instance; at once when the ask came before. Never, when every call
    /// is to be made on the thread that loaded the plugin.
    private func publish(_ instance: StopState.Instance) {
        guard component.flags & BERTH_FLAG_SAME_THREAD == 0 else { return }
        slot.gate.lock()
        slot.stop.instance = instance
        let hasWork = slot.stop.hasWork
        slot.gate.unlock()
        if hasWork {
            Guest.shared.callbacks.serve(slot)
        }
    }

    /// After this the callback thread leaves the instance alone.
    private func withdraw() {
        slot.gate.lock()
        slot.stop.instance = nil
        while slot.stop.isDelivering {
            slot.gate.wait()
        }
        slot.gate.unlock()
    }
}
