import ArgumentParser
import HostHTTP
import JobModel

struct RunsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "runs", abstract: "List runs, look at them, explain, cancel, retry, pause, edit or resolve them.",
        subcommands: [
            List.self, Show.self, Explain.self, Logs.self, Cancel.self, Retry.self, Pause.self, Resume.self, Edit.self,
            Resolve.self,
        ], defaultSubcommand: List.self)

    static let filterHelp = """
        A filter is terms with blanks between: \(RunFilter.terms.map(\.key).joined(separator: ", ")), each followed by a colon \
        and a value, such as --filter 'component:text/grep state:failed,expired since:02:00 tag:nightly'. Values with \
        blanks stand in double quotes.
        """

    /// A run by number, or the newest.
    struct RunArgument: ParsableArguments {
        @Argument(help: "Number of the run, or last.")
        var run: String

        var path: String { "/runs/\(HostClient.escape(run))" }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List runs, new to old.", discussion: RunsCommand.filterHelp)

        @Option(help: ArgumentHelp("Only runs of which all of this holds.", valueName: "terms"))
        var filter: String?
        @Option(help: ArgumentHelp("Only these states, with commas between.", valueName: "a,b"))
        var state: String?
        @Option(help: "Only runs of this component.")
        var component: String?
        @Option(help: "Only runs of this job.")
        var job: String?
        @Option(help: "Only runs of this queue.")
        var queue: String?
        @Option(help: ArgumentHelp("Only children of this run.", valueName: "id"))
        var parent: Int64?
        @Option(
            help: ArgumentHelp(
                "Only runs made since a time, or for the last while, such as 2h.", valueName: "time|duration"))
        var since: String?
        @Option(help: ArgumentHelp("Only runs with a number below this.", valueName: "id"))
        var before: Int64?
        @Option(help: "At most so many.")
        var limit = 25
        @OptionGroup var host: HostOptions

        /// A time as it is; a duration as the time that long ago.
        static func since(_ text: String?, now: Instant) -> String? {
            guard let text, let ago = Duration(berthText: text) else { return text }
            return Instant(microseconds: now.microseconds - ago.microseconds).rfc3339
        }

        func run() async throws {
            try await host.show({
                try await $0.get(
                    "/runs",
                    [
                        "filter": filter, "state": state, "component": component, "job": job, "queue": queue,
                        "parent": parent.map(String.init),
                        "since": Self.since(since, now: SystemClock.now), "before": before.map(String.init),
                        "limit": String(limit),
                    ])
            }) { RunTable.print(RunPageView(json: $0)) }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Everything about one run.")
        @OptionGroup var argument: RunArgument
        @OptionGroup var host: HostOptions

        func run() async throws {
            try await host.show({ try await $0.get(argument.path) }) { RunSheet(RunView(json: $0)).print() }
        }
    }

    struct Logs: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "What a run logged and printed.")
        @OptionGroup var argument: RunArgument
        @Flag(name: [.customShort("f"), .long], help: "Go on until the run has ended.")
        var follow = false
        @OptionGroup var host: HostOptions

        func run() async throws {
            try await host.withClient { client in
                if follow {
                    return try await client.lines(argument.path + "/logs", ["follow": "true"], show)
                }
                var position: Int64 = 0
                while true {
                    let json = try await client.get(argument.path + "/logs", ["after": String(position)])
                    let page = LogPageView(json: json)
                    for line in page.lines { show(line.json) }
                    guard !page.lines.isEmpty, page.next > position else { return }
                    position = page.next
                }
            }
        }

        private func show(_ json: JSONValue) {
            print(host.json ? json.text : LogText.line(LogLineView(json: json)))
            Terminal.flush()
        }
    }
}
