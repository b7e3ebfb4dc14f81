import Foundation
import TestSupport
import Testing

/// The machine fails a host, for real: the host says how, takes on nothing it cannot keep, loses nothing it acknowledged,
/// and goes on by itself when the cause is gone.
@Suite(.serialized) struct FaultTests {
    struct Refusal: Decodable {
        var code: String?
        var detail: String?
    }

    static let noop = "{\"component\": \"chaos/noop\"}"

    @Test(.enabled(if: Mounts.arePossible, "a mount namespace cannot be made here"))
    func `a full disk`() async throws {
        let home = temporaryFolder("disk")
        let mount = "mount -t tmpfs -o size=8m,mode=0700 tmpfs \"$0\" && exec \"$@\""
        let launcher = ["unshare", "-m", "sh", "-c", mount, home.path]
        try await RunningHost.with(home: home, plugins: Self.chaos(), launcher: launcher) { host in
            let sleep = "{\"component\": \"chaos/sleep\", \"params\": {\"seconds\": 1.5}, \"retry\": 1}"
            var acknowledged = [try await host.post("/api/v1/runs", sleep, as: RunView.self).value.id]
            let many = "[\(Array(repeating: Self.noop, count: 200).joined(separator: ", "))]"
            try await eventually("the disk is full for the host") {
                try Self.fill(host.file("filler"))
                let answer = try await host.post("/api/v1/runs", many, as: Batch.self)
                acknowledged += (answer.value.results ?? []).compactMap(\.id)
                return answer.status == 503 && answer.value.code == "disk_full" ? true : nil
            }
            // What the host frees while it tries again is taken from it.
            try await Self.isInTrouble(host, "disk_full") { try Self.fill(host.file("filler")) }
            try await eventually("commands exit with 6") {
                try Self.fill(host.file("filler"))
                return try await host.berth("enqueue", "chaos/noop").status == 6 ? true : nil
            }
            try FileManager.default.removeItem(at: host.file("filler"))
            try await Self.recovers(host)
            for id in acknowledged {
                let run = try await host.get("/api/v1/runs/\(id)/wait?timeout=60s", as: RunView.self).value
                #expect(run.state == "succeeded", "\(run)")
            }
        }
    }

    /// What fails, and what the host calls it.
    @Test(arguments: [("s", "failing_disk"), ("w", "failing_disk"), ("f", "disk_full")])
    func `a sync or write that fails`(fault: String, code: String) async throws {
        let library = try FixturePlugin.library("faults", flags: ["-ldl"])
        let control = temporaryFolder("faults")
        try Data(repeating: 0, count: 4096).write(to: control)
        defer { try? FileManager.default.removeItem(at: control) }
        let environment = ["LD_PRELOAD": library.path, "BERTH_FAULTS": control.path]
        let home = temporaryFolder()
        try await RunningHost.with(home: home, plugins: Self.chaos(), environment: environment) { host in
            let sleep = "{\"component\": \"chaos/sleep\", \"params\": {\"seconds\": 0.3}}"
            let before = try await host.post("/api/v1/runs", sleep, as: RunView.self).value
            try Self.set(control, fault)
            let refused = try await host.post("/api/v1/runs", Self.noop, as: Refusal.self)
            #expect(refused.status == 503 && refused.value.code == code, "\(refused)")
            try await Self.isInTrouble(host, code)
            try Self.set(control, "\0")
            try await Self.recovers(host)
            let ended = try await host.get("/api/v1/runs/\(before.id)/wait?timeout=60s", as: RunView.self).value
            #expect(ended.state == "succeeded" && ended.starts == 1, "\(ended)")
        }
        let doctor = try await Shell.run(RunningHost.program, "doctor", "--home", home.path)
        #expect(doctor.status == 0, "\(doctor.output)")
    }

