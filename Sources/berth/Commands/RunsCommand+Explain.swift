import ArgumentParser
import HostHTTP
import JobModel

extension RunsCommand {
    struct Explain: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Why a run has not started, or why it ended as it did.",
            discussion: "One sentence for each thing in its way, with the command that removes it.")
        @OptionGroup var argument: RunArgument
        @OptionGroup var host: HostOptions

        func run() async throws {
            try await host.show({ try await $0.get(argument.path + "/explain") }) {
                for line in Self.lines(ExplanationView(json: $0)) { print(line) }
            }
        }

        static func lines(_ explanation: ExplanationView) -> [String] {
            var lines = ["run \(explanation.run) is \(explanation.state). \(Terminal.plain(explanation.sentence))"]
            for obstacle in explanation.obstacles {
                lines.append("- \(Terminal.plain(obstacle.sentence))")
                if let command = obstacle.command { lines.append("  \(Terminal.plain(command))") }
            }
            return lines + explanation.commands.map { "  \(Terminal.plain($0))" }
        }
    }
}
