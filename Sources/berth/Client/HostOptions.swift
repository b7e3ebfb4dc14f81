import ArgumentParser
import Foundation
import HostHTTP
import JobModel

/// How a client finds its host, and how it answers.
struct HostOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Home folder of the host (BERTH_HOME).", valueName: "dir"))
    var home: String?

    @Option(
        help: ArgumentHelp(
            "Host over TCP, such as http://127.0.0.1:7780 (BERTH_HOST; token: BERTH_TOKEN).", valueName: "url"))
    var host: String?

    @Flag(help: "Print JSON instead of a table.")
    var json = false

    func withClient<Result>(_ body: (HostClient) async throws -> Result) async throws -> Result {
        try await HostClient.with(
            HostAddress(host: host, home: home, environment: ProcessInfo.processInfo.environment), body)
    }

    /// Asks once and shows the answer: as JSON, or as people like it.
    func show(
        _ ask: (HostClient) async throws -> JSONValue, _ print: (JSONValue) -> Void
    ) async throws {
        let answer = try await withClient(ask)
        if json { Terminal.print(answer) } else { print(answer) }
    }
}
