import Foundation
import GRDB
import TestSupport
import Testing

/// What can befall the files of the store while a host is at work: it says so by name, and goes on by itself.
@Suite(.serialized) struct StoreFaultTests {
    @Test func `a file system that turns read-only`() async throws {
        try await Self.withFaults { host, control in
            let sleep = "{\"component\": \"chaos/sleep\", \"params\": {\"seconds\": 0.3}}"
            let before = try await host.post("/api/v1/runs", sleep, as: RunView.self).value
            try FaultTests.set(control, "r")
            let refused = try await host.post("/api/v1/runs", FaultTests.noop, as: FaultTests.Refusal.self)
            #expect(refused.status == 503, "\(refused)")
            try await FaultTests.isInTrouble(host, "read_only")
            try FaultTests.set(control, "\0")
            try await FaultTests.recovers(host)
            let ended = try await host.get("/api/v1/runs/\(before.id)/wait?timeout=60s", as: RunView.self).value
            #expect(ended.state == "succeeded" && ended.starts == 1, "\(ended)")
        }
    }

    @Test func `a store that another program has locked`() async throws {
        try await RunningHost.with(plugins: FaultTests.chaos()) { host in
            let program = try Self.lock(host, "berth.db")
            let refused = try await host.post("/api/v1/runs", FaultTests.noop, as: FaultTests.Refusal.self)
            #expect(refused.status == 503 && refused.value.code == "store_locked", "\(refused)")
            try await FaultTests.isInTrouble(host, "store_locked")
            try await program.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
            try await FaultTests.recovers(host)
        }
    }

    @Test func `a damaged page`() async throws {
        let home = temporaryFolder()
        let plugins = try FaultTests.chaos()
        let basic = try FixturePlugin.library("basic")
        try FileManager.default.copyItem(at: basic, to: plugins.appendingPathComponent("basic.so"))
        let id = try await RunningHost.with(home: home, plugins: plugins) { host in
            try await eventually("the plugin is there") {
                // More than the connections keep of the file in memory.
                let pad = String(repeating: "x", count: 3 << 20)
                let run = "{\"component\": \"basic/echo\", \"in\": \"1h\", \"params\": {\"pad\": \"\(pad)\"}}"
                let made = try await host.post("/api/v1/runs", run, as: Made.self)
                return made.value.id
            }
        }
        try await RunningHost.with(home: home, plugins: plugins) { host in
            let pages = try DamagedPages(of: home.appendingPathComponent("berth.db"))
            #expect(pages.count > 500)
            let read = try await host.get("/api/v1/runs/\(id)", as: FaultTests.Refusal.self)
            #expect(read.status == 503 && read.value.code == "store_corrupt", "\(read)")
            let write = try await host.post("/api/v1/runs/\(id)/cancel", as: FaultTests.Refusal.self)
            #expect(write.status == 503 && write.value.code == "store_corrupt", "\(write)")
            let doctor = try await host.berth("doctor")
            #expect(doctor.status == 6 && doctor.output.contains("berth restore"), "\(doctor)")
            try pages.repair()
            try await FaultTests.recovers(host)
            let cancelled = try await host.post("/api/v1/runs/\(id)/cancel", as: RunView.self)
            #expect(cancelled.value.state == "cancelled")
        }
    }

