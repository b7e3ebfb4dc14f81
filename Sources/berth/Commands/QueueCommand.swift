import ArgumentParser
import HostHTTP
import JobModel
import NIOHTTP1

struct QueueCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "queue", abstract: "Look at queues, pause them, set their slots.",
        subcommands: [List.self, Show.self, Pause.self, Resume.self, SetSlots.self], defaultSubcommand: List.self)

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
        static let configuration = CommandConfiguration(abstract: "One queue.")
        @OptionGroup var queue: QueueArgument
        @OptionGroup var host: HostOptions

        func run() async throws {
            try await host.show({ try await $0.get(queue.path) }) { QueueTable.table([QueueView(json: $0)]).print() }
        }
    }

    struct Pause: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Start nothing more from a queue.")
        @OptionGroup var queue: QueueArgument
        @OptionGroup var host: HostOptions

        func run() async throws { try await host.change(queue, QueueChange(paused: true)) }
    }

    struct Resume: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Let a paused queue go on.")
        @OptionGroup var queue: QueueArgument
        @OptionGroup var host: HostOptions

        func run() async throws { try await host.change(queue, QueueChange(paused: false)) }
    }

    struct SetSlots: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "set", abstract: "Say how many attempts of a queue may run at once; makes the queue when new.")
        @OptionGroup var queue: QueueArgument
        @Option(help: "Attempts at once.")
        var slots: Int
        @OptionGroup var host: HostOptions

        func run() async throws { try await host.change(queue, QueueChange(slots: slots)) }
    }
}

extension HostOptions {
    fileprivate func change(_ queue: QueueCommand.QueueArgument, _ change: QueueChange) async throws {
        try await show({ try await $0.send(.PUT, queue.path, body: change.json) }) {
            QueueTable.table([QueueView(json: $0)]).print()
        }
    }
}

enum QueueTable {
    static func table(_ queues: [QueueView]) -> Table {
        var table = Table([
            .init("QUEUE"), .init("SLOTS", .right), .init("RUNNING", .right), .init("PENDING", .right), .init("STATE"),
            .init("OLDEST WAITING"),
        ])
        for queue in queues {
            table.add([
                queue.name, String(queue.slots), String(queue.running), String(queue.pending),
                queue.paused ? "paused" : "open",
                queue.oldest.map { "run \($0.id) (\($0.component)), due \(RelativeTime.words($0.due) ?? "")" },
            ])
        }
        return table
    }
}
