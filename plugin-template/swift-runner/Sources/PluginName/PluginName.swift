import BerthPlugin
import Glibc
import Synchronization

/// Lets a program greet somebody: work outside.
final class Hello: Runner {
    struct Parameters: Decodable { var name: String }

    private let params: Parameters
    /// The process, 0 when there is none that may be signalled.
    private let program = Mutex<pid_t>(0)
    private let output = Mutex<[UInt8]>([])

    init(_ context: Context, _ params: Parameters) throws {
        self.params = params
    }

    /// What the host says while this runs comes on another thread: `stop`, `kill`.
    func execute(_ context: Context) throws {
        let reading = try start()
        context.breadcrumb("printf runs")
        // An ask that came before there was a program would otherwise be lost.
        if context.cancellation != .none { signal(SIGTERM) }
        let text = Self.collect(reading)
        let status = end()
        try context.checkCancellation()
        guard status == 0 else { throw PluginFailure.retryable("printf ended with status \(status)") }
        output.withLock { $0 = text }
    }

    func stop(_ reason: StopReason) { signal(SIGTERM) }

    func kill() { signal(SIGKILL) }

    /// After a successful `execute`.
    func result(_ context: Context) throws -> JSON? {
        try context.emit(output.withLock { $0 })
        return nil
    }

    private func signal(_ number: Int32) {
        program.withLock { if $0 > 0 { _ = Glibc.kill($0, number) } }
    }

    /// Starts the program with its output in a pipe, whose end to read is returned.
    private func start() throws -> Int32 {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw PluginFailure.retryable("no pipe: error \(errno)") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
        var arguments: [UnsafeMutablePointer<CChar>?] = []
        for text in ["printf", "Hello, %s!\\n", params.name] { arguments.append(strdup(text)) }
        arguments.append(nil)
        var started: pid_t = 0
        let error = posix_spawnp(&started, "printf", &actions, nil, arguments, environ)
        for argument in arguments { free(argument) }
        posix_spawn_file_actions_destroy(&actions)
        close(ends[1])
        guard error == 0 else {
            close(ends[0])
            throw PluginFailure.permanent("printf cannot be started: error \(error)")
        }
        program.withLock { $0 = started }
        return ends[0]
    }

    private static func collect(_ reading: Int32) -> [UInt8] {
        defer { close(reading) }
        var text: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(reading, &block, block.count)
            if count > 0 { text += block.prefix(count) }
            if count == 0 || (count < 0 && errno != EINTR) { return text }
        }
    }

    /// The program's exit status. Its number is withdrawn before it is freed, so that no signal hits somebody else.
    private func end() -> Int32 {
        let started = program.withLock { $0 }
        var info = siginfo_t()
        while waitid(P_PID, id_t(started), &info, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        program.withLock { $0 = 0 }
        var status: Int32 = 0
        waitpid(started, &status, 0)
        return status
    }
}

/// The one function the host looks for. More components are added to the list, each with an id of its own.
@c(berth_plugin_v1)
public func entry(_ host: UnsafePointer<berth_host>, _ out: UnsafeMutablePointer<berth_plugin>) -> berth_status {
    Plugin(
        id: "plugin-name", version: "0.1.0",
        components: [
            Component(
                "hello", .runner(Hello.self), title: "Lets a program greet somebody",
                paramsSchema: """
                    {"type":"object","required":["name"],"additionalProperties":false,
                     "properties":{"name":{"type":"string"}}}
                    """,
                resultType: "text/plain", flags: [.subprocess, .cooperative])
        ]
    ).answer(host, out)
}
