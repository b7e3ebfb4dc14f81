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

    init(_ end: berth_exit) {
        if end.signal == 0 {
            kind = .calledExit
            words = "called exit(\(end.status))"
            signal = nil
            exitStatus = end.status
        } else {
            let name = Self.name(of: end.signal)
            kind = Self.kind(of: end.signal)
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
        // What a kernel short of memory sends, and those who stop services. All else a plugin sent itself.
        case SIGKILL, SIGTERM: .killedExternally
        default: .abort
        }
    }

    /// Signals for which the first process of a pid namespace exits with 128 and their number; see
    /// `guest_die_by_signals`. Any other such status is what the plugin gave to `exit`.
    static let saidByExit: Set<Int32> = [
        SIGHUP, SIGINT, SIGQUIT, SIGABRT, SIGUSR1, SIGUSR2, SIGALRM, SIGTERM, SIGXCPU, SIGXFSZ,
    ]

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
