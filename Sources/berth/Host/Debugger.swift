import Foundation

/// gdb, for the plugin of a single run.
struct Debugger {
    private let program: String

    /// Fails when it is not installed.
    init(path: String? = ProcessInfo.processInfo.environment["PATH"]) throws(Failure) {
        let places: [String] = (path ?? "/usr/bin:/bin").split(separator: ":").map { $0 + "/gdb" }
        guard let found = places.first(where: { (place: String) in access(place, X_OK) == 0 }) else {
            throw Failure(
                .unavailable,
                "--debug needs gdb, which is not in PATH; on Debian: apt-get install gdb. Without it, what the plugin logs "
                    + "and prints is shown as it runs.")
        }
        program = found
    }

    /// Where the guest says that it waits.
    static func file(in home: HomeFolder) -> String { home.path + "/debugger" }

    /// Waits until the guest has loaded the plugin, and starts gdb on it. In this process's own group, so that gdb has the
    /// terminal; Ctrl-C is gdb's alone from here on.
    func attach(_ home: HomeFolder) async throws(Failure) -> Session {
        let process = try await Self.waitingGuest(Self.file(in: home))
        print(
            """
            The plugin is loaded and has not run yet. Set breakpoints, such as `break hello`, then `continue`.
            The guest is process \(process), without sandbox and limits.
            """)
        fflush(nil)
        signal(SIGINT, SIG_IGN)
        return Session(process: try spawn([program, "-q", "-p", process]))
    }

    /// A gdb that was started.
    struct Session {
        fileprivate let process: pid_t

        /// Returns when somebody has quit it.
        func ended() async {
            await withCheckedContinuation { (ended: CheckedContinuation<Void, Never>) in
                // On a thread of its own: it would block the cooperative pool.
                Thread.detachNewThread {
                    var status: Int32 = 0
                    while waitpid(process, &status, 0) < 0, errno == EINTR {}
                    ended.resume()
                }
            }
        }
    }

    private static func waitingGuest(_ file: String) async throws(Failure) -> String {
        for _ in 0..<3000 {
            let said = TextFile.bytes(file).map { String(decoding: $0, as: UTF8.self) } ?? ""
            if said.hasSuffix("\n") { return said.trimmingCharacters(in: .whitespacesAndNewlines) }
            do { try await Task.sleep(for: .milliseconds(20)) } catch { break }
        }
        throw Failure(.unavailable, "The plugin was not loaded within a minute.")
    }

    private func spawn(_ words: [String]) throws(Failure) -> pid_t {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGINT)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        // The threads of the cooperative pool block signals, and what they start would too: gdb waits for SIGCHLD.
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
        var arguments: [UnsafeMutablePointer<CChar>?] = []
        for word in words { arguments.append(strdup(word)) }
        arguments.append(nil)
        defer { for argument in arguments { free(argument) } }
        var started: pid_t = 0
        let error = posix_spawn(&started, program, nil, &attributes, arguments, environ)
        guard error == 0 else {
            throw Failure(.unavailable, "\(program) cannot be started: \(String(cString: strerror(error))).")
        }
        return started
    }
}
