import Foundation
import JobModel
import Testing
import TestSupport

@testable import GuestPool

/// What plugins try in order to get out, in the real sandbox: with all that this kernel has, and as on Linux 6.1.
@Suite(.serialized) struct EscapeTests {
    static let kernels = [KernelLacks(), .linux61]

    /// Refused by the call filter: the call is named.
    private static let calls: KeyValuePairs<String, String> = [
        "trace-host": "ptrace", "read-memory": "process_vm_readv", "kill-host": "kill", "kill-host-thread": "tkill",
        "kill-all": "kill", "signal-by-descriptor": "pidfd_open", "signal-by-owner": "fcntl",
        "raise-priority": "setpriority", "slow-host": "setpriority", "slow-everybody": "setpriority",
        "real-time": "sched_setscheduler", "pin-host": "sched_setaffinity", "limit-host": "prlimit64",
        "fork": "clone", "spawn": "clone", "run-program": "execve", "clone-users": "clone", "show-memory": "prctl",
        "outlive-host": "prctl", "set-user": "setuid", "set-users": "setresuid", "set-group": "setgid",
        "set-groups": "setgroups", "set-capabilities": "capset", "new-users": "unshare", "new-mounts": "unshare",
        "mount": "mount", "change-root": "chroot", "keys": "keyctl", "program-kernel": "bpf",
        "measure": "perf_event_open", "ring": "io_uring_setup", "fault": "userfaultfd", "modules": "delete_module",
        "personality": "personality", "share-memory": "shmget", "open-handle": "name_to_handle_at",
        "host-socket": "socket(AF_UNIX)", "pair-elsewhere": "socketpair(AF_UNIX)", "stream-elsewhere": "connect",
        "own-socket-elsewhere": "connect", "host-port": "socket(AF_INET)", "datagram": "socket(AF_INET)",
        "ask-port": "socket(AF_INET)", "raw-socket": "socket(AF_INET)", "packet-socket": "socket(AF_PACKET)",
        "kernel-socket": "socket(AF_NETLINK)",
        "cut-file": "truncate", "library-mode": "fchmod", "change-mode": "chmod", "change-mode-2": "fchmodat2",
        "change-owner": "chown", "change-attribute": "setxattr", "change-times": "utimensat",
        "listener": "seccomp", "pair-of-another-family": "socketpair(AF_INET)", "library-times": "futimens",
        "library-flags": "ioctl", "child-of-the-host": "clone", "signal-by-connection": "pidfd_send_signal",
        "give-orphans-away": "prctl", "hold-library": "fcntl", "watch-files": "inotify_init1",
        "lose-mark": "prlimit64", "large-pipe": "fcntl(F_SETPIPE_SZ)", "queue-files": "io_setup",
        "make-rules": "landlock_create_ruleset", "memory-file": "memfd_create", "write-execute": "mmap(PROT_EXEC)",
        "make-executable": "mprotect(PROT_EXEC)",
    ]

    /// In strict answered as by a kernel that lacks them, or left to the kernel: nobody hears of it.
    private static let unheard: Set = ["memory-file", "write-execute", "make-executable"]

    /// Refused by Landlock.
    private static let others = [
        "open-memory", "read-file", "write-file", "cut-by-reading", "cut-library", "write-library", "remove-file",
        "rename-file", "make-file", "late-listener", "inherited-listener",
    ]

