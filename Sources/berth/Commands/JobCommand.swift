import ArgumentParser
import HostHTTP
import JobModel
import NIOHTTP1

struct JobCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "job", abstract: "Define jobs, look at them, pause or trigger them.",
        subcommands: [
            Apply.self, List.self, Show.self, Pause.self, Resume.self, Enable.self, Disable.self, Trigger.self,
            Delete.self,
        ])

    struct JobArgument: ParsableArguments {
        @Argument(help: "Name of the job.")
        var name: String

        var path: String { "/jobs/\(HostClient.escape(name))" }
    }

    struct Apply: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make the host's jobs be those of a file.",
            discussion: """
                The file is YAML: jobs with name, component, params, and a schedule (cron, every, daily, weekly, \
                monthly, calendar, at, or none). A \
                file with a mistake changes nothing.
                """)

        @Option(name: [.customShort("f"), .long], help: ArgumentHelp("File of jobs; - for stdin.", valueName: "file"))
        var file: String
        @Flag(help: "Delete jobs that came from files and are not in this one.")
        var prune = false
        @OptionGroup var host: HostOptions

        func run() async throws {
            try await JobApplication(file: file, prune: prune).run(host)
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List jobs.")
        @OptionGroup var host: HostOptions

        func run() async throws {
            try await host.show({ try await $0.get("/jobs") }) {
                JobTable.table(($0["jobs"]?.array ?? []).map(JobView.init(json:)), now: SystemClock.now).print()
                let refused = ($0["refused"]?.array ?? []).map(RefusedDefinitionView.init(json:))
                guard !refused.isEmpty else { return }
                print("\nrefused definitions")
                RefusedTable.table(refused).print()
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Everything about one job.")
        @OptionGroup var job: JobArgument
        @OptionGroup var host: HostOptions

        func run() async throws {
            try await host.show({ try await $0.get(job.path) }) { JobTable.facts(JobView(json: $0)).print() }
        }
    }

    struct Pause: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let a job's schedule rest, over restarts too, until it is resumed.",
            discussion: "For jobs from every source.")
        @OptionGroup var job: JobArgument
        @OptionGroup var host: HostOptions

        func run() async throws {
            try await host.show({ try await $0.post(job.path + "/pause") }) { _ in print("\(job.name) is paused") }
        }
    }

    struct Resume: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Let a paused job's schedule go on.")
        @OptionGroup var job: JobArgument
        @OptionGroup var host: HostOptions

        func run() async throws {
            try await host.show({ try await $0.post(job.path + "/resume") }) {
                let next = RelativeTime.words(JobView(json: $0).nextFire)
                print("\(job.name) goes on" + (next.map { ", next \($0)" } ?? ""))
            }
        }
    }

    struct Enable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let a job's schedule fire again.",
            discussion:
                "For jobs of the API and of applied files; others are enabled where they are defined. See `job pause`.")
        @OptionGroup var job: JobArgument
        @OptionGroup var host: HostOptions

        func run() async throws {
            try await host.show({ try await $0.post(job.path + "/enable") }) { _ in print("\(job.name) is enabled") }
        }
    }

    struct Disable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let a job's schedule fire no more; unlike a pause, what was due meanwhile is not missed.",
            discussion: "For jobs of the API and of applied files; others are disabled where they are defined.")
        @OptionGroup var job: JobArgument
        @OptionGroup var host: HostOptions

        func run() async throws {
            try await host.show({ try await $0.post(job.path + "/disable") }) { _ in print("\(job.name) is disabled") }
        }
    }

    struct Trigger: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make a run of a job now, beside its schedule.")
        @OptionGroup var job: JobArgument
        @Flag(help: "Only if its schedule could start it now: enabled, not paused, and no run of it open.")
        var strict = false
        @Flag(help: "Wait until the run has ended.")
        var wait = false
        @OptionGroup var host: HostOptions

        func run() async throws {
            let run = try await host.withClient { client in
                let run = RunView(json: try await client.post(job.path + "/trigger", ["strict": .bool(strict)]))
                return wait ? try await client.waitForEnd(of: run.id) : run
            }
            if wait { return try RunResult(run).leave(asJSON: host.json) }
            if host.json { Terminal.print(run.json) } else { print(run.id) }
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Delete a job; its runs stay.")
        @OptionGroup var job: JobArgument
        @OptionGroup var host: HostOptions

        func run() async throws {
            _ = try await host.withClient { try await $0.send(.DELETE, job.path) }
            if host.json { Terminal.print(["deleted": .string(job.name)]) } else { print("\(job.name) is deleted") }
        }
    }
}
