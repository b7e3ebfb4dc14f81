import ArgumentParser
import Foundation
import HostHTTP

/// The version of the host and of the guest that is built with it.
let berthVersion = "0.1.0"

@main struct Berth: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "berth",
        abstract: "A job host whose processors are plugins.",
        discussion: """
            Plugins are shared libraries in a folder; each runs in a process of its own. The host schedules, queues and \
            runs jobs, and keeps every run and result in SQLite.

            Clients find the host by its home folder (--home, BERTH_HOME) or by --host URL with BERTH_TOKEN.

            Exit codes: 0 done, 1 the run failed, 2 usage, 3 no host answers, 4 not found, 5 refused, 6 the host or its \
            store is failing.
            """,
        version: berthVersion,
        groupedSubcommands: [
            CommandGroup(name: "Run:", subcommands: [ServeCommand.self, RunCommand.self, EnqueueCommand.self]),
            CommandGroup(
                name: "See and steer:",
                subcommands: [
                    StatusCommand.self, RunsCommand.self, JobCommand.self, QueueCommand.self, UpstreamCommand.self,
                ]),
            CommandGroup(
                name: "Plan:", subcommands: [ScheduleCommand.self, SchedulerCommand.self, SimulateCommand.self]),
            CommandGroup(name: "Extend:", subcommands: [PluginCommand.self, ComponentCommand.self]),
            CommandGroup(
                name: "Keep:",
                subcommands: [BackupCommand.self, RestoreCommand.self, ExportCommand.self, ImportCommand.self]),
            CommandGroup(name: "Set up:", subcommands: [ConfigCommand.self, DoctorCommand.self, DemoCommand.self]),
        ])

    static func main() async {
        do {
            var command = try parseAsRoot(nil)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            leave(with: error)
        }
    }

    private static func leave(with error: any Error) -> Never {
        switch error {
        case let failure as Failure: leave(failure.exit, failure.message)
        case let problem as Problem: leave(Exit(problem.code), problem.detail)
        case let code as ExitCode: Foundation.exit(code.rawValue)
        default:
            // ArgumentParser's help and version come as errors too.
            let isUsage = exitCode(for: error) == .validationFailure
            let message = fullMessage(for: error)
            guard exitCode(for: error) != .success else {
                print(message)
                Foundation.exit(Exit.done.rawValue)
            }
            Terminal.printError(message)
            Foundation.exit((isUsage ? Exit.usage : Exit.unavailable).rawValue)
        }
    }

    private static func leave(_ exit: Exit, _ message: String) -> Never {
        Terminal.printError("berth: \(message)")
        Foundation.exit(exit.rawValue)
    }
}
