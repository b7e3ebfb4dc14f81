import Foundation
import TestSupport
import Testing

/// `berth plugin check` and `bench` as a plugin's author meets them.
@Suite(.serialized)
struct PluginCheckCommandTests {
    private struct Report: Decodable {
        struct Entry: Decodable {
            var name: String
            var result: String
            var text: String?
            var remedy: String?
        }

        var fit: Bool
        var plugin: String?
        var checks: [Entry]
    }

    /// `chaos` misbehaves on purpose; what it has of plain components is as good as anybody's.
    @Test(arguments: [
        "text", "checksum", "command", "script", "http", "file", "container",
        "chaos noop sleep clock fail-permanent count effect",
    ])
    func `the project's own plugins are fit to be shipped`(plugin: String) async throws {
        let words = plugin.split(separator: " ").map(String.init)
        let library = RunningHost.projectPlugins.appendingPathComponent("\(words[0]).so").path
        let finished = try await Shell.run(
            [RunningHost.program, "plugin", "check", library, "--seed", "1", "--json"] + words.dropFirst())
        let report = try JSONDecoder().decode(Report.self, from: Data(finished.output.utf8))
        // `make` built them; it is `berth plugin build` that stamps the manifest.
        let failed = report.checks.filter { check in
            ["failed", "not_run"].contains(check.result) && check.name != "manifest-present"
        }
        #expect(failed.isEmpty, "\(failed.map { "\($0.name): \($0.text ?? "")" })")
        #expect(finished.status == 0 && report.fit && report.plugin == words[0])
        #expect(report.checks.count > 50)
    }

    @Test func `what is wrong comes with what to do, and with the exit code`() async throws {
        let library = RunningHost.projectPlugins.appendingPathComponent("chaos.so").path
        let json = try await Shell.run(RunningHost.program, "plugin", "check", library, "segfault", "--json")
        #expect(json.status == 1)
        let report = try JSONDecoder().decode(Report.self, from: Data(json.output.utf8))
        let failed = report.checks.filter { $0.result == "failed" }
        #expect(!report.fit && !failed.isEmpty)
        #expect(failed.allSatisfy { $0.remedy?.isEmpty == false })
        let table = try await Shell.run(RunningHost.program, "plugin", "check", library, "segfault")
        #expect(table.status == 1)
        #expect(table.output.contains("what to do:") && table.output.contains("SIGSEGV"))
    }

    @Test func `what cannot be checked is a matter of usage`() async throws {
        let missing = try await Shell.run(RunningHost.program, "plugin", "check", "/nowhere.so")
        #expect(missing.status == 2 && missing.errors.contains("/nowhere.so"))
        let library = RunningHost.projectPlugins.appendingPathComponent("text.so").path
        let other = try await Shell.run(RunningHost.program, "plugin", "check", library, "nothing")
        #expect(other.status == 2 && other.errors.contains("wordcount"))
        let broken = try await Shell.run(RunningHost.program, "plugin", "check", library, "--params", "{")
        #expect(broken.status == 2 && broken.errors.contains("--params"))
    }

    @Test func `bench says how fast a component is`() async throws {
        struct Bench: Decodable {
            struct Entry: Decodable {
                var component: String
                var runs_per_second: Int
                var p50_ns: Int
                var p99_ns: Int
                var memory_bytes_per_run: Int
            }

            var components: [Entry]
        }
        let library = RunningHost.projectPlugins.appendingPathComponent("chaos.so").path
        let finished = try await Shell.run(
            RunningHost.program, "plugin", "bench", library, "noop", "--seconds", "0.1", "--json")
        #expect(finished.status == 0, "\(finished.errors)")
        let bench = try JSONDecoder().decode(Bench.self, from: Data(finished.output.utf8))
        let noop = try #require(bench.components.first)
        #expect(noop.component == "noop" && noop.runs_per_second > 100 && noop.p50_ns <= noop.p99_ns)
    }
}
