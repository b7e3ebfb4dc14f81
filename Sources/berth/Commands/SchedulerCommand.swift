import ArgumentParser
import HostHTTP
import JobModel

struct SchedulerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scheduler", abstract: "Let all schedules of the host fire, or none of them.",
        discussion: "A stop lasts until a start or the host's end; `berth job pause` is about one job, and lasts.",
        subcommands: [Show.self, Start.self, Stop.self], defaultSubcommand: Show.self)

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Say whether schedules fire.")
        @OptionGroup var host: HostOptions

        func run() async throws {
            try await host.show({ try await $0.get("/scheduler/jobs") }, SchedulerCommand.tell)
        }
    }

    struct Start: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let all schedules fire.",
            discussion: "What was due while they rested was missed; each job's policy says what becomes of it.")
        @OptionGroup var host: HostOptions

        func run() async throws {
            try await host.show({ try await $0.post("/scheduler/start") }, SchedulerCommand.tell)
        }
    }

    struct Stop: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let no schedule fire; runs that somebody asks for are made all the same.")
        @OptionGroup var host: HostOptions

        func run() async throws {
            try await host.show({ try await $0.post("/scheduler/stop") }, SchedulerCommand.tell)
        }
    }

    @Sendable private static func tell(_ json: JSONValue) {
        print("schedules: \(json["schedules"]?.string ?? "unknown")")
    }
}
