/// The functions the host calls. A C function pointer carries nothing with it, so each component gets a function of its
/// own that knows the component's number; instances of processors and runners are known by the `self` handed out.

enum InstanceKind {
    case processor(any Processor.Type)
    case runner(any Runner.Type)
}

/// What `self` points to.
private final class Instance: Sendable {
    let processor: (any Processor)?
    let runner: (any Runner)?

    init(_ kind: InstanceKind, _ context: Context, _ params: Params) throws {
        switch kind {
        case .processor(let type):
            processor = try make(type, context, params)
            runner = nil
        case .runner(let type):
            processor = nil
            runner = try make(type, context, params)
        }
    }

    static func at(_ pointer: UnsafeMutableRawPointer?) -> Instance? {
        pointer.map { Unmanaged<Instance>.fromOpaque($0).takeUnretainedValue() }
    }
}

private func make<Made: Processor>(_ type: Made.Type, _ context: Context, _ params: Params) throws -> Made {
    try type.init(context, params.decode())
}

private func make<Made: Runner>(_ type: Made.Type, _ context: Context, _ params: Params) throws -> Made {
    try type.init(context, params.decode())
}

private func execute<Known: Handler>(_ handler: Known, _ context: Context, _ params: Params) async throws {
    try emit(await handler.execute(context, params.decode()), context)
}

private func run<Known: Processor>(_ processor: Known, _ context: Context, _ input: Input) async throws {
    try emit(await processor.run(context, input), context)
}

private func result<Known: Runner>(_ runner: Known, _ context: Context) async throws {
    try emit(await runner.result(context), context)
}

/// Null says nothing.
private func emit(_ value: some Encodable, _ context: Context) throws {
    let json = try JSONEncoding.json(value)
    if json != .null { try context.emit(json.bytes) }
}

typealias Execute = @convention(c) (OpaquePointer?, UnsafeRawPointer?, Int) -> berth_status
typealias Make =
    @convention(c) (
        OpaquePointer?, UnsafeRawPointer?, Int, UnsafeMutablePointer<UnsafeMutableRawPointer?>?
    ) -> berth_status

let handlerSlots: [Execute] = [
    { execute(0, $0, $1, $2) }, { execute(1, $0, $1, $2) }, { execute(2, $0, $1, $2) }, { execute(3, $0, $1, $2) },
    { execute(4, $0, $1, $2) }, { execute(5, $0, $1, $2) }, { execute(6, $0, $1, $2) }, { execute(7, $0, $1, $2) },
    { execute(8, $0, $1, $2) }, { execute(9, $0, $1, $2) }, { execute(10, $0, $1, $2) }, { execute(11, $0, $1, $2) },
    { execute(12, $0, $1, $2) }, { execute(13, $0, $1, $2) }, { execute(14, $0, $1, $2) }, { execute(15, $0, $1, $2) },
]

let instanceSlots: [Make] = [
    { make(0, $0, $1, $2, $3) }, { make(1, $0, $1, $2, $3) }, { make(2, $0, $1, $2, $3) }, { make(3, $0, $1, $2, $3) },
    { make(4, $0, $1, $2, $3) }, { make(5, $0, $1, $2, $3) }, { make(6, $0, $1, $2, $3) }, { make(7, $0, $1, $2, $3) },
    { make(8, $0, $1, $2, $3) }, { make(9, $0, $1, $2, $3) }, { make(10, $0, $1, $2, $3) },
    { make(11, $0, $1, $2, $3) }, { make(12, $0, $1, $2, $3) }, { make(13, $0, $1, $2, $3) },
    { make(14, $0, $1, $2, $3) }, { make(15, $0, $1, $2, $3) },
]

/// Runs one call of the host, and turns what it throws into a code and a reason.
private func answer(_ handle: OpaquePointer?, _ body: (Context) throws -> Void) -> berth_status {
    guard let context = Context(handle) else { return BERTH_BAD_CALL }
    do {
        try body(context)
        return BERTH_OK
    } catch {
        return context.report(error)
    }
}

/// The same for code that may be `async` and cancelled.
private func answerAsync(
    _ handle: OpaquePointer?, _ body: @escaping @Sendable (Context) async throws -> Void
) -> berth_status {
    answer(handle) { context in
        Calls.begin(context)
        defer { Calls.end(context) }
        try RunThread.run(started: { cancel in Calls.listen(context) { _ in cancel() } }) { try await body(context) }
    }
}

private func execute(_ slot: Int, _ handle: OpaquePointer?, _ params: UnsafeRawPointer?, _ length: Int) -> berth_status
{
    let params = Params(params, length)
    return answerAsync(handle) { try await execute(Registered.handlers[slot], $0, params) }
}

private func make(
    _ slot: Int, _ handle: OpaquePointer?, _ params: UnsafeRawPointer?, _ length: Int,
    _ out: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> berth_status {
    answer(handle) { context in
        let instance = try Instance(Registered.instances[slot], context, Params(params, length))
        out?.pointee = Unmanaged.passRetained(instance).toOpaque()
    }
}

private let drop: @convention(c) (UnsafeMutableRawPointer?) -> Void = { pointer in
    if let pointer { Unmanaged<Instance>.fromOpaque(pointer).release() }
}

func handlerTable(_ execute: @escaping Execute) -> UnsafeRawPointer {
    endless(
        berth_handler(struct_size: UInt32(MemoryLayout<berth_handler>.size), reserved: 0, execute: execute))
}

func processorTable(_ make: @escaping Make) -> UnsafeRawPointer {
    endless(
        berth_processor(
            struct_size: UInt32(MemoryLayout<berth_processor>.size), reserved: 0,
            init: make,
            run: { handle, pointer, input in
                let known = input.flatMap(Input.init)
                let processor = Instance.at(pointer)?.processor
                return answerAsync(handle) { context in
                    guard let known, let processor else {
                        throw PluginFailure(code: BERTH_FAIL, "unknown stage")
                    }
                    try await BerthPlugin.run(processor, context, known)
                }
            },
            stop: { pointer, reason in Instance.at(pointer)?.processor?.stop(StopReason(reason)) },
            destroy: drop))
}

func runnerTable(_ make: @escaping Make) -> UnsafeRawPointer {
    endless(
        berth_runner(
            struct_size: UInt32(MemoryLayout<berth_runner>.size), reserved: 0,
            parse_args: make,
            execute: { handle, pointer in
                let runner = Instance.at(pointer)?.runner
                return answerAsync(handle) { try await runner?.execute($0) }
            },
            stop: { pointer, reason in
                Instance.at(pointer)?.runner?.stop(StopReason(reason))
                return BERTH_OK
            },
            kill: { pointer in
                Instance.at(pointer)?.runner?.kill()
                return BERTH_OK
            },
            status: { pointer, out in
                guard let out, let status = Instance.at(pointer)?.runner?.status() else { return BERTH_BAD_CALL }
                out.pointee.phase = status.phase
                out.pointee.done = status.done
                out.pointee.total = status.total
                return BERTH_OK
            },
            result: { handle, pointer in
                guard let runner = Instance.at(pointer)?.runner else { return BERTH_BAD_CALL }
                return answerAsync(handle) { try await BerthPlugin.result(runner, $0) }
            },
            set_timeout: { pointer, milliseconds in
                Instance.at(pointer)?.runner?.setTimeout(milliseconds: milliseconds)
                return BERTH_OK
            },
            cleanup: drop))
}
