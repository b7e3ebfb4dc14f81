import ArgumentParser
import Foundation
import HostHTTP
import JobModel

struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Print all jobs as a job file.",
        discussion: """
            The file is what the jobs folder, `berth job apply` and `berth import` take. Params that are secret are in it \
            as they are: keep it to yourself. A comment names the jobs that are paused; they are not when imported.
            """)

    @OptionGroup var host: HostOptions

    func run() async throws {
        let answer = try await host.withClient { try await $0.get("/export") }
        guard !host.json else { return Terminal.print(["jobs": answer["jobs"] ?? .array([])]) }
        let paused = (answer["paused"]?.array ?? []).compactMap(\.string)
        print("# Jobs of a berth host, exported at \(SystemClock.now.rfc3339).")
        if !paused.isEmpty { print("# Paused there: \(paused.joined(separator: ", ")).") }
        print(try JobFile.text(of: answer["jobs"]?.array ?? []), terminator: "")
    }
}

struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Define the jobs of a file that `berth export` printed.",
        discussion: """
            YAML or JSON; - for stdin. Jobs of the same names are changed, others stay as they are. A file with a mistake \
            changes nothing.
            """)

    @Argument(help: ArgumentHelp("File of jobs; - for stdin.", valueName: "file"))
    var file: String
    @OptionGroup var host: HostOptions

    func run() async throws {
        try await JobApplication(file: file, prune: false).run(host)
    }
}
