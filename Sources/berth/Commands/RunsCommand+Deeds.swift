import ArgumentParser
import HostHTTP
import JobModel
import NIOHTTP1

// What can be done to runs.
extension RunsCommand {
    struct Cancel: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Cancel a run, or many.",
            discussion: """
                One that waits ends at once; one that runs is asked to stop, and is stopped after its grace.

                \(RunsCommand.filterHelp)
                """)
        @OptionGroup var selection: RunSelection
        @OptionGroup var host: HostOptions

        func run() async throws {
            try await selection.ask("cancel", host) { run in
                print(
                    run.state == .running
                        ? "run \(run.id) was asked to stop" : "run \(run.id) is \(run.state?.word ?? "")")
            }
        }
    }

    struct Retry: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give a run another go that failed, was cancelled, or is held; or many.",
            discussion: """
                Failures and crashes are forgotten. A filter that names no states means failed runs. With --rate the runs are \
                due one after another.

                \(RunsCommand.filterHelp)
                """)
        @OptionGroup var selection: RunSelection
        @Option(help: ArgumentHelp("With --filter or --all: runs per time, such as 50/s.", valueName: "n/time"))
        var rate: String?
        @OptionGroup var host: HostOptions

        func run() async throws {
            try await selection.ask("retry", host, rate: rate) { print("run \($0.id) is \($0.state?.word ?? "")") }
        }
    }

    struct Pause: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let a pending run wait, or many; they are held until they are resumed.",
            discussion: RunsCommand.filterHelp)
        @OptionGroup var selection: RunSelection
        @OptionGroup var host: HostOptions

        func run() async throws {
            try await selection.ask("pause", host) { print("run \($0.id) is \($0.state?.word ?? "")") }
        }
    }

    struct Resume: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let a paused run go on at its old place, or many.", discussion: RunsCommand.filterHelp)
        @OptionGroup var selection: RunSelection
        @OptionGroup var host: HostOptions

        func run() async throws {
            try await selection.ask("resume", host) { print("run \($0.id) is \($0.state?.word ?? "")") }
        }
    }

    struct Edit: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Change params, limits or the due time of a run that is neither running nor has succeeded.",
            discussion: "What is not given stays. `berth runs retry` gives it another go then.")
        @OptionGroup var argument: RunArgument
        @Option(
            help: ArgumentHelp(
                "Params instead of its own, as a JSON object or @FILE that holds one.", valueName: "json|@file"))
        var params: String?
        @Option(
            name: .customShort("p"), parsing: .singleValue,
            help: ArgumentHelp(
                "One param beside its others; a value that is JSON is taken as such, else as text. Repeatable.",
                valueName: "key=value"))
        var param: [String] = []
        @Option(help: ArgumentHelp("Time limit such as 5s, or none.", valueName: "duration"))
        var timeout: String?
        @Option(help: ArgumentHelp("Attempts that may fail before the run fails.", valueName: "n"))
        var retry: Int?
        @Option(help: ArgumentHelp("When a pending run is due, such as 2030-01-31T09:00:00Z.", valueName: "time"))
        var at: String?
        @Option(
            name: .customLong("in"),
            help: ArgumentHelp("How long from now a pending run is due; 0s: at once.", valueName: "duration"))
        var delay: String?
        @OptionGroup var host: HostOptions

        func run() async throws {
            let body = JSONValue.object(present: [
                "params": try params.map { text throws(Failure) in .object(try ParamOptions.object(text)) },
                "set": param.isEmpty ? nil : .object(try ParamOptions.members(param)),
                "timeout": timeout.map(JSONValue.string), "retry": retry.map { .number($0) },
                "at": at.map(JSONValue.string), "in": delay.map(JSONValue.string),
            ])
            guard body != .object([]) else {
                throw Failure(.usage, "Nothing to change; give --params, -p, --timeout, --retry, --at or --in.")
            }
            try await host.show({ try await $0.send(.PATCH, argument.path, body: body) }) {
                RunSheet(RunView(json: $0)).print()
            }
        }
    }

    struct Resolve: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "End a held run as you say who know what it did.",
            discussion: "The run ends without another attempt, and what waits for it goes on.")
        @OptionGroup var argument: RunArgument
        @Option(name: .customLong("as"), help: ArgumentHelp("succeeded, failed or cancelled.", valueName: "state"))
        var state: String
        @Option(help: "How you know, for the history.")
        var reason: String?
        @OptionGroup var host: HostOptions

        func run() async throws {
            let body = JSONValue.object(present: ["as": .string(state), "reason": reason.map(JSONValue.string)])
            try await host.show({ try await $0.post(argument.path + "/resolve", body) }) {
                let run = RunView(json: $0)
                print("run \(run.id) is \(run.state?.word ?? "")")
            }
        }
    }
}
