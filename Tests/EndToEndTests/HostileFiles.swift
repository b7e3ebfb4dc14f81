import Foundation
import TestSupport

/// Files that are no plugins, or attack as they are loaded, dropped beside a host's plugins: each time with bytes that the
/// host has not seen. They are refused with a reason, and the plugins beside them stay.
struct HostileFiles {
    let host: RunningHost

    private static let quick = [
        "constructor-crash": "SIGSEGV", "constructor-forge": "end of call 18446744073709551615",
        "no-entry": "berth_plugin_v1", "bad-descriptor": "its id is not of the form",
        "constructor-threads": "processes limit of 1024",
    ]
    /// Takes as long as a plugin may for loading.
    private static let slow = ["constructor-hang": "did not finish loading"]

    func drop(round: Int) async throws -> AttackTally {
        var tally = AttackTally()
        let files = round.isMultiple(of: 2) ? Self.quick.merging(Self.slow) { $1 } : Self.quick
        for fixture in files.keys {
            let bytes = try Data(contentsOf: FixturePlugin.library(fixture)) + Data("\(round)".utf8)
            try bytes.write(to: place(fixture, round), options: .atomic)
        }
        for (fixture, reason) in files {
            let said = try await eventually("\(fixture) is judged", within: .seconds(120), every: .milliseconds(200)) {
                try await refusal(of: place(fixture, round).lastPathComponent)
            }
            tally.count("files", fixture, "rejected")
            if !said.contains(reason) { tally.fault("\(fixture): \(said)") }
            try FileManager.default.removeItem(at: place(fixture, round))
        }
        return tally
    }

    private func place(_ fixture: String, _ round: Int) -> URL {
        host.plugins.appendingPathComponent("\(fixture)-\(round).so")
    }

    private func refusal(of name: String) async throws -> String? {
        let list = try await host.get("/api/v1/plugins", as: Plugins.self).value
        return list.plugins.first { $0.path.hasSuffix("/\(name)") && $0.state == "rejected" }.map { $0.reason ?? "" }
    }

    private struct Plugins: Decodable {
        struct Entry: Decodable {
            var path: String
            var state: String
            var reason: String?
        }
        var plugins: [Entry]
    }
}
