import CBerthPlugin
import CCheckShims
import CGuestWire.Shims

/// How an attempt went.
struct Outcome {
    var code: Int32
    var wasMade: Bool
    var nanoseconds: Int64
    /// From the ask to the return; nil when nobody asked.
    var latency: Int64?
    var attempt: Attempt
    /// What a call beside the run did wrong.
    var complaint: Words?

    var outputHash: UInt64 { attempt.outputHash.value ^ attempt.outputLength }
}

/// One attempt, with the calls and in the order of the guest.
struct AttemptCall {
    let component: Component
    let slot: Int
    private let attempt: Attempt
    private var complaint: Words?

    static func make(_ component: Component, _ plan: Plan, slot: Int = 0) -> Outcome {
        var call = AttemptCall(component: component, slot: slot)
        return call.make(plan)
    }

    private init(component: Component, slot: Int) {
        self.component = component
        self.slot = slot
        attempt = FakeHost.attempts[slot]
    }

    private var context: OpaquePointer? { FakeHost.context(slot) }

    private mutating func make(_ plan: Plan) -> Outcome {
        attempt.open(plan)
        if plan.askAfter == 0 { Stopper.ask(attempt, level: BERTH_STOP_ASKED) }
        if plan.askAfter != nil { FakeHost.stopper.watch(attempt) }
        let (code, wasMade) = plan.params.withUnsafeBytes { params in
            let bytes = plan.hasNullParams ? UnsafeRawBufferPointer(start: nil, count: 0) : params
            return call(bytes)
        }
        let returned = guest_monotonic()
        if plan.askAfter != nil { FakeHost.stopper.forget(attempt) }
        attempt.shut()
        return Outcome(
            code: code, wasMade: wasMade, nanoseconds: returned - attempt.startedAt,
            latency: attempt.askedAt > 0 ? returned - max(attempt.askedAt, attempt.startedAt) : nil, attempt: attempt,
            complaint: complaint)
    }

    private mutating func call(_ params: UnsafeRawBufferPointer) -> (Int32, Bool) {
        switch component.calls {
        case .handler(let handler): (handler.execute(context, params.baseAddress, params.count), true)
        case .processor(let processor): process(processor, params)
        case .runner(let runner): run(runner, params)
        }
    }

    // MARK: Processor

    private func process(_ processor: berth_processor, _ params: UnsafeRawBufferPointer) -> (Int32, Bool) {
        var instance: UnsafeMutableRawPointer?
        if let start = processor.`init` {
            let code = start(context, params.baseAddress, params.count, &instance)
            guard code == BERTH_OK else { return (code, false) }
        }
        publish(StopState.Instance(pointer: instance, processorStop: processor.stop))
        if attempt.plan.stopsAround { stopTwice(processor, instance) }
        var input = berth_input()
        input.struct_size = UInt32(MemoryLayout<berth_input>.size)
        input.stage = attempt.plan.stage
        input.params = params.baseAddress
        input.params_length = params.count
        input.child_index = attempt.plan.childIndex
        input.child_count = UInt64(attempt.plan.results.count)
        let code = processor.run(context, instance, &input)
        if attempt.plan.stopsAround { stopTwice(processor, instance) }
        withdraw()
        processor.destroy?(instance)
        return (code, true)
    }

    private func stopTwice(_ processor: berth_processor, _ instance: UnsafeMutableRawPointer?) {
        processor.stop?(instance, BERTH_STOP_CANCEL)
        processor.stop?(instance, BERTH_STOP_CANCEL)
    }

    // MARK: Runner

    private mutating func run(_ runner: berth_runner, _ params: UnsafeRawBufferPointer) -> (Int32, Bool) {
        var instance: UnsafeMutableRawPointer?
        if let parse = runner.parse_args {
            let code = parse(context, params.baseAddress, params.count, &instance)
            guard code == BERTH_OK else { return (code, false) }
        }
        let code = execute(runner, instance)
        runner.cleanup?(instance)
        return (code, true)
    }

