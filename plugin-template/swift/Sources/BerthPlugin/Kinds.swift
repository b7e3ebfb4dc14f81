/// Short work at a high rate: one call per attempt, no state of its own.
public protocol Handler: Sendable {
    /// What is returned is emitted as the run's output; nil emits nothing more than `context.emit` did.
    /// A thrown error ends the attempt: see ``PluginFailure``.
    func execute(_ context: Context, _ params: Params) throws -> JSON?
}

/// Work that takes a while: made, run and dropped once per attempt. `stop` may come during `run`, on another thread,
/// which is why instances are Sendable.
public protocol Processor: Sendable {
    init(_ context: Context, _ params: Params) throws

    func run(_ context: Context, _ input: Input) throws -> JSON?

    /// Make `run` return soon; possibly called more than once, and before or after `run`. Unnecessary when `run` looks
    /// at its context.
    func stop(_ reason: StopReason)
}

extension Processor {
    /// Does nothing.
    public func stop(_ reason: StopReason) {}
}

/// Long or outside work, such as a program. `stop`, `kill` and `status` may come during `execute`, on another thread.
public protocol Runner: Sendable {
    init(_ context: Context, _ params: Params) throws

    /// Before `execute`, when there is a limit; from now.
    func setTimeout(milliseconds: UInt64)

    func execute(_ context: Context) throws

    /// Ask the work to end.
    func stop(_ reason: StopReason)

    /// End the work by force; signals to the process follow.
    func kill()

    func status() -> RunnerStatus

    /// After a successful `execute`.
    func result(_ context: Context) throws -> JSON?
}

extension Runner {
    /// Does nothing.
    public func setTimeout(milliseconds: UInt64) {}
    /// Does nothing.
    public func kill() {}
    /// Says nothing.
    public func status() -> RunnerStatus { RunnerStatus() }
    /// Emits nothing.
    public func result(_ context: Context) throws -> JSON? { nil }
}

/// How far a runner is.
public struct RunnerStatus: Sendable {
    /// The runner's own.
    public var phase: Int32
    /// Work done, in the runner's own unit.
    public var done: UInt64
    /// 0 when unknown.
    public var total: UInt64

    /// Zeros say nothing.
    public init(phase: Int32 = 0, done: UInt64 = 0, total: UInt64 = 0) {
        self.phase = phase
        self.done = done
        self.total = total
    }
}

/// Why a stop was asked for.
public enum StopReason: Sendable {
    case cancel, timeout, shutdown

    /// Unknown reasons are judged like a cancel.
    init(_ number: Int32) {
        switch number {
        case BERTH_STOP_TIMEOUT: self = .timeout
        case BERTH_STOP_SHUTDOWN: self = .shutdown
        default: self = .cancel
        }
    }
}

/// What a processor is to work on.
public struct Input: Sendable {
    /// Which part of a divided run this is.
    public enum Stage: UInt32, Sendable {
        case single, root, child, reduce
    }

    /// ``Stage/single`` unless the run was divided.
    public let stage: Stage
    /// Of the run, or of the child.
    public let params: Params
    /// Of a child run, else 0.
    public let childIndex: UInt64
    /// In the reduce stage, else 0.
    public let childCount: UInt64

    init?(_ input: UnsafePointer<berth_input>) {
        guard let stage = Stage(rawValue: input.pointee.stage) else { return nil }
        self.stage = stage
        params = Params(input.pointee.params, input.pointee.params_length)
        childIndex = input.pointee.child_index
        childCount = input.pointee.child_count
    }
}
