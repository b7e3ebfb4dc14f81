import Foundation
import TestSupport
import Testing

/// kill -9 of the host, and what becomes of the programs that its guests had started.
struct KillTests {
    @Test func `a program dies with its guest and runs exactly once again`() async throws {
        let home = temporaryFolder()
        let seconds = "60.\(Int.random(in: 100_000...999_999))"  // finds our own programs among everybody's
        let first = try await RunningHost.start(home: home)
        let body = """
            {"component": "command/command", "params": {"program": "sleep", "args": ["\(seconds)"]}}
            """
        let run = try await first.post("/api/v1/runs", body, as: RunView.self).value
        try await eventually("the program runs") { try Self.copies(of: seconds) == 1 ? true : nil }
        first.kill()
        try await RunningHost.with(home: home) { second in
            let again = try await eventually("the run goes again") {
                let view = try await second.get("/api/v1/runs/\(run.id)", as: RunView.self).value
                let copies = try Self.copies(of: seconds)
                return view.state == "running" && copies == 1 ? view : nil
            }
            #expect(again.interruptions == 1)
            #expect(try Self.copies(of: seconds) == 1)
            _ = try await second.post("/api/v1/runs/\(run.id)/cancel", as: Anything.self)
            let ended = try await second.get("/api/v1/runs/\(run.id)/wait?timeout=20s", as: RunView.self).value
            #expect(ended.state == "cancelled")
            try await eventually("the program is gone") { try Self.copies(of: seconds) == 0 ? true : nil }
        }
    }

    @Test(arguments: ["replace-guest", "leave-child"])
    func `a program that nothing in its environment tells of does not outlive the start of the next host`(
        component: String
    ) async throws {
        let (home, plugins) = (temporaryFolder(), temporaryFolder("plugins"))
        defer { for folder in [home, plugins] { try? FileManager.default.removeItem(at: folder) } }
        for folder in [home, plugins] {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        }
        let library = plugins.appendingPathComponent("outliving.so")
        try FileManager.default.copyItem(at: FixturePlugin.library("outliving"), to: library)
        try Data("plugins: {outliving: {grants: [subprocess]}}\n".utf8).write(
            to: home.appendingPathComponent("berth.yaml"))
        let seconds = "60.\(Int.random(in: 100_000...999_999))"
        let first = try await RunningHost.start(home: home, plugins: plugins)
        _ = try await eventually("the run is taken") {
            let words = ["outliving/\(component)", "--params", #"{"seconds":"\#(seconds)"}"#]
            return try await first.berth(["enqueue"] + words).status == 0 ? true : nil
        }
        try await eventually("the program runs") { try Self.copies(of: seconds) == 1 ? true : nil }
        first.kill()
        // Without its plugin, so that the run does not go again.
        try FileManager.default.removeItem(at: library)
        try await RunningHost.with(home: home, plugins: plugins) { _ in
            let left = try Self.copies(of: seconds)
            #expect(left == 0)
        }
    }

    /// How many processes of this machine run `sleep` for exactly so long.
    private static func copies(of seconds: String) throws -> Int {
        let words = Data("sleep\0\(seconds)\0".utf8)
        return try FileManager.default.contentsOfDirectory(atPath: "/proc").count { name in
            // A process may end while it is looked at.
            Int(name) != nil && FileManager.default.contents(atPath: "/proc/\(name)/cmdline") == words
        }
    }
}