    private mutating func execute(_ runner: berth_runner, _ instance: UnsafeMutableRawPointer?) -> Int32 {
        if let setTimeout = runner.set_timeout {
            let code = setTimeout(instance, 60_000)
            guard code == BERTH_OK || code == BERTH_UNSUPPORTED else { return code }
        }
        publish(StopState.Instance(pointer: instance, runnerStop: runner.stop, runnerKill: runner.kill))
        if attempt.plan.stopsAround { stopTwice(runner, instance) }
        let watch = attempt.plan.asksStatus ? StatusWatch(runner, instance) : nil
        let code = runner.execute(context, instance)
        if let found = watch?.end() { complaint = found }
        if attempt.plan.stopsAround { stopTwice(runner, instance) }
        withdraw()
        guard code == BERTH_OK, let result = runner.result else { return code }
        return result(context, instance)
    }

    private func stopTwice(_ runner: berth_runner, _ instance: UnsafeMutableRawPointer?) {
        _ = runner.stop?(instance, BERTH_STOP_CANCEL)
        _ = runner.stop?(instance, BERTH_STOP_CANCEL)
    }

    // MARK: Who may be told to stop

    private func publish(_ instance: StopState.Instance) {
        attempt.gate.lock()
        attempt.instance = instance
        let isAsked = attempt.level > 0
        let reason = attempt.plan.reason
        attempt.gate.unlock()
        guard isAsked else { return }
        instance.processorStop?(instance.pointer, reason)
        _ = instance.runnerStop?(instance.pointer, reason)
    }

    private func withdraw() {
        attempt.gate.lock()
        attempt.instance = nil
        while attempt.isDelivering { attempt.gate.wait() }
        attempt.gate.unlock()
    }
}

/// Asks a runner for its status while it executes, into a struct that is shorter than what is known today, and
/// measures how long it takes. Unchecked because `isEnded` and what was found are reached with `gate` locked.
final class StatusWatch: @unchecked Sendable {
    private static let patience: Int64 = 500_000_000

    private let gate = Lock()
    private var isEnded = false
    private var hasStopped = false
    private var found: Words?

    init?(_ runner: berth_runner, _ instance: UnsafeMutableRawPointer?) {
        guard let status = runner.status else { return nil }
        let bits = UInt(bitPattern: instance)
        let code = startThread(stackBytes: 1 << 20) { [self] in
            watch { status(UnsafeMutableRawPointer(bitPattern: bits), $0) }
        }
        guard code == 0 else { return nil }
    }

    /// Waits until the last question was answered.
    func end() -> Words? {
        gate.lock()
        defer { gate.unlock() }
        isEnded = true
        while !hasStopped { gate.wait() }
        return found
    }

    private func watch(_ status: (UnsafeMutablePointer<berth_runner_status>?) -> Int32) {
        let size = MemoryLayout<berth_runner_status>.size
        let room = UnsafeMutableRawPointer.allocate(byteCount: size * 2, alignment: 8)
        while goesOn() {
            room.initializeMemory(as: UInt8.self, repeating: 0xDB, count: size * 2)
            room.storeBytes(of: UInt32(size), as: UInt32.self)
            let asked = guest_monotonic()
            _ = status(room.assumingMemoryBound(to: berth_runner_status.self))
            if guest_monotonic() - asked > Self.patience { note("status took longer than half a second") }
            let rest = UnsafeRawBufferPointer(start: room + size, count: size)
            if !rest.allSatisfy({ $0 == 0xDB }) { note("status wrote beyond the struct_size it was given") }
            usleep(500)
        }
        room.deallocate()
        gate.lock()
        hasStopped = true
        gate.wakeAll()
        gate.unlock()
    }

    private func goesOn() -> Bool {
        gate.lock()
        defer { gate.unlock() }
        return !isEnded
    }

    private func note(_ words: Words) {
        gate.lock()
        found = words
        gate.unlock()
    }
}
