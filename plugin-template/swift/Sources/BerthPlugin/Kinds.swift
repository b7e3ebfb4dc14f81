/// Short work at a high rate: one call per attempt, no state of its own.
///
/// `execute` may be `async` or not; see ``RunThread`` for where it runs. Its input is any Decodable, or ``Params`` for the
/// bytes and members as they came.
public protocol Handler: Sendable {
    /// What the params are read into.
    associatedtype Input: Decodable
    /// What is written as the run's output.
    associatedtype Output: Encodable

    /// What is returned is emitted as JSON; nil emits nothing more than `context.emit` did. A thrown error ends the
    /// attempt: see ``PluginFailure``.
    func execute(_ context: Context, _ input: Input) async throws -> Output
}

/// Work that takes a while: made, run and dropped once per attempt. `stop` may come during `run`, on another thread,
/// which is why instances are Sendable.
///
/// A run can be divided: `run` in the stage ``Input/Stage/root`` calls ``Context/emitChildren(_:)``; each child is a run
/// of the same component in the stage `child`; when all have ended, the first one goes on in the stage `reduce`.
public protocol Processor: Sendable {
    /// What the params are read into: those of the run, or of the child.
    associatedtype Parameters: Decodable
    /// What is written as the output of the run, or of the child.
    associatedtype Output: Encodable

    /// Made for one attempt.
    init(_ context: Context, _ params: Parameters) throws

    /// What is returned is emitted as JSON, nil emits nothing. A thrown error ends the attempt.
    func run(_ context: Context, _ input: Input) async throws -> Output

    /// Make `run` return soon; possibly called more than once, and before or after `run`. Unnecessary when `run` looks
    /// at its context, or at the cancellation of its task.
    func stop(_ reason: StopReason)
}

extension Processor {
    /// Does nothing.
    public func stop(_ reason: StopReason) {}
}

/// Long or outside work, such as a program. `stop`, `kill` and `status` may come during `execute`, on another thread.
public protocol Runner: Sendable {
    /// What the params are read into.
    associatedtype Parameters: Decodable
    /// What is written as the run's output.
    associatedtype Output: Encodable

    /// Made for one attempt.
    init(_ context: Context, _ params: Parameters) throws

    /// Before `execute`, when there is a limit; from now.
    func setTimeout(milliseconds: UInt64)

    /// Does the work. A thrown error ends the attempt.
    func execute(_ context: Context) async throws

    /// Ask the work to end.
    func stop(_ reason: StopReason)

    /// End the work by force; signals to the process follow.
    func kill()

    /// How far the work is.
    func status() -> RunnerStatus

    /// After a successful `execute`: what is returned is emitted as JSON, nil emits nothing.
    func result(_ context: Context) async throws -> Output
}

extension Runner {
    /// Does nothing.
    public func setTimeout(milliseconds: UInt64) {}
    /// Does nothing.
    public func kill() {}
    /// Says nothing.
    public func status() -> RunnerStatus { RunnerStatus() }
}

extension Runner where Output == JSON? {
    /// Emits nothing.
    public func result(_ context: Context) async throws -> JSON? { nil }
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
        /// A host that cannot divide runs says `single` where others say `root`.
        case single, root, child, reduce
    }

    /// ``Stage/root`` unless the run was divided.
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
