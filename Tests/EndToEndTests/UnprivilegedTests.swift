import Foundation
import TestSupport
import Testing

/// The sandbox of a host that is not root: everything that plugins try, tried in one run.
struct UnprivilegedTests {
    @Test(arguments: [[], ["--as-linux-6.1"], ["--grant", "network", "--grant", "subprocess"]])
    func `nothing gets out of a sandbox that an unprivileged host made`(options: [String]) async throws {
        let stage = try Stage()
        defer { stage.remove() }
        let ran = try await stage.run("every", options)
        #expect(ran.status == 0, "\(ran.errors)")
        let answers = ran.output.split(separator: "\n").map(String.init)
        #expect(answers.count > 60, "\(ran.output)")
        // What the operator grants is no escape; the fixture has no flags, so that it gets none.
        #expect(answers.filter { $0.hasSuffix(" 0") } == [], "\(options)")
        #expect(try String(contentsOf: stage.file, encoding: .utf8) == "secret")
    }

    @Test(.enabled(if: geteuid() == 0)) func `every attack on an unprivileged host ends as the table says`()
        async throws
    {
        let stage = try Stage()
        defer { stage.remove() }
        let home = stage.folder.appendingPathComponent("home")
        let plugins = try HostileRound.prepare(home: home)
        _ = try await Shell.run("chown", "-R", "65534:65534", home.path)
        try await RunningHost.with(
            home: home, plugins: plugins, environment: stage.environment, launcher: Stage.asNobody,
            program: "\(stage.folder.path)/berth"
        ) { host in
            var round = HostileRound(host)
            try await round.run()
            #expect(round.faults.isEmpty, "\(round.faults.joined(separator: "\n"))")
            #expect(round.tally.ordinary == HostileRound.ordinaryRuns)
        }
        #expect(HostHealth.leftovers(of: home) == 0)
    }

    @Test func `an unprivileged host learns what a run needs`() async throws {
        let stage = try Stage()
        defer { stage.remove() }
        let learned = try await stage.run("read-file", ["--learn"])
        #expect(
            learned.output.contains("  read:\n    - \"\(stage.file.path)\"\n"), "\(learned.output)\(learned.errors)")
    }

    @Test func `an unprivileged host has the strict sandbox too`() async throws {
        let stage = try Stage()
        defer { stage.remove() }
        let ran = try await stage.run("trace-host", ["--sandbox", "strict"])
        #expect(ran.status == 1)
        #expect(ran.errors.contains("the sandbox refused ptrace"), "\(ran.errors)")
    }
}

/// Programs, plugin and a file to reach for, where nobody's user can get at them.
private struct Stage {
    static let asNobody = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]
    let folder: URL
    var file: URL { folder.appendingPathComponent("token") }

    init() throws {
        folder = temporaryFolder("nobody")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for name in ["berth", "berth-guest"] {
            try FileManager.default.copyItem(
                at: Checkout.products.appendingPathComponent(name), to: folder.appendingPathComponent(name))
        }
        try FileManager.default.copyItem(
            at: FixturePlugin.library("escapes"), to: folder.appendingPathComponent("escapes.so"))
        try Data("secret".utf8).write(to: file)
        try FileManager.default.createDirectory(
            at: folder.appendingPathComponent("tmp"), withIntermediateDirectories: true)
        if geteuid() == 0 {
            for path in ["", "/token", "/tmp", "/escapes.so"] { chown(folder.path + path, 65534, 65534) }
        }
    }

    var environment: [String: String] {
        ["TMPDIR", "HOME", "BERTH_HOME"].reduce(into: [:]) { $0[$1] = "\(folder.path)/tmp" }
    }

    /// As the user nobody where this is root, else as who this is.
    func run(_ attempt: String, _ options: [String]) async throws -> Finished {
        let target = """
            {"pid":\(ProcessInfo.processInfo.processIdentifier),"port":9,"socket":"\(folder.path)/none",\
            "read":"\(file.path)","write":"\(file.path)","library":"\(folder.path)/escapes.so"}
            """
        let who = geteuid() == 0 ? Self.asNobody : []
        let command = ["\(folder.path)/berth", "run", "\(folder.path)/escapes.so", attempt, "--params", target]
        return try await Shell.run(["env"] + environment.map { "\($0)=\($1)" } + who + command + options)
    }

    func remove() {
        try? FileManager.default.removeItem(at: folder)  // a temporary folder: the system removes it later
    }
}
