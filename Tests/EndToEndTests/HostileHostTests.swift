import Foundation
import TestSupport
import Testing

/// A plugin that attacks the very host that runs it.
struct HostileHostTests {
    @Test func `no run gets at the doors and files of its host`() async throws {
        let (home, plugins) = (temporaryFolder(), temporaryFolder("plugins"))
        defer { for folder in [home, plugins] { try? FileManager.default.removeItem(at: folder) } }
        try FileManager.default.createDirectory(at: plugins, withIntermediateDirectories: true)
        let dropped = plugins.appendingPathComponent("escapes.so")
        try FileManager.default.copyItem(at: FixturePlugin.library("escapes"), to: dropped)
        try await RunningHost.with(home: home, plugins: plugins) { host in
            let files = ["token", "berth.db", "berth.sock", "."].map { home.appendingPathComponent($0).path }
            let staged = try await eventually("the plugin is staged") {
                try Self.staged(in: home)
            }
            for (attempt, write) in [
                ("host-socket", files[0]), ("pair-elsewhere", files[0]), ("own-socket-elsewhere", files[0]),
                ("host-port", files[0]), ("trace-host", files[0]), ("kill-host", files[0]), ("read-file", files[0]),
                ("write-file", files[1]), ("cut-file", files[1]), ("remove-file", files[2]), ("change-mode", files[3]),
                ("change-owner", files[3]), ("write-file", staged), ("change-mode", staged), ("remove-file", staged),
                ("write-file", dropped.path), ("cut-by-reading", dropped.path), ("remove-file", dropped.path),
            ] {
                let params = """
                    {"pid":\(host.pid),"port":\(host.port),"socket":"\(files[2])","read":"\(write)","write":"\(write)"}
                    """
                let ran = try await host.berth("enqueue", "escapes/\(attempt)", "--params", params, "--wait")
                #expect(ran.status == 1, "\(attempt) \(write): \(ran.output)\(ran.errors)")
                #expect(ran.errors.contains("ended as failed"), "\(attempt) \(write): \(ran.errors)")
            }
            // Each run was made by this test alone, and the host is as it was.
            #expect(try await host.get("/api/v1/runs?limit=100", as: Page.self).value.runs.count == 18)
            #expect(try FileManager.default.attributesOfItem(atPath: home.path)[.posixPermissions] as? Int == 0o700)
            #expect(try Data(contentsOf: dropped) == Data(contentsOf: FixturePlugin.library("escapes")))
        }
    }

    @Test func `whoever may use the network gets to the port, which asks for a token that cannot be read`() async throws
    {
        let (home, plugins) = (temporaryFolder(), temporaryFolder("plugins"))
        defer { for folder in [home, plugins] { try? FileManager.default.removeItem(at: folder) } }
        for folder in [home, plugins] {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        }
        let library = try Escapes.library(id: "networker", flags: "BERTH_FLAG_NETWORK")
        try FileManager.default.copyItem(at: library, to: plugins.appendingPathComponent("networker.so"))
        try Data("plugins: {networker: {grants: [network]}}\n".utf8).write(
            to: home.appendingPathComponent("berth.yaml"))
        try await RunningHost.with(home: home, plugins: plugins) { host in
            let token = home.appendingPathComponent("token").path
            let params = #"{"port":\#(host.port),"read":"\#(token)"}"#
            let connected = try await host.berth(
                "enqueue", "networker/host-port", "--params", params, "--wait")
            #expect(connected.status == 0, "\(connected.errors)")
            let asked = try await host.berth("enqueue", "networker/ask-port", "--params", params, "--wait")
            #expect(asked.errors.contains("ended as failed: Permission denied"), "\(asked.errors)")
            #expect(try await host.get("/api/v1/runs?limit=100", as: Page.self).value.runs.count == 2)
        }
    }

    private struct Page: Decodable {
        var runs: [RunView]
    }

    private static func staged(in home: URL) throws -> String? {
        let files = FileManager.default.enumerator(
            at: home.appendingPathComponent("staged"), includingPropertiesForKeys: nil)
        return (files?.compactMap { $0 as? URL } ?? []).first { $0.pathExtension == "so" }?.path
    }
}
