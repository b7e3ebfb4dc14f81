import Foundation
import TestSupport

/// Puts a host under load, kills it with -9 at random moments, as often as asked, in the same home, and hands the oracle
/// what is there in the end. Everything but the machine's own timing follows from the seed.
struct CrashDriver: Sendable {
    let rounds: Int
    let seed: UInt64
    private let home: URL
    private let plugins: URL
    private let account: URL
    private let oracle = CrashOracle()

    private static let clients = 3
    /// Between looks at the whole store while no host is there.
    private static let lookEvery = 25

    init(rounds: Int, seed: UInt64) throws {
        self.rounds = rounds
        self.seed = seed
        let folder = temporaryFolder("crash")
        home = folder.appendingPathComponent("home")
        plugins = folder.appendingPathComponent("plugins")
        account = folder.appendingPathComponent("account")
        try FileManager.default.createDirectory(at: plugins, withIntermediateDirectories: true)
        try FileManager.default.copyItem(
            at: FixturePlugin.library("ledger"), to: plugins.appendingPathComponent("ledger.so"))
        try Data().write(to: account)
        // Its crashes are the load, and no reason to leave it alone for a while.
        try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
        try Data("plugins:\n  ledger: {quarantine: false}\n".utf8).write(to: home.appendingPathComponent("berth.yaml"))
    }

    /// Blocks: on a thread of its own.
    func run() throws -> CrashOracle.Report {
        var random = SplitMix(state: seed)
        var breaches: [String] = []
        for round in 0..<rounds {
            try live(UInt64(round), &random)
            if round % Self.lookEvery == Self.lookEvery - 1 { breaches += try doctor() }
        }
        let runs = try settle()
        breaches += try doctor()
        var report = oracle.verdict(runs, account: try String(contentsOf: account, encoding: .utf8))
        report.breaches += breaches
        if report.breaches.isEmpty {
            try FileManager.default.removeItem(at: home.deletingLastPathComponent())
        }
        return report
    }

    /// One life of a host. Every sixth does not live to see its doors open.
    private func live(_ round: UInt64, _ random: inout SplitMix) throws {
        let host = try start()
        let clients = DispatchGroup()
        clients.enter()  // the main thread itself, so that waiting ends at the chosen moment and not before
        var moment = Int(random.next() % 150)
        if random.next() % 6 != 0 {
            let wire = try connected(host)
            try awaitPlugin(wire)
            if round < 2 { try defineJob(wire) }
            for client in 0..<UInt64(Self.clients) { load(clients, seed: seed ^ (round << 8) ^ client) }
            moment += 20
        }
        _ = clients.wait(timeout: .now() + .milliseconds(moment))
        kill(host.processIdentifier, SIGKILL)
        host.waitUntilExit()
        clients.leave()
        clients.wait()
        oracle.killed()
    }

    private func load(_ clients: DispatchGroup, seed: UInt64) {
        Thread.detachNewThread(in: clients) { [socket, oracle, account] in
            guard let wire = try? HostWire(socket: socket) else { return }
            var load = CrashLoad(oracle: oracle, account: account.path, seed: seed)
            load.go(wire)
        }
    }

    private var socket: String { home.appendingPathComponent("berth.sock").path }

    private func start() throws -> Process {
        let host = Process()
        host.executableURL = URL(fileURLWithPath: RunningHost.program)
        host.arguments = [
            "serve", "--home", home.path, "--plugins", plugins.path, "--listen", "none", "--log-level", "error",
        ]
        host.standardOutput = FileHandle.nullDevice
        try host.run()
        return host
    }

    private func connected(_ host: Process) throws -> HostWire {
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline {
            guard host.isRunning else { throw HostFailure("seed \(seed): the host ended by itself") }
            if let wire = try? HostWire(socket: socket) { return wire }
            usleep(2000)
        }
        throw HostFailure("seed \(seed): the host did not open its socket")
    }

    /// Before it is there every request is refused, and a life passes without any load.
    private func awaitPlugin(_ wire: HostWire) throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline {
            let answer = try wire.ask("GET", "/components")
            if answer.body.range(of: Data("ledger/append".utf8)) != nil { return }
            usleep(2000)
        }
        throw HostFailure("seed \(seed): the host did not take up its plugin")
    }

    private func defineJob(_ wire: HostWire) throws {
        let job = """
            {"name": "tick", "component": "ledger/append", "every": "20ms", "overlap": "allow", "missed": "all(5)",
             "params": {"path": "\(account.path)", "key": "tick"}, "access": {"write": ["\(account.path)"]}}
            """
        // Refused while the plugin is not there yet, answered by nobody if the host is killed first.
        _ = try? wire.ask("POST", "/jobs/apply", "{\"jobs\": [\(job)]}")
    }

    /// A last life, in which everything comes to its end.
    private func settle() throws -> [CrashRun] {
        let host = try start()
        defer {
            host.terminate()
            host.waitUntilExit()
        }
        let wire = try connected(host)
        _ = try wire.ask("POST", "/jobs/tick/pause", "{}")
        _ = try wire.ask("POST", "/runs/resume", "{\"all\": true}")
        let deadline = ContinuousClock.now + .seconds(300)
        while try !wire.ask("GET", "/runs?state=pending,running&limit=1").json(CrashRun.Page.self).runs.isEmpty {
            guard ContinuousClock.now < deadline else { break }
            usleep(20_000)
        }
        var runs: [CrashRun] = []
        var before = ""
        while true {
            let page = try wire.ask("GET", "/runs?limit=1000\(before)").json(CrashRun.Page.self)
            runs += page.runs
            guard let next = page.next else { return runs }
            before = "&before=\(next)"
        }
    }

    private struct Doctor: Decodable {
        var findings: [Finding]

        struct Finding: Decodable {
            var verdict: String
            var subject: String
            var text: String
        }
    }

    private func doctor() throws -> [String] {
        let doctor = Process()
        let output = Pipe()
        doctor.executableURL = URL(fileURLWithPath: RunningHost.program)
        doctor.arguments = ["doctor", "--home", home.path, "--json"]
        doctor.standardOutput = output
        try doctor.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        doctor.waitUntilExit()
        return try JSONDecoder().decode(Doctor.self, from: data).findings.filter { $0.verdict == "bad" }
            .map { "doctor: \($0.subject): \($0.text)" }
    }
}

extension Thread {
    fileprivate static func detachNewThread(in group: DispatchGroup, _ body: @escaping @Sendable () -> Void) {
        group.enter()
        detachNewThread {
            body()
            group.leave()
        }
    }
}
