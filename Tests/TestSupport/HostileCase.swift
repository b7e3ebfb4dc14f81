/// One thing a plugin must not do, and what has to become of the attempt that does it. `docs/hostile.md` tells people.
package struct HostileCase: Sendable, CustomStringConvertible {
    /// Of the source under Tests/Fixtures; also the plugin's id.
    package var plugin: String
    package var component: String
    /// Outcome and detail as the API has them, such as `crashed memory_fault`; any of these.
    package var ends: [String]
    /// A text the reason has to contain.
    package var says: String
    package var timeout = Duration.seconds(20)
    package var grace = Duration.milliseconds(100)
    package var memory: UInt64?
    package var cpu: Duration?
    package var fileSize: UInt64?
    package var scratch: UInt64?
    package var openFiles: UInt32?
    package var processes: UInt32?
    package var output: UInt64?
    package var log: UInt64?
    /// With the grant to start programs.
    package var startsPrograms = false
    /// Lines of it are dropped, which its log says.
    package var losesLines = false

    /// `name` is a component of the plugin "hostile", or `plugin/component`.
    package init(
        _ name: String, _ ends: String..., says: String = "", change: (inout HostileCase) -> Void = { _ in }
    ) {
        let parts = name.split(separator: "/").map(String.init)
        plugin = parts.count == 2 ? parts[0] : "hostile"
        component = parts.last ?? ""
        self.ends = ends
        self.says = says
        change(&self)
    }

    package var description: String { "\(plugin)/\(component)" }

    /// Without its patience: it would not end by itself.
    private static func short(_ ending: inout HostileCase) {
        ending.timeout = .seconds(1)
    }
}

extension HostileCase {
    /// By what they have in common, in words for people.
    package static let families: KeyValuePairs<String, [HostileCase]> = [
        "taking too much": takingTooMuch, "dying": dying, "not ending": notEnding, "lying": lying,
        "leaving something": leavingSomething,
    ]

    package static let all = families.flatMap(\.value)

    /// Held to their limit where guests have control groups; see `ControlGroupTests`.
    package static let heldByGroups = [
        HostileCase("dropped-memory-hog", "crashed out_of_memory", says: "stopped at its memory limit of 64 MiB") {
            $0.memory = 64 << 20
        },
        HostileCase(
            "many-programs-memory-hog", "crashed out_of_memory", says: "stopped at its memory limit of 64 MiB"
        ) {
            $0.memory = 64 << 20
            $0.startsPrograms = true
        },
    ]

    static let takingTooMuch = [
        HostileCase("memory-hog", "crashed out_of_memory", says: "memory limit of 64 MiB") { $0.memory = 64 << 20 },
        HostileCase("memory-hog-that-aborts", "crashed out_of_memory", says: "memory limit of 128 MiB") {
            $0.memory = 128 << 20
        },
        HostileCase("shared-memory-hog", "crashed out_of_memory", says: "stopped at its memory limit of 64 MiB") {
            $0.memory = 64 << 20
        },
        HostileCase("table-hog", "crashed out_of_memory", says: "stopped at its memory limit of 64 MiB") {
            $0.memory = 64 << 20
        },
        HostileCase("descriptors-on-their-way", "succeeded"),
        HostileCase("processor-hog", "timed_out", says: "processor time limit of 200 ms") {
            $0.cpu = .milliseconds(200)
        },
        // The first attempt of its guest; what it says of another is a violation.
        HostileCase("processor-hog-that-never-began", "timed_out", "crashed protocol_violation") {
            $0.cpu = .milliseconds(200)
        },
        HostileCase("program-processor-hog", "timed_out", says: "processor time limit of 200 ms") {
            $0.cpu = .milliseconds(200)
            $0.startsPrograms = true
        },
        HostileCase("program-relay", "timed_out", says: "processor time limit of 200 ms") {
            $0.cpu = .milliseconds(200)
            $0.startsPrograms = true
        },
        HostileCase("file-hog", "crashed file_limit", says: "stopped at its file size limit of 1 MiB") {
            $0.fileSize = 1 << 20
        },
        HostileCase(
            "file-hog-that-listens", "failed permanent", says: "the file became too large; its file size limit is 1 MiB"
        ) {
            $0.fileSize = 1 << 20
        },
        HostileCase("file-hog-that-says-little", "failed permanent", says: "; its file size limit is 1 MiB") {
            $0.fileSize = 1 << 20
        },
        HostileCase("large-allocation", "failed permanent", says: "; its memory limit is 64 MiB") {
            $0.memory = 64 << 20
        },
        HostileCase("address-hoarder", "failed permanent", says: ", at its memory limit of 64 MiB") {
            $0.memory = 64 << 20
        },
        HostileCase("descriptor-hoarder-that-tidies", "failed permanent", says: "; its open files limit is 64") {
            $0.openFiles = 64
        },
        HostileCase("descriptor-hoarder", "failed permanent", says: "open files limit of 64") { $0.openFiles = 64 },
        HostileCase("output-hog", "failed permanent", says: "output limit of 1 KiB") { $0.output = 1 << 10 },
        HostileCase("thread-bomb", "crashed process_limit", says: "stopped at its processes limit of 64") {
            $0.processes = 64
        },
        HostileCase("memory-file-hog", "failed permanent", says: "Function not implemented"),
        HostileCase("memory-hog-after-the-end", "succeeded", "crashed out_of_memory") { $0.memory = 64 << 20 },
        HostileCase("processor-hog-after-the-end", "succeeded"),
        HostileCase("stack-hog", "crashed memory_fault", says: "SIGSEGV"),
        HostileCase("stack-hog-in-a-thread", "crashed memory_fault", says: "SIGSEGV"),
        HostileCase("folder-hog", "succeeded"),
        HostileCase("scratch-hog", "crashed scratch_limit", says: "stopped at its scratch limit of 8 MiB") {
            $0.scratch = 8 << 20
        },
        // The second where the host may not look into its guests.
        HostileCase("nameless-scratch-hog", "crashed scratch_limit", "timed_out") {
            $0.scratch = 8 << 20
            $0.timeout = .seconds(10)
        },
        HostileCase("log-hog", "succeeded") {
            $0.log = 64 << 10
            $0.losesLines = true
        },
        HostileCase("misbehave/log-flood", "succeeded") { $0.losesLines = true },
        HostileCase("misbehave/print-flood", "succeeded") { $0.losesLines = true },
    ]

