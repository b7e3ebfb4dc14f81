import CLinux
import Glibc

/// The guest program, opened once: every guest of a pool runs the same bytes, whatever happens to the file.
final class GuestProgram {
    let configuration: GuestPool.Configuration
    let null: Int32
    /// Where this machine has none for guests, or nobody asked: nil.
    let groups: ControlGroups?
    /// On every guest from its start.
    let mark: HomeMark
    private let fileLocks: UInt64
    private let descriptor: Int32

    init(_ configuration: GuestPool.Configuration, groups: ControlGroups? = nil) throws(GuestPoolError) {
        self.configuration = configuration
        self.groups = groups
        mark = HomeMark(of: configuration.marker)
        fileLocks = mark.limit(below: ProcessFacts.locks(of: getpid()) ?? 0)
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

    /// The best namespaces of those wanted that the system allows.
    func spawn(
        _ descriptors: [Int32], folder: Int32, environment: [String], wanted: Namespaces
    ) throws(GuestPoolError) -> (pid: Int32, pidfd: Int32, made: Namespaces) {
        var spawn = Spawn(
            program: descriptor, name: "berth-guest", descriptors: descriptors, folder: folder, environment: environment
        )
        spawn.fileLocks = fileLocks
        var code: Int32 = 0
        for namespaces in wanted.choices {
            let (pid, pidfd) = spawn.start(in: namespaces)
            if pid > 0 { return (pid, pidfd, namespaces) }
            code = -pid
        }
        throw .system(call: "start of \(configuration.program)", code: code)
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

extension Namespaces {
    /// From all that is wanted down to nothing: where one kind is not to be had, the others may be. What needs privileges may
    /// be allowed in a user namespace.
    var choices: [Namespaces] {
        let parts = (0...rawValue).map { Namespaces(rawValue: $0) }.filter(isSuperset)
        return parts.sorted { $0.rawValue.nonzeroBitCount > $1.rawValue.nonzeroBitCount }
            .flatMap { $0.isEmpty || contains(.users) ? [$0] : [$0, $0.union(.users)] }
    }
}
