/// One thing a plugin offers to run.
public struct Component: Sendable {
    /// How the host calls it.
    public enum Kind: Sendable {
        case handler(any Handler)
        case processor(any Processor.Type)
        case runner(any Runner.Type)
    }

    /// What the host may know about the code.
    public struct Flags: OptionSet, Sendable {
        /// The bits as the host reads them.
        public let rawValue: UInt64

        /// Prefer the named flags.
        public init(rawValue: UInt64) {
            self.rawValue = rawValue
        }

        /// Attempts may overlap in one process, each on a thread of its own. They are not protected from each other: when
        /// one crashes, all of them are run again, alone.
        public static let concurrent = Flags(rawValue: 1 << 0)
        /// Every call on the thread that loaded the plugin: one attempt at a time, and no `stop` or `kill`, which would be
        /// another thread; look at ``Context/cancellation``.
        public static let sameThread = Flags(rawValue: 1 << 2)
        /// An attempt with unknown end must not be repeated unasked.
        public static let notRepeatable = Flags(rawValue: 1 << 3)
        /// Looks for cancellation often enough to end within its grace.
        public static let cooperative = Flags(rawValue: 1 << 4)
        /// Same input, same output; touches nothing but the context.
        public static let pure = Flags(rawValue: 1 << 5)
        /// Needs sockets.
        public static let network = Flags(rawValue: 1 << 6)
        /// Starts programs.
        public static let subprocess = Flags(rawValue: 1 << 7)
    }

    /// What nil leaves to the host.
    public struct Limits: Sendable {
        /// With ``Flags/concurrent``: attempts in one process at once; nil: 16, never more than 64.
        public var maxConcurrency: UInt32?
        /// Longest time for one attempt.
        public var timeoutMilliseconds: UInt32?
        /// Between asking to stop and signals.
        public var graceMilliseconds: UInt32?
        /// Longest time without a sign of life.
        public var stallMilliseconds: UInt32?
        /// Longest params.
        public var maxInputBytes: UInt64?
        /// Longest output.
        public var maxOutputBytes: UInt64?
        /// Memory of its own: allocated and touched.
        public var maxMemoryBytes: UInt64?
        /// Longest file it writes.
        public var maxFileBytes: UInt64?
        /// All that lies in its folder.
        public var maxScratchBytes: UInt64?
        /// Log lines and printed lines; those beyond are dropped and counted.
        public var maxLogBytes: UInt64?
        /// Processor time of all threads.
        public var maxProcessorMilliseconds: UInt32?
        /// 16 at least.
        public var maxOpenFiles: UInt32?
        /// Threads, those of programs it starts among them.
        public var maxProcesses: UInt32?

        /// Leaves everything to the host.
        public init() {}
    }

    /// `[a-z][a-z0-9-]{0,62}`
    public var id: String
    /// How the host calls it, and what it calls.
    public var kind: Kind
    /// A few words for lists.
    public var title: String?
    /// A sentence or two.
    public var description: String?
    /// JSON Schema (2020-12).
    public var paramsSchema: String?
    /// Media type of the output.
    public var resultType: String?
    /// What the host may know about the code.
    public var flags: Flags
    /// What is not left to the host.
    public var limits: Limits

    /// A component with that id; the host refuses ids of another form.
    public init(
        _ id: String, _ kind: Kind, title: String? = nil, description: String? = nil, paramsSchema: String? = nil,
        resultType: String? = "application/json", flags: Flags = [], limits: Limits = Limits()
    ) {
        self.id = id
        self.kind = kind
        self.title = title
        self.description = description
        self.paramsSchema = paramsSchema
        self.resultType = resultType
        self.flags = flags
        self.limits = limits
    }

    func descriptor(_ vtable: UnsafeRawPointer) -> berth_component {
        berth_component(
            struct_size: UInt32(MemoryLayout<berth_component>.size), kind: kind.number, id: endless(id), version: nil,
            title: title.flatMap(endless), description: description.flatMap(endless),
            params_schema: paramsSchema.flatMap(endless), result_type: resultType.flatMap(endless),
            flags: flags.rawValue, max_concurrency: limits.maxConcurrency ?? 0,
            default_timeout_ms: limits.timeoutMilliseconds ?? 0, grace_ms: limits.graceMilliseconds ?? 0,
            stall_ms: limits.stallMilliseconds ?? 0, max_input_bytes: limits.maxInputBytes ?? 0,
            max_output_bytes: limits.maxOutputBytes ?? 0, vtable: vtable, extension: nil,
            max_memory_bytes: limits.maxMemoryBytes ?? 0, max_file_bytes: limits.maxFileBytes ?? 0,
            max_scratch_bytes: limits.maxScratchBytes ?? 0, max_log_bytes: limits.maxLogBytes ?? 0,
            max_cpu_ms: limits.maxProcessorMilliseconds ?? 0, max_open_files: limits.maxOpenFiles ?? 0,
            max_processes: limits.maxProcesses ?? 0, reserved: 0)
    }
}

extension Component.Kind {
    var number: UInt32 {
        switch self {
        case .handler: BERTH_KIND_HANDLER
        case .processor: BERTH_KIND_PROCESSOR
        case .runner: BERTH_KIND_RUNNER
        }
    }
}