    static let dying = [
        HostileCase("misbehave/segv", "crashed memory_fault", says: "SIGSEGV, last breadcrumb \"row 7\""),
        HostileCase("misbehave/abort", "crashed abort", says: "SIGABRT"),
        HostileCase("misbehave/divide", "crashed arithmetic", says: "SIGFPE"),
        HostileCase("misbehave/trap", "crashed runtime_trap", says: "SIGILL"),
        HostileCase("misbehave/exit", "crashed called_exit", says: "called exit(3)"),
        HostileCase("exit-zero", "crashed called_exit", says: "called exit(0)"),
        HostileCase("exit-143", "crashed called_exit", says: "called exit(143)") { $0.startsPrograms = true },
        HostileCase("terminate-self", "crashed abort", says: "SIGTERM") { $0.startsPrograms = true },
        HostileCase("kill-self", "crashed killed_externally", says: "SIGKILL"),
        HostileCase("alarm-self", "crashed abort", says: "SIGALRM"),
        HostileCase("free-twice", "crashed abort", says: "SIGABRT"),
        HostileCase("call-nothing", "crashed memory_fault", says: "SIGSEGV"),
        HostileCase("thread-exit-crash", "crashed memory_fault", says: "SIGSEGV"),
        HostileCase("hostile-throw/throw", "crashed abort", says: "SIGABRT"),
    ]

    static let notEnding = [
        HostileCase("misbehave/spin", "timed_out", says: "limit 1 s, asked, killed after", change: short),
        HostileCase("misbehave/wait-deaf", "timed_out", says: "limit 1 s, asked, ", change: short),
        HostileCase("long-grace", "timed_out", says: "limit 1 s", change: short),
        HostileCase("stop-self", "timed_out", says: "killed after", change: short),
        HostileCase("leave-the-run-thread", "timed_out", says: "limit 1 s", change: short),
        HostileCase("signal-thief", "timed_out", says: "killed after", change: short),
        HostileCase("mask-everything", "timed_out", says: "limit 1 s", change: short),
        HostileCase("stuck-in-a-callback", "timed_out", says: "limit 1 s", change: short),
        HostileCase("silent", "timed_out", says: "no sign of life for 150 ms"),
        HostileCase(
            "misbehave/close-descriptors", "crashed protocol_lost", "crashed called_exit", "timed_out", change: short),
    ]

    static let lying = [
        HostileCase("misbehave/write-garbage", "crashed protocol_violation", says: "bytes that are no frame"),
        HostileCase("frame-forger", "crashed protocol_violation", says: "output of call 4711, which does not run"),
        HostileCase(
            "end-of-the-last-number", "crashed protocol_violation",
            says: "end of call 18446744073709551615, which does not run"),
        // The first where the kernel lets nobody send the host one.
        HostileCase("descriptor-for-the-host", "failed permanent", "crashed protocol_violation"),
        HostileCase("frame-of-four-gigabytes", "crashed protocol_violation", says: "frame of 4294967295 bytes"),
        HostileCase("half-a-frame", "timed_out", "crashed protocol_violation", change: short),
        HostileCase(
            "close-the-socket", "crashed protocol_lost", "crashed called_exit", says: ""),
        HostileCase("emit-after-the-end", "succeeded"),
        HostileCase("leave-threads", "succeeded"),
        HostileCase("page-scribbler", "succeeded"),
        // A limit of its own keeps it to guests of its own: what it does is charged to whoever is next in its guest.
        HostileCase("misbehave/done-twice", "succeeded", "crashed protocol_violation") { $0.openFiles = 200 },
    ]

    static let leavingSomething = [
        HostileCase("fork-bomb", "failed permanent"),
        HostileCase("program-bomb", "crashed process_limit", says: "stopped at its processes limit of 64") {
            $0.processes = 64
            $0.startsPrograms = true
        },
        HostileCase("ended-programs", "succeeded") {
            $0.processes = 64
            $0.startsPrograms = true
        },
        HostileCase("orphan", "crashed abort", says: "SIGABRT") { $0.startsPrograms = true },
        HostileCase("hidden-orphan", "crashed abort", says: "SIGABRT") { $0.startsPrograms = true },
        HostileCase("orphan-bomb", "crashed process_limit", says: "stopped at its processes limit of 64") {
            $0.processes = 64
            $0.startsPrograms = true
        },
    ]
}
