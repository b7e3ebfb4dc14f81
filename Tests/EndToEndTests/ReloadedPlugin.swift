import Foundation
import TestSupport

/// A plugin that gets another version again and again while its runs go on: none of them may fail for it.
struct ReloadedPlugin {
    let host: RunningHost
    private let versions: [Data]
    private var file: URL { host.plugins.appendingPathComponent("busy.so") }

    init(_ host: RunningHost) throws {
        self.host = host
        versions = try (0...1).map { number in
            try Data(
                contentsOf: FixturePlugin.library(
                    "catalog",
                    flags: ["-DPLUGIN_ID=\"busy\"", "-DPLUGIN_VERSION=\"1.0.\(number)\"", "-DTELLS_VERSION"]))
        }
    }

    func begin() async throws {
        try versions[0].write(to: file)
        try await offers("1.0.0")
    }

    /// Odd rounds bring the one version, even rounds the other; every fourth is copied over the file that is there instead of
    /// being renamed into its place.
    func reload(round: Int) async throws -> AttackTally {
        var tally = AttackTally()
        let version = "1.0.\(round % 2)"
        let before = try await host.enqueue(requests(20))
        try versions[round % 2].write(to: file, options: round % 4 < 2 ? .atomic : [])
        let between = try await host.enqueue(requests(20))
        try await offers(version)
        let after = try await host.enqueue(requests(10))
        tally.count("reloads", round % 4 < 2 ? "by renaming" : "by copying", "reloaded")
        for run in before + between + after {
            let view = try await host.end(of: run)
            let isRight = view.state == "succeeded" && (!after.contains(run) || view.outputText == version)
            if isRight { tally.countOrdinary() } else { tally.fault("reload to \(version): \(view)") }
        }
        return tally
    }

    private func requests(_ count: Int) -> [String] {
        Array(repeating: #"{"component": "busy/noop", "retry": {"attempts": 1, "crashes": 1}}"#, count: count)
    }

    private func offers(_ version: String) async throws {
        try await eventually("version \(version) in use", within: .seconds(120), every: .milliseconds(50)) {
            let plugin = try await host.get("/api/v1/plugins/busy", as: Plugin.self).value
            return plugin.version == version && plugin.state == "active" ? true : nil
        }
    }

    /// Nothing in it while the host does not know the plugin.
    private struct Plugin: Decodable {
        var version: String?
        var state: String?
    }
}
