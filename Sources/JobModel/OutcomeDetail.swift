extension Outcome {
    /// What kind of failure, crash or interruption it was; nil where the outcome's word says all.
    package var detail: String? {
        switch self {
        case .succeeded, .cancelled, .timedOut: nil
        case .failed(let retryable): retryable ? "retryable" : "permanent"
        case .crashed(let kind): kind.word
        case .interrupted(let reason): reason.word
        }
    }
}

extension CrashClass {
    package var word: String {
        switch self {
        case .calledExit: "called_exit"
        case .memoryFault: "memory_fault"
        case .arithmetic: "arithmetic"
        case .runtimeTrap: "runtime_trap"
        case .abort: "abort"
        case .sandboxDenied: "sandbox_denied"
        case .cpuLimit: "cpu_limit"
        case .outOfMemory: "out_of_memory"
        case .killedExternally: "killed_externally"
        case .protocolLost: "protocol_lost"
        case .protocolViolation: "protocol_violation"
        case .loadFailed: "load_failed"
        case .noGuest: "no_guest"
        case .unkillable: "unkillable"
        case .fileLimit: "file_limit"
        case .processLimit: "process_limit"
        case .scratchLimit: "scratch_limit"
        }
    }
}

extension Interruption {
    package var word: String {
        switch self {
        case .shutdown: "shutdown"
        case .hostDied: "host_died"
        case .siblingKilled: "sibling_killed"
        case .sharedCrash: "shared_crash"
        case .replaced: "replaced"
        }
    }
}
