extension Outcome {
    /// Judges a plugin's `berth_status` by its range, as `berth_plugin.h` promises, so that codes nobody knows have a
    /// meaning too.
    package init(code: Int32) {
        self =
            switch code {
            case 0: .succeeded
            case 1...99: .failed(retryable: true)
            case 201: .timedOut
            case 200...249: .cancelled
            // BERTH_AGAIN: the answer of a service, handed on.
            case 255: .failed(retryable: true)
            default: .failed(retryable: false)
            }
    }
}

extension CrashClass {
    /// Its first moment may already have done something outside; only a guest that never ran the component did not.
    package var leavesEffectUnknown: Bool { self != .loadFailed && self != .noGuest }

    /// What happened, in words that can begin or end a sentence.
    package var words: String {
        switch self {
        case .calledExit: "the plugin ended its process"
        case .memoryFault: "memory fault"
        case .arithmetic: "arithmetic fault"
        case .runtimeTrap: "runtime trap (a failed check such as an index out of range)"
        case .abort: "the plugin aborted"
        case .sandboxDenied: "the sandbox denied a system call"
        case .cpuLimit: "processor time limit"
        case .outOfMemory: "out of memory"
        case .killedExternally: "killed by a signal from outside"
        case .protocolLost: "the guest closed its connection"
        case .protocolViolation: "the guest broke the protocol"
        case .loadFailed: "the plugin could not be loaded"
        case .noGuest: "no process could be had"
        case .unkillable: "the process did not end after SIGKILL"
        case .fileLimit: "file size limit"
        case .processLimit: "limit of threads and processes"
        case .scratchLimit: "limit of its folder"
        }
    }
}

extension Interruption {
    /// What happened, in words that can begin or end a sentence.
    package var words: String {
        switch self {
        case .shutdown: "the host shut down"
        case .hostDied: "the host died"
        case .siblingKilled: "another attempt in the same guest was killed"
        case .sharedCrash: "the guest it shared with other attempts crashed"
        case .replaced: "its plugin was replaced"
        }
    }
}
