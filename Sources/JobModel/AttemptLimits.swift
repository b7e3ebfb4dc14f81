/// What one attempt may use. Nil: nothing is said about it.
///
/// What holds is made of five words in this order: the host's own (`standard`); what the component declares, which can
/// only make it less, since the plugin is not trusted; what the operator says of the plugin and then of the component,
/// each of which replaces what was said before; what the job asks for, which can only make it less.
package struct AttemptLimits: Hashable, Sendable, Codable {
    /// From its start. What a job wants is in its `timeout`.
    package var wall: Duration?
    /// From the request to end to SIGTERM, whoever asks for how much.
    package var grace: Duration?
    /// Of all threads of its process together.
    package var cpu: Duration?
    /// Bytes of memory of its own: what it allocated and touched, shared memory included, mapped files not.
    package var memory: UInt64?
    /// Bytes of the longest file it may write.
    package var fileSize: UInt64?
    /// Bytes that lie in the folder of its guest.
    package var scratch: UInt64?
    package var openFiles: UInt32?
    /// Threads, those of programs it started among them.
    package var processes: UInt32?
    /// Bytes of output.
    package var output: UInt64?
    /// Bytes of log lines and printed lines; those beyond are dropped and counted.
    package var log: UInt64?

    package init(
        wall: Duration? = nil, grace: Duration? = nil, cpu: Duration? = nil, memory: UInt64? = nil,
        fileSize: UInt64? = nil, scratch: UInt64? = nil, openFiles: UInt32? = nil, processes: UInt32? = nil,
        output: UInt64? = nil, log: UInt64? = nil
    ) {
        self.wall = wall
        self.grace = grace
        self.cpu = cpu
        self.memory = memory
        self.fileSize = fileSize
        self.scratch = scratch
        self.openFiles = openFiles
        self.processes = processes
        self.output = output
        self.log = log
    }

    /// Generous: what holds where nobody says anything.
    package static let standard = AttemptLimits(
        memory: 2 << 30, fileSize: 1 << 30, scratch: 4 << 30, openFiles: 256, processes: 1024, output: 64 << 20,
        log: 64 << 20)

    /// With what `other` says instead of this.
    package func replaced(by other: AttemptLimits?) -> AttemptLimits {
        combined(with: other, .second)
    }

    /// The smaller of both, one by one.
    package func tightened(by other: AttemptLimits?) -> AttemptLimits {
        combined(with: other, .smaller)
    }

    private func combined(with other: AttemptLimits?, _ rule: Rule) -> AttemptLimits {
        guard let other else { return self }
        return AttemptLimits(
            wall: rule.both(wall, other.wall), grace: rule.both(grace, other.grace),
            cpu: rule.both(cpu, other.cpu), memory: rule.both(memory, other.memory),
            fileSize: rule.both(fileSize, other.fileSize), scratch: rule.both(scratch, other.scratch),
            openFiles: rule.both(openFiles, other.openFiles), processes: rule.both(processes, other.processes),
            output: rule.both(output, other.output), log: rule.both(log, other.log))
    }

    /// What becomes of two that are both given.
    private enum Rule {
        case second, smaller

        func both<Value: Comparable>(_ first: Value?, _ second: Value?) -> Value? {
            guard let first, let second else { return second ?? first }
            return self == .second ? second : min(first, second)
        }
    }
}
