import ArgumentParser
import HostHTTP
import JobModel
import NIOHTTP1

struct QueueCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "queue", abstract: "Look at queues, pause or drain them, set what they may do.",
        subcommands: [List.self, Show.self, Pause.self, Resume.self, Drain.self, Set.self],
        defaultSubcommand: List.self)

    struct QueueArgument: ParsableArguments {
        @Argument(help: "Name of the queue.")
        var name: String

        var path: String { "/queues/\(HostClient.escape(name))" }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List queues.")
        @OptionGroup var host: HostOptions

        func run() async throws {
            try await host.show({ try await $0.get("/queues") }) {
                QueueTable.table(($0["queues"]?.array ?? []).map(QueueView.init(json:))).print()
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Everything about one queue.")
        @OptionGroup var queue: QueueArgument
        @OptionGroup var host: HostOptions

        func run() async throws {
            try await host.show({ try await $0.get(queue.path) }) { QueueTable.facts(QueueView(json: $0)).print() }
        }
    }

    struct Pause: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Start nothing more from a queue.",
            discussion: "It takes new runs all the same, and attempts that are under way go on.")
        @OptionGroup var queue: QueueArgument
        @OptionGroup var host: HostOptions

        func run() async throws { try await host.change(queue, QueueChange(mode: .paused)) }
    }

    struct Resume: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Let a queue that is paused or draining go on.")
        @OptionGroup var queue: QueueArgument
        @OptionGroup var host: HostOptions

        func run() async throws { try await host.change(queue, QueueChange(mode: .open)) }
    }

    struct Drain: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take no new runs into a queue and let it work off what it has.",
            discussion: """
                Requests for runs in it are refused with queue_draining, and schedules leave a row that says so. Retries and \
                children of runs that are there belong to what it has.
                """)
        @OptionGroup var queue: QueueArgument
        @OptionGroup var host: HostOptions

        func run() async throws { try await host.change(queue, QueueChange(mode: .draining)) }
    }

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "set", abstract: "Say what a queue may do; with --slots, make it if it is new.",
            discussion: """
                What is not given stays as it is. Changes hold at once and stay over restarts, unless berth.yaml says \
                otherwise.
                """)
        @OptionGroup var queue: QueueArgument
        @Option(help: ArgumentHelp("Attempts at once, at most.", valueName: "n"))
        var slots: Int?
        @Option(
            help: ArgumentHelp("Slots that stay while nothing is to do; as --slots when not given.", valueName: "n"))
        var minSlots: Int?
        @Option(help: ArgumentHelp("Starts per time, such as 10/s or 100/m, or none.", valueName: "n/time|none"))
        var rate: String?
        @Option(help: ArgumentHelp("Starts at once after a rest; belongs to --rate.", valueName: "n"))
        var burst: Int?
        @Option(
            help: ArgumentHelp(
                "Pending runs that requests may make; more are refused with queue_full. Or none.", valueName: "n|none"))
        var maxPending: String?
        @Option(
            help: ArgumentHelp(
                "A point of priority for each such time that runs are passed over, or none.", valueName: "duration|none"
            ))
        var aging: String?
        @Option(
            help: ArgumentHelp(
                "What runs before each run that names no step of its own: a component or a JSON object.",
                valueName: "component|json|none"))
        var preStep: String?
        @Option(help: ArgumentHelp("What runs after each, in the same way.", valueName: "component|json|none"))
        var postStep: String?
        @OptionGroup var host: HostOptions

        /// As HTTP clients send it, so that the same rules hold.
        func request() throws(Failure) -> JSONValue {
            .object(present: [
                "slots": slots.map { .number($0) }, "min_slots": minSlots.map { .number($0) },
                "rate": rate.map(JSONValue.string), "burst": burst.map { .number($0) },
                "max_pending": maxPending.map { Int($0).map { .number($0) } ?? .string($0) },
                "aging": aging.map(JSONValue.string),
                "pre_step": try preStep.map { text throws(Failure) in try Self.step(text, "--pre-step") },
                "post_step": try postStep.map { text throws(Failure) in try Self.step(text, "--post-step") },
            ])
        }

        private static func step(_ text: String, _ flag: String) throws(Failure) -> JSONValue {
            guard text.hasPrefix("{") else { return .string(text) }
            do { return try JSONParser.parse(text) } catch { throw Failure(.usage, "\(flag) is not JSON: \(error).") }
        }

        func run() async throws {
            let request = try request()
            guard request != .object([]) else {
                throw Failure(
                    .usage,
                    "Nothing to set; give --slots, --min-slots, --rate, --max-pending, --aging, --pre-step or --post-step."
                )
            }
            try await host.put(queue, request)
        }
    }
}

extension HostOptions {
    fileprivate func change(_ queue: QueueCommand.QueueArgument, _ change: QueueChange) async throws {
        try await put(queue, change.json)
    }

    fileprivate func put(_ queue: QueueCommand.QueueArgument, _ body: JSONValue) async throws {
        try await show({ try await $0.send(.PUT, queue.path, body: body) }) {
            QueueTable.table([QueueView(json: $0)]).print()
        }
    }
}