    @Test func `no descriptor left for an output`() async throws {
        let plugins = try FaultTests.chaos()
        try FileManager.default.copyItem(
            at: RunningHost.projectPlugins.appendingPathComponent("command.so"),
            to: plugins.appendingPathComponent("command.so"))
        let signs = temporaryFolder("signs")
        try FileManager.default.createDirectory(at: signs, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: signs) }
        try await RunningHost.with(plugins: plugins) { host in
            // Its end needs a file, and comes when there is a sign.
            let script = "until [ -e \(signs.path)/go ]; do sleep 0.02; done; printf %200000d 1"
            let order = """
                {"component": "command/command", "params": {"program": "sh", "args": ["-c", "\(script)"]},
                 "access": {"read": ["\(signs.path)"]}}
                """
            let id = try await eventually("the plugin is there") {
                try await host.post("/api/v1/runs", order, as: Made.self).value.id
            }
            let wire = try HostWire(socket: host.home.appendingPathComponent("berth.sock").path)
            try await eventually("it runs") {
                try wire.ask("GET", "/runs/\(id)").json(Made.self).state == "running" ? true : nil
            }
            try await Self.takeDescriptors(from: host)
            try Data().write(to: signs.appendingPathComponent("go"))
            try await eventually("the host says that it has no files") {
                // What connections of others free is taken too.
                try await Self.takeDescriptors(from: host)
                let refused = try wire.ask("POST", "/runs", FaultTests.noop)
                guard refused.status == 503 else { return nil as Bool? }
                return try refused.json(FaultTests.Refusal.self).code == "too_many_files" ? true : nil
            }
            #expect(try await Shell.run("prlimit", "--pid", "\(host.pid)", "--nofile=1024:").status == 0)
            let ended = try await host.get("/api/v1/runs/\(id)/wait?timeout=60s", as: RunView.self).value
            #expect(ended.state == "succeeded" && ended.starts == 1, "\(ended)")
            try await FaultTests.recovers(host)
        }
    }

    @Test(arguments: [true, false]) func `a log store that is full or locked costs lines alone`(isFull: Bool)
        async throws
    {
        try await Self.withFaults { host, control in
            _ = try await Self.printed(host)
            let program = isFull ? nil : try Self.lock(host, "logs.db")
            if isFull { try FaultTests.set(control, "l") }
            _ = try await Self.printed(host)
            try await eventually("the host says that lines were lost") {
                host.printed.contains("log lines were lost") ? true : nil
            }
            #expect(try await host.get("/readyz", as: Anything.self).status == 200)
            try FaultTests.set(control, "\0")
            try await program?.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
            try await eventually("lines are kept again") {
                let run = try await Self.printed(host)
                return try await host.berth("runs", "logs", "\(run)").output.isEmpty ? nil : true
            }
        }
    }

    // MARK: Shorthands

    private struct Made: Decodable {
        var id: Int64?
        var state: String?
    }

    /// With a preloaded library that lets parts of the store fail, and the file that says which.
    private static func withFaults(_ body: (RunningHost, URL) async throws -> Void) async throws {
        let library = try FixturePlugin.library("faults", flags: ["-ldl"])
        let control = temporaryFolder("faults")
        try Data(repeating: 0, count: 4096).write(to: control)
        defer { try? FileManager.default.removeItem(at: control) }
        let environment = ["LD_PRELOAD": library.path, "BERTH_FAULTS": control.path]
        try await RunningHost.with(plugins: FaultTests.chaos(), environment: environment) { host in
            try await body(host, control)
        }
    }

    private static func lock(_ host: RunningHost, _ file: String) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        configuration.busyMode = .timeout(20)
        let queue = try DatabaseQueue(
            path: host.home.appendingPathComponent(file).path, configuration: configuration)
        try queue.inDatabase { try $0.execute(sql: "BEGIN IMMEDIATE") }
        return queue
    }

    /// A run that has printed and succeeded.
    private static func printed(_ host: RunningHost) async throws -> Int64 {
        let order = "{\"component\": \"chaos/print-flood\", \"params\": {\"lines\": 3}}"
        let id = try await eventually("the plugin is there") {
            try await host.post("/api/v1/runs", order, as: Made.self).value.id
        }
        let ended = try await host.get("/api/v1/runs/\(id)/wait?timeout=60s", as: RunView.self).value
        #expect(ended.state == "succeeded", "\(ended)")
        return id
    }

    /// No file can be opened that is not open now.
    private static func takeDescriptors(from host: RunningHost) async throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(host.pid)/fd")
        let open = Set(names.compactMap { Int($0) })
        let lowest = (0...).first { !open.contains($0) } ?? 0
        #expect(try await Shell.run("prlimit", "--pid", "\(host.pid)", "--nofile=\(lowest):").status == 0)
    }
}

/// The pages that one long text fills, each made to lead nowhere.
private struct DamagedPages {
    private let file: URL
    private var bytes: [(offset: UInt64, was: Data)] = []

    var count: Int { bytes.count }

    init(of file: URL) throws {
        self.file = file
        let all = try Data(contentsOf: file)
        let text = Data(repeating: UInt8(ascii: "x"), count: 64)
        for page in stride(from: 0, to: all.count - 4095, by: 4096) where all[page + 4..<page + 68] == text {
            bytes.append((UInt64(page), all[page..<page + 4]))
        }
        try write { _ in Data(repeating: 0xff, count: 4) }
    }

    func repair() throws {
        try write { $0 }
    }

    private func write(_ value: (Data) -> Data) throws {
        let handle = try FileHandle(forWritingTo: file)
        for (offset, was) in bytes {
            try handle.seek(toOffset: offset)
            try handle.write(contentsOf: value(was))
        }
        try handle.close()
    }
}
