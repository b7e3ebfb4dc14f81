import ArgumentParser
import HostHTTP
import JobModel

struct RunsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "runs", abstract: "List runs, look at one, explain, cancel or retry it.",
        subcommands: [List.self, Show.self, Explain.self, Logs.self, Cancel.self, Retry.self],
        defaultSubcommand: List.self)

    /// A run by number, or the newest.
    struct RunArgument: ParsableArguments {
        @Argument(help: "Number of the run, or last.")
        var run: String

        var path: String { "/runs/\(HostClient.escape(run))" }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List runs, new to old.")

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
                        "state": state, "component": component, "job": job, "queue": queue,
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

    struct Cancel: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Cancel a run.",
            discussion: "One that waits ends at once; one that runs is asked to stop, and is stopped after its grace.")
        @OptionGroup var argument: RunArgument
        @Option(help: "Why, for the history.")
        var reason: String?
        @OptionGroup var host: HostOptions

        func run() async throws {
            let body = JSONValue.object(present: ["reason": reason.map(JSONValue.string)])
            try await host.show({ try await $0.post(argument.path + "/cancel", body) }) {
                let run = RunView(json: $0)
                print(
                    run.state == .running
                        ? "run \(run.id) was asked to stop" : "run \(run.id) is \(run.state?.word ?? "")")
            }
        }
    }

    struct Retry: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give a run another go that failed, was cancelled, or is held.")
        @OptionGroup var argument: RunArgument
        @OptionGroup var host: HostOptions

        func run() async throws {
            try await host.show({ try await $0.post(argument.path + "/retry") }) {
                let run = RunView(json: $0)
                print("run \(run.id) is \(run.state?.word ?? "")")
            }
        }
    }
}