    @Test(.enabled(if: geteuid() == 0, "another user's limits need root")) func `no more processes`() async throws {
        let home = temporaryFolder()
        try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
        // A user whose processes are this host's alone.
        let user = Int32.random(in: 61_000...64_000)
        let settings = home.appendingPathComponent("berth.yaml")
        try Data().write(to: settings)
        for path in [home.path, settings.path] { #expect(chown(path, uid_t(user), gid_t(user)) == 0) }
        let plugins = try Self.chaos()
        for path in [plugins.path, plugins.appendingPathComponent("chaos.so").path] {
            #expect(chown(path, uid_t(user), gid_t(user)) == 0)
        }
        let launcher = ["setpriv", "--reuid=\(user)", "--regid=\(user)", "--clear-groups"]
        try await RunningHost.with(home: home, plugins: plugins, launcher: launcher) { host in
            try await Self.withoutGuests(host, "--nproc", limit: 1, as: launcher)
        }
    }

    @Test func `no more files`() async throws {
        try await RunningHost.with(plugins: Self.chaos()) { host in
            let run = try await host.get("/readyz", as: Anything.self)
            #expect(run.status == 200)
            try await eventually("the plugin is there") {
                try await host.berth("status").output.contains("active plugins: 1") ? true : nil
            }
            let names = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(host.pid)/fd")
            let open = Set(names.compactMap { Int($0) })
            // Enough for our questions, too few for a guest.
            var limit = 0
            var free = 0
            while free < 4 {
                if !open.contains(limit) { free += 1 }
                limit += 1
            }
            try await Self.withoutGuests(host, "--nofile", limit: limit)
        }
    }

    /// Runs are taken on and wait, at no cost to them.
    private static func withoutGuests(
        _ host: RunningHost, _ what: String, limit: Int, as user: [String] = []
    ) async throws {
        try await eventually("the plugin is there") {
            try await host.berth("status").output.contains("active plugins: 1") ? true : nil
        }
        let limited = try await Shell.run(user + ["prlimit", "--pid", "\(host.pid)", "\(what)=\(limit):"])
        #expect(limited.status == 0, "\(limited)")
        let run = try await host.post("/api/v1/runs", noop, as: RunView.self).value
        try await eventually("the host says that it has no guests: \(host.printed)") {
            let ready = try await host.get("/readyz", as: Refusal.self)
            return ready.status == 503 && ready.value.code == "no_guests" ? true : nil
        }
        #expect(try await Shell.run(user + ["prlimit", "--pid", "\(host.pid)", "\(what)=1024:"]).status == 0)
        let ended = try await host.get("/api/v1/runs/\(run.id)/wait?timeout=60s", as: RunView.self).value
        #expect(ended.state == "succeeded" && ended.starts == 1, "\(ended)")
        try await recovers(host)
    }

    @Test(.enabled(if: Mounts.arePossible, "a mount namespace cannot be made here"))
    func `a home on a read-only file system is refused with a sentence`() async throws {
        let home = temporaryFolder()
        try await RunningHost.with(home: home, plugins: Self.chaos()) { _ in }
        let mount = "mount --bind \"$0\" \"$0\" && mount -o remount,bind,ro \"$0\" && exec \"$@\""
        let served = try await Shell.run(
            "unshare", "-m", "sh", "-c", mount, home.path, RunningHost.program, "serve", "--home", home.path,
            "--listen", "none")
        #expect(served.status == 6, "\(served)")
        #expect(
            served.errors.contains("Read-only file system") || served.errors.contains("read-only"), "\(served.errors)")
    }

    // MARK: Shorthands

    private struct Batch: Decodable {
        var code: String?
        var results: [Result]?

        struct Result: Decodable {
            var id: Int64?
        }
    }

    static func isInTrouble(_ host: RunningHost, _ code: String, keep: () throws -> Void = {}) async throws {
        try await eventually("the host says \(code)") {
            try keep()
            let ready = try await host.get("/readyz", as: Refusal.self)
            guard ready.status == 503, ready.value.code == code else { return nil as Bool? }
            let status = try await host.berth("status")
            return status.status == 0 && status.output.contains("TROUBLE (\(code))") ? true : nil
        }
        #expect(try await host.get("/healthz", as: Anything.self).status == 200)
    }

    static func recovers(_ host: RunningHost) async throws {
        try await eventually("the host is ready again") {
            try await host.get("/readyz", as: Anything.self).status == 200 ? true : nil
        }
        let run = try await host.post("/api/v1/runs", noop, as: RunView.self)
        #expect(run.status == 201)
        let ended = try await host.get("/api/v1/runs/\(run.value.id)/wait?timeout=60s", as: RunView.self).value
        #expect(ended.state == "succeeded")
    }

    /// A folder with one small plugin: copies of it take room.
    static func chaos() throws -> URL {
        let folder = temporaryFolder("plugins")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try FileManager.default.copyItem(
            at: RunningHost.projectPlugins.appendingPathComponent("chaos.so"),
            to: folder.appendingPathComponent("chaos.so"))
        return folder
    }

    private static func fill(_ file: URL) throws {
        let descriptor = open(file.path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        defer { close(descriptor) }
        let block = [UInt8](repeating: 1, count: 4096)
        while write(descriptor, block, block.count) > 0 {}
        #expect(errno == ENOSPC)
    }

    /// The file is in the host's memory: its bytes are changed, not replaced.
    static func set(_ control: URL, _ fault: String) throws {
        let file = try FileHandle(forWritingTo: control)
        try file.write(contentsOf: Data(fault.utf8))
        try file.close()
    }
}

/// Whether tests may have file systems of their own.
private enum Mounts {
    static let arePossible: Bool = {
        let trial = Process()
        trial.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        trial.arguments = ["unshare", "-m", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
        trial.standardError = FileHandle.nullDevice
        guard (try? trial.run()) != nil else { return false }
        trial.waitUntilExit()
        return trial.terminationStatus == 0
    }()
}
