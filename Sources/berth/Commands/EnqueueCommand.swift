import ArgumentParser
import HostHTTP
import JobModel

struct EnqueueCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enqueue", abstract: "Give the host a run of a component.",
        discussion: """
            Prints the run's number once it is safely stored. With --wait, prints its output when it has ended, and exits \
            with 1 when it did not succeed.
            """)

    @Argument(help: "Component, such as text/wordcount.")
    var component: String

    @OptionGroup var options: ParamOptions

    @Option(help: "Queue; default when not given.")
    var queue: String?

    @Option(parsing: .unconditional, help: "Higher runs first; 0 when not given.")
    var priority: Int?

    @Option(help: ArgumentHelp("Not before this time, such as 2030-01-31T09:00:00Z.", valueName: "time"))
    var at: String?

    @Option(
        name: .customLong("in"),
        help: ArgumentHelp("Not before this long from now, such as 10m.", valueName: "duration"))
    var delay: String?

    @Option(
        help: ArgumentHelp(
            "Not later than this time, or this long after it was due; it expires then.", valueName: "time|duration"))
    var notAfter: String?

    @Option(help: ArgumentHelp("While a run with this key has not ended, make no other.", valueName: "key"))
    var unique: String?

    @Option(
        help: ArgumentHelp(
            "When the key is taken: existing (the default) returns the run that has it, replace gives that run these params "
                + "if it has not started, reject refuses.", valueName: "existing|replace|reject"))
    var onDuplicate: String?

    @Option(parsing: .singleValue, help: ArgumentHelp("A word to find the run by. Repeatable.", valueName: "word"))
    var tag: [String] = []

    @Option(help: ArgumentHelp("Your name for what the run is part of.", valueName: "text"))
    var correlation: String?

    @Option(help: ArgumentHelp("Attempts that may fail before the run fails.", valueName: "n"))
    var retry: Int?

    @Flag(help: "Wait until the run has ended.")
    var wait = false

    @OptionGroup var host: HostOptions

    func request() throws(Failure) -> JSONValue {
        let more = JSONValue.object(present: [
            "queue": queue.map(JSONValue.string), "priority": priority.map { .number($0) },
            "at": at.map(JSONValue.string), "in": delay.map(JSONValue.string),
            "unique": unique.map(JSONValue.string), "retry": retry.map { .number($0) },
            "not_after": notAfter.map(JSONValue.string), "on_duplicate": onDuplicate.map(JSONValue.string),
            "tags": tag.isEmpty ? nil : .texts(tag), "correlation": correlation.map(JSONValue.string),
        ])
        return .object(try options.members(component: component) + (more.members ?? []))
    }

    func run() async throws {
        let request = try request()
        let run = try await host.withClient { client in
            let run = RunView(json: try await client.post("/runs", request))
            return wait ? try await client.waitForEnd(of: run.id) : run
        }
        guard wait else {
            if host.json { Terminal.print(run.json) } else { print(run.id) }
            return
        }
        try RunResult(run).leave(asJSON: host.json)
    }
}
