import ArgumentParser
import Foundation
import JobModel

struct UpstreamImport: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Make settings of those of another system's worker.",
        discussion: """
            Reads the file and the variables of a worker of the cronjob server and prints what berth.yaml needs to take its \
            place, with comments on what has no counterpart. Keys are not copied.
            """)

    @Argument(help: "config_worker.json, in either of its forms. Without it, the environment alone is read.")
    var file: String?
    @Option(help: "What to call the upstream.")
    var name = "cronjob"
    @Option(name: .shortAndLong, help: "Write to a new file instead.")
    var output: String?

    func run() throws {
        guard Identifier.isName(name) else {
            throw Failure(.usage, "--name must be a-z, 0-9, -, . and _, a letter first; it is \"\(name.excerpt)\".")
        }
        let yaml = CronjobImport(file: try read(), environment: ProcessInfo.processInfo.environment).yaml(name: name)
        guard let output else { return print(yaml, terminator: "") }
        do {
            try Data(yaml.utf8).write(to: URL(fileURLWithPath: output), options: .withoutOverwriting)
        } catch {
            throw Failure(.usage, "Cannot write \(output): \(error.systemWords)".withStop)
        }
    }

    private func read() throws -> JSONValue? {
        guard let file else { return nil }
        guard let bytes = TextFile.bytes(AbsolutePath.of(file)) else {
            throw Failure(.usage, "Cannot read \(file).")
        }
        do { return try JSONParser.parse(bytes) } catch { throw Failure(.usage, "\(file): \(error)".withStop) }
    }
}
