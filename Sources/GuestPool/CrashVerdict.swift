import CLinux
import Glibc
import JobModel

/// What the kernel's word on a dead guest means for the attempt that ran in it.
struct CrashVerdict {
    let kind: CrashClass
    /// `SIGSEGV`, `called exit(3)`.
    let words: String
    let signal: String?
    let exitStatus: Int32?

    /// `isOwn`: the signal came from the guest itself.
    init(_ end: berth_exit, isOwn: Bool = false) {
        if end.signal == 0 {
            kind = .calledExit
            words = "called exit(\(end.status))"
            signal = nil
            exitStatus = end.status
        } else {
            let name = Self.name(of: end.signal)
            kind = isOwn && end.signal == SIGTERM ? .abort : Self.kind(of: end.signal)
            words = name
            signal = name
            exitStatus = nil
        }
    }

    private static func kind(of signal: Int32) -> CrashClass {
        switch signal {
        case SIGSEGV, SIGBUS: .memoryFault
        case SIGFPE: .arithmetic
        case SIGILL, SIGTRAP: .runtimeTrap
        case SIGSYS: .sandboxDenied
        case SIGXFSZ: .fileLimit
        // What a kernel short of memory sends, and those who stop services. All else a plugin sent itself. In a process
        // namespace SIGKILL is never a plugin's own; elsewhere who sends it to itself each time is found by that.
        case SIGKILL, SIGTERM: .killedExternally
        default: .abort
        }
    }

    static func name(of signal: Int32) -> String {
        switch signal {
        case SIGHUP: "SIGHUP"
        case SIGINT: "SIGINT"
        case SIGQUIT: "SIGQUIT"
        case SIGILL: "SIGILL"
        case SIGTRAP: "SIGTRAP"
        case SIGABRT: "SIGABRT"
        case SIGBUS: "SIGBUS"
        case SIGFPE: "SIGFPE"
        case SIGKILL: "SIGKILL"
        case SIGUSR1: "SIGUSR1"
        case SIGSEGV: "SIGSEGV"
        case SIGUSR2: "SIGUSR2"
        case SIGPIPE: "SIGPIPE"
        case SIGALRM: "SIGALRM"
        case SIGTERM: "SIGTERM"
        case SIGXCPU: "SIGXCPU"
        case SIGXFSZ: "SIGXFSZ"
        case SIGSYS: "SIGSYS"
        default: "signal \(signal)"
        }
    }
}