    @Test(arguments: kernels) func `What a plugin tries is refused, and the refused call is named`(
        lacks: KernelLacks
    ) async throws {
        try await PoolFixture.with(lacks: lacks) { fixture in
            let target = try Target(fixture)
            for (run, (attempt, call)) in Self.calls.enumerated() {
                let end = try await fixture.end(of: target.order(RunID(run + 1), attempt))
                #expect(end.outcome == .failed(retryable: false), "\(attempt): \(end)")
                #expect(
                    end.message?.contains("the sandbox refused \(call)") == true, "\(attempt): \(end.message ?? "")")
                #expect(end.evidence?.refused == [call], "\(attempt)")
            }
            for (run, attempt) in Self.others.enumerated() {
                let end = try await fixture.end(of: target.order(RunID(1000 + run), attempt))
                #expect(end.outcome == .failed(retryable: false), "\(attempt): \(end)")
            }
            try target.isUntouched()
        }
    }

    @Test(arguments: kernels) func `In the strict sandbox a refused call is the end, and is named`(
        lacks: KernelLacks
    ) async throws {
        try await PoolFixture.with(lacks: lacks) { fixture in
            let target = try Target(fixture)
            for (run, (attempt, call)) in Self.calls.enumerated() where !Self.unheard.contains(attempt) {
                let end = try await fixture.end(of: target.order(RunID(run + 1), attempt, .strict))
                #expect(end.outcome == .crashed(.sandboxDenied), "\(attempt): \(end)")
                #expect(
                    end.message?.hasPrefix("the sandbox refused \(call)") == true
                        // Standard lets it have the pair that it wants to point elsewhere.
                        || attempt == "stream-elsewhere" && end.message == "the sandbox refused socketpair(AF_UNIX)",
                    "\(attempt): \(end.message ?? "")")
            }
            for (run, attempt) in (Self.others + Self.unheard).enumerated() {
                let end = try await fixture.end(of: target.order(RunID(1000 + run), attempt, .strict))
                let kept = [Outcome.failed(retryable: false), .crashed(.sandboxDenied)]
                #expect(kept.contains(end.outcome), "\(attempt): \(end)")
            }
            try target.isUntouched()
        }
    }

    /// Whoever may start programs and use the network still gets nowhere with these.
    @Test(arguments: kernels + [.processNamespaces])
    func `Grants open what they name and nothing else`(lacks: KernelLacks) async throws {
        try await PoolFixture.with(lacks: lacks) { fixture in
            let target = try Target(fixture)
            let opened = ["fork", "spawn", "run-program", "library-mode", "show-memory"]
            let onlyOfOthers = ["kill-all", "outlive-host", "slow-host", "limit-host", "trace-host", "kill-host"]
            let kept =
                onlyOfOthers + ["host-socket", "pair-elsewhere", "stream-elsewhere", "own-socket-elsewhere"]
                + [
                    "child-of-the-host", "signal-by-connection", "give-orphans-away", "raw-socket", "packet-socket",
                    "kernel-socket", "change-mode", "cut-file", "set-user", "new-users", "hold-library", "watch-files",
                    "queue-files", "make-rules", "lose-mark", "large-pipe",
                ]
                + Self.others
            for (run, attempt) in (kept + opened.prefix(2)).enumerated() {
                let end = try await fixture.end(
                    of: target.order(RunID(run + 1), attempt, grants: [.network, .subprocess]))
                let expected = opened.contains(attempt) ? Outcome.succeeded : .failed(retryable: false)
                #expect(end.outcome == expected, "\(attempt): \(end)")
            }
            try target.isUntouched()
        }
    }

    /// Old kernels, and machines on which somebody else listens already.
    @Test func `Where nobody can be told, calls are refused all the same`() async throws {
        let lacks = KernelLacks(landlockAbove: 2, features: [.namedRefusals, .denyWriteExecute])
        try await PoolFixture.with(lacks: lacks) { fixture in
            let target = try Target(fixture)
            for (run, attempt) in (Self.calls.map(\.key) + Self.others).enumerated() {
                let end = try await fixture.end(of: target.order(RunID(run + 1), attempt))
                #expect(end.outcome == .failed(retryable: false), "\(attempt): \(end)")
                #expect(end.evidence?.refused == nil)
            }
            let strict = try await fixture.end(of: target.order(1000, "keys", .strict))
            #expect(strict.outcome == .crashed(.sandboxDenied))
        }
    }

    @Test func `The scratch folder of another guest is out of reach`() async throws {
        try await PoolFixture.with { fixture in
            let other = try fixture.order(1, "reports")
            fixture.run([other])
            try await eventually("another guest works") { await fixture.pool.progress().first }
            let folders = try FileManager.default.contentsOfDirectory(atPath: fixture.scratch)
            let target = try Target(fixture, file: "\(fixture.scratch)/\(try #require(folders.first))/secret")
            for (run, attempt) in ["read-file", "write-file", "remove-file", "make-file"].enumerated() {
                let end = try await fixture.end(of: target.order(RunID(run + 2), attempt, slot: 1))
                #expect(end.outcome == .failed(retryable: false), "\(attempt): \(end)")
                #expect(end.message?.hasPrefix("Permission denied") == true, "\(attempt): \(end)")
            }
        }
    }

    /// Guests of a host that is root read what root may, as far as the sandbox lets them.
    @Test func `With every grant, what only root may read stays closed, and what programs read is open`() async throws {
        let closed = [
            "shadow", "shadow-", "gshadow", "sudoers", "sudoers.d", "ssl/private", "pki/tls/private", "ssh/sshd_config",
            "ssh/ssh_host_ed25519_key", "krb5.keytab", "security/opasswd", "mysql/debian.cnf", "berth", "cron.d",
        ]
        let open = [
            "passwd", "group", "hosts", "resolv.conf", "nsswitch.conf", "ssl/certs", "ssl/openssl.cnf", "pki/tls/certs",
            "ssh/ssh_config",
        ]
        try await PoolFixture.with { fixture in
            let target = try Target(fixture)
            var run: RunID = 0
            func outcomes(_ names: [String], _ grants: Grants) async throws -> Set<Outcome> {
                var outcomes: Set<Outcome> = []
                for path in names.map({ "/etc/\($0)" }) where access(path, R_OK) == 0 {
                    run += 1
                    let end = try await fixture.end(of: target.order(run, "read-file", grants: grants, reading: path))
                    outcomes.insert(end.outcome)
                }
                return outcomes
            }
            let secrets = try await outcomes(closed, [.network, .subprocess])
            if geteuid() == 0 { #expect(secrets == [Self.kept]) }
            for grants: Grants in [.subprocess, [.network, .subprocess]] {
                #expect(try await outcomes(open, grants) == [.succeeded])
            }
            #expect(try await outcomes(["hosts", "ssl/certs"], .network) == [.succeeded])
            #expect(try await outcomes(["passwd"], .network) == [Self.kept])
        }
    }

    private static let kept = Outcome.failed(retryable: false)

    @Test func `A call by the door of 32-bit programs is the end`() async throws {
        #if arch(x86_64)
            try await PoolFixture.with { fixture in
                let end = try await fixture.end(of: try Target(fixture).order(1, "old-door"))
                #expect(end.outcome == .crashed(.sandboxDenied))
            }
        #endif
    }

    @Test func `Without a sandbox the same attempts get out`() async throws {
        try await PoolFixture.with { fixture in
            let target = try Target(fixture)
            for (run, attempt) in ["read-file", "write-file", "fork", "kill-host", "change-mode", "datagram"]
                .enumerated()
            {
                let end = try await fixture.end(of: target.order(RunID(run + 1), attempt, .none))
                #expect(end.outcome == .succeeded, "\(attempt): \(end)")
            }
        }
    }

    @Test func `A guest whose sandbox has a gap is refused where all of it is required`() async throws {
        try await PoolFixture.with(lacks: .linux61, requiresSandbox: true) { fixture in
            let end = try await fixture.end(of: try Target(fixture).order(1, "keys"))
            #expect(end.outcome == .crashed(.loadFailed))
            #expect(end.message?.contains("its sandbox has a gap") == true, "\(end)")
        }
        try await PoolFixture.with { fixture in
            let report = try await fixture.pool.tryOut(.standard, grants: [])
            let capped = SandboxReport(
                wanted: report.wanted, inForce: report.inForce.subtracting(.signalScope), landlockABI: 5)
            #expect(capped.gaps.contains { $0.contains("Landlock ABI 6") })
        }
    }

    @Test func `Single features can be switched`() async throws {
        try await PoolFixture.with { fixture in
            let target = try Target(fixture)
            var run: RunID = 0
            func outcome(_ attempt: String, _ feature: SandboxFeatures, _ isOn: Bool) async throws -> Outcome {
                run += 1
                var sandbox = SandboxRules.standard
                sandbox.set(feature, isOn)
                return try await fixture.end(of: target.order(run, attempt, sandbox)).outcome
            }
            let kept = Outcome.failed(retryable: false)
            #expect(try await outcome("write-execute", .denyWriteExecute, true) == kept)
            #expect(try await outcome("write-execute", .denyWriteExecute, false) == .succeeded)
            #expect(try await outcome("share-memory", .callFilter, false) == .succeeded)
            #expect(try await outcome("read-file", .callFilter, false) == kept)
            #expect(try await outcome("kill-host", .privateProcesses, true) == kept)
            if geteuid() == 0 { #expect(try await outcome("read-file", .noNewPrivileges, false) == kept) }
        }
    }

    @Test func `A plugin that asks for what is refused for ever does not keep the host busy for ever`() async throws {
        var refusals = Refusals()
        for _ in 0..<1000 { refusals.add(RefusedCall(words: "ptrace", grant: [])) }
        #expect(refusals.patience == 0)
        #expect(refusals.calls.count == 1)
    }
}

/// What the attempts aim at: this process as the host, a file of its home and a staged library.
private struct Target {
    let fixture: PoolFixture
    let folder: URL
    let file: URL
    let library: URL

    init(_ fixture: PoolFixture, file given: String? = nil) throws {
        self.fixture = fixture
        folder = URL(fileURLWithPath: fixture.scratch).deletingLastPathComponent()
            .appendingPathComponent("home-\(fixture.marker)")
        let staged = folder.appendingPathComponent("staged")
        try FileManager.default.createDirectory(at: staged, withIntermediateDirectories: true)
        file = given.map { URL(fileURLWithPath: $0) } ?? folder.appendingPathComponent("token")
        try Data("secret".utf8).write(to: file)
        library = staged.appendingPathComponent("plugin.so")
        try FileManager.default.copyItem(at: FixturePlugin.library("escapes"), to: library)
    }

    func order(
        _ run: RunID, _ attempt: String, _ sandbox: SandboxRules = .standard, grants: Grants = [], slot: Int32 = 0,
        reading path: String? = nil
    ) throws -> AttemptOrder {
        let spec = GuestSpec(library: library.path, digest: "escapes", sandbox: sandbox, grants: grants)
        let params = """
            {"pid":\(ProcessInfo.processInfo.processIdentifier),"port":9,"socket":"\(folder.path)/berth.sock",
            "read":"\(path ?? file.path)","write":"\(file.path)","library":"\(library.path)"}
            """
        return AttemptOrder(
            key: AttemptKey(run: run, number: 1), slot: slot, spec: fixture.pool.intern(spec),
            component: try Self.index(of: attempt), rootRun: run, params: Array(params.utf8), limit: .seconds(60))
    }

    /// Components stand in the order of the fixture's table.
    private static func index(of attempt: String) throws -> UInt32 {
        guard let index = try FixturePlugin.components("escapes").firstIndex(of: attempt) else {
            throw FixtureError.notCompiled(attempt)
        }
        return UInt32(index)
    }

    /// Nothing happened to what it must not touch.
    func isUntouched() throws {
        #expect(try String(contentsOf: file, encoding: .utf8) == "secret")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["staged", "token"])
        let original = try Data(contentsOf: FixturePlugin.library("escapes"))
        #expect(try Data(contentsOf: library) == original)
    }
}
