/// How an attempt ended: one value, whatever happened.
package enum Outcome: Hashable, Sendable {
    case succeeded
    /// The plugin said so with a code; the range of the code decides whether it may be tried again.
    case failed(retryable: Bool)
    /// Stopped because somebody asked.
    case cancelled
    case timedOut
    /// The guest died or broke the protocol while the attempt ran.
    case crashed(CrashClass)
    /// We stopped it for reasons of our own; costs no attempt.
    case interrupted(Interruption)
}

/// What killed a guest. Stored as these integers, which are never renumbered.
package enum CrashClass: Int, Hashable, Sendable, CaseIterable {
    case calledExit = 0
    /// SIGSEGV, SIGBUS
    case memoryFault = 1
    /// SIGFPE
    case arithmetic = 2
    /// SIGILL, SIGTRAP: Swift preconditions and their like
    case runtimeTrap = 3
    /// SIGABRT, or another signal that only the plugin can have sent
    case abort = 4
    /// SIGSYS
    case sandboxDenied = 5
    case cpuLimit = 6
    case outOfMemory = 7
    /// SIGKILL or SIGTERM that we did not send
    case killedExternally = 8
    /// The socket closed while the process lived on
    case protocolLost = 9
    /// A frame that breaks the layout or the state machine
    case protocolViolation = 10
    /// The guest could not be started, sandboxed or loaded
    case loadFailed = 11
    /// SIGKILL was sent and the process is still there
    case unkillable = 12
    /// SIGXFSZ
    case fileLimit = 13
    /// More threads and processes than allowed
    case processLimit = 14
    /// More in its folder than allowed
    case scratchLimit = 15
    /// No process could be had for it, or somebody ended the process before it was ready
    case noGuest = 20
}

/// Why we interrupted an attempt. Stored as these integers, which are never renumbered.
package enum Interruption: Int, Hashable, Sendable, CaseIterable {
    case shutdown = 0
    /// Found running when the host started: the host before us died.
    case hostDied = 1
    /// Another attempt in the same guest was killed.
    case siblingKilled = 2
    /// Its guest crashed while other attempts ran in it too: any of them may have done it.
    case sharedCrash = 3
    /// Its plugin was replaced, and the time to finish with the old one was over.
    case replaced = 4
}

extension Outcome {
    /// Stable storage: kind * 100 + detail.
    package var stored: Int {
        switch self {
        case .succeeded: 0
        case .failed(let retryable): retryable ? 101 : 100
        case .cancelled: 200
        case .timedOut: 300
        case .crashed(let kind): 400 + kind.rawValue
        case .interrupted(let reason): 500 + reason.rawValue
        }
    }

    package init?(stored: Int) {
        switch stored {
        case 0: self = .succeeded
        case 100: self = .failed(retryable: false)
        case 101: self = .failed(retryable: true)
        case 200: self = .cancelled
        case 300: self = .timedOut
        case 400..<500:
            guard let kind = CrashClass(rawValue: stored - 400) else { return nil }
            self = .crashed(kind)
        case 500..<600:
            guard let reason = Interruption(rawValue: stored - 500) else { return nil }
            self = .interrupted(reason)
        default: return nil
        }
    }

    /// `succeeded`, `failed`, `cancelled`, `timed_out`, `crashed`, `interrupted`.
    package var word: String {
        switch self {
        case .succeeded: "succeeded"
        case .failed: "failed"
        case .cancelled: "cancelled"
        case .timedOut: "timed_out"
        case .crashed: "crashed"
        case .interrupted: "interrupted"
        }
    }
}
