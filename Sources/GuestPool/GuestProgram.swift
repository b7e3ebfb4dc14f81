import CLinux
import Glibc

/// The guest program, opened once: every guest of a pool runs the same bytes, whatever happens to the file.
final class GuestProgram {
    let configuration: GuestPool.Configuration
    let null: Int32
    private let descriptor: Int32

    init(_ configuration: GuestPool.Configuration) throws(GuestPoolError) {
        self.configuration = configuration
        let program = berth_program_open(configuration.program)
        guard program >= 0 else {
            throw .programMissing(path: configuration.program, reason: String(cString: strerror(-program)))
        }
        descriptor = program
        null = open("/dev/null", O_RDWR | O_CLOEXEC)
        guard null >= 0 else {
            Glibc.close(program)
            throw .system(call: "open /dev/null", code: errno)
        }
        guard access(configuration.program, X_OK) == 0 else {
            throw .programMissing(path: configuration.program, reason: "it cannot be executed")
        }
    }

    deinit {
        close(descriptor)
        close(null)
    }

    /// `sweeps` is true when programs of the guest can outlive it and are to be looked for.
    func spawn(
        _ descriptors: [Int32], folder: Int32, environment: [String], contained: Bool
    ) throws(GuestPoolError) -> (pid: Int32, pidfd: Int32, sweeps: Bool) {
        let spawn = Spawn(
            program: descriptor, name: "berth-guest", descriptors: descriptors, folder: folder, environment: environment
        )
        if contained {
            let (pid, pidfd) = spawn.start(isContained: true)
            if pid > 0 { return (pid, pidfd, false) }
        }
        let (pid, pidfd) = spawn.start(isContained: false)
        guard pid > 0 else { throw .system(call: "start of \(configuration.program)", code: -pid) }
        return (pid, pidfd, contained)
    }

    /// An allow-list: nothing of the host's own environment reaches a plugin unless it is named here.
    func environment(scratch: String, nonce: String) -> [String] {
        let zone = getenv("TZ").map { ["TZ=\(String(cString: $0))"] } ?? []
        let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/local/bin:/usr/bin:/bin"
        let debugger = configuration.debugger.map { ["BERTH_DEBUGGER=\($0)"] } ?? []
        return zone + debugger + [
            "PATH=\(path)", "LANG=C.UTF-8", "LC_ALL=C.UTF-8", "TMPDIR=\(scratch)", "HOME=\(scratch)",
            "BERTH_GUEST=\(configuration.marker)", "BERTH_BOUNDARY=\(nonce)",
        ]
    }
}
