import CGuestWire
import CGuestWire.Calls

/// Which system calls pass, and what becomes of the others.
struct CallFence {
    /// GW_GRANT_…
    var grants: UInt32 = 0
    /// The shorter list.
    var isStrict = false
    /// Everything passes, and the host hears of what would not, and of paths.
    var learns = false
    /// No memory that can be both written and executed: for kernels that do not see to it, and for the host to hear of it.
    var deniesWriteExecute = false
    /// No file that may only be read is cut short by opening it, for kernels whose Landlock knows no truncation.
    var keepsLengths = false
    /// Signals reach nobody outside, whatever names them: a process namespace or Landlock sees to it.
    var keepsSignals = false
    /// The answer to a call that is refused.
    var refusal = CallAnswer.notPermitted
    /// This process, as it sees itself.
    var ownPid: UInt32 = 0
    /// At which no signal may be aimed; 0 when the guest cannot see it.
    var hostPid: UInt32 = 0

    var mayNetwork: Bool { grants & GW_GRANT_NETWORK != 0 }
    var mayStart: Bool { grants & GW_GRANT_SUBPROCESS != 0 }

    func verdict(on group: UInt32) -> CallVerdict {
        if learns { return learned(group) }
        switch group {
        case GW_CALL_ALWAYS, GW_CALL_PATH: return .pass
        case GW_CALL_ORDINARY: return isStrict ? .refuse : .pass
        case GW_CALL_PROGRAM, GW_CALL_MODE: return mayStart ? .pass : .refuse
        case GW_CALL_NETWORK: return mayNetwork ? .pass : .refuse
        case GW_CALL_SOCKET: return mayNetwork ? .judge(group) : .refuse
        case GW_CALL_PAIR, GW_CALL_PRIORITY, GW_CALL_SCHEDULER, GW_CALL_SECCOMP:
            return isStrict ? .refuse : .judge(group)
        // The host's descriptor can be had from the socket to it.
        case GW_CALL_SIGNAL_BY_DESCRIPTOR: return mayStart && keepsSignals ? .pass : .refuse
        case GW_CALL_PROCESS, GW_CALL_TIMES: return mayStart ? .judge(group) : .refuse
        // Memory that no process has mapped belongs to nobody, and no limit would hold it.
        case GW_CALL_MEMORY_FILE: return mayStart ? .pass : .missing(isHeard: !isStrict)
        case GW_CALL_MAP, GW_CALL_PROTECT: return deniesWriteExecute ? .judge(group) : .pass
        case GW_CALL_OPEN, GW_CALL_OPENAT: return keepsLengths ? .judge(group) : .pass
        // Its flags are in memory, where no filter sees them.
        case GW_CALL_OPEN_HOW: return keepsLengths ? .missing(isHeard: false) : .pass
        case GW_CALL_REFUSED: return .refuse
        default: return .judge(group)
        }
    }

    private func learned(_ group: UInt32) -> CallVerdict {
        switch group {
        case GW_CALL_ALWAYS, GW_CALL_ORDINARY: .pass
        case GW_CALL_CLONE, GW_CALL_SECCOMP, GW_CALL_PAIR, GW_CALL_IOCTL, GW_CALL_FCNTL, GW_CALL_PRCTL, GW_CALL_KILL,
            GW_CALL_SIGNAL, GW_CALL_PRIORITY, GW_CALL_SCHEDULER, GW_CALL_SELF, GW_CALL_LIMIT, GW_CALL_LIMIT_OF,
            GW_CALL_PERSONALITY, GW_CALL_MAP, GW_CALL_PROTECT:
            .judge(group)
        default: .refuse
        }
    }
}

enum CallVerdict: Equatable {
    case pass, refuse
    /// As a kernel answers that does not have it; `isHeard` by the host, where one listens.
    case missing(isHeard: Bool)
    /// Arguments decide; the group says by which rule.
    case judge(UInt32)
}

/// What the kernel does with a call (SECCOMP_RET_… of linux/seccomp.h).
enum CallAnswer {
    static let pass: UInt32 = 0x7FFF_0000
    static let killProcess: UInt32 = 0x8000_0000
    /// The host is told and answers.
    static let askHost: UInt32 = 0x7FC0_0000
    static let notPermitted: UInt32 = 0x0005_0001
    static let noSuchCall: UInt32 = 0x0005_0026
}
