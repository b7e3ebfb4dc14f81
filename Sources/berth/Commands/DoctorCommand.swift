import ArgumentParser
import HostHTTP
import JobModel

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Say what this machine and home can do, and what is wrong.",
        discussion: """
            Reads the whole store, whether a host works on it or not, and checks every rule that its rows keep. What is \
            broken is explained with what to do. Exits with 6 when something would keep a host from working.
            """)

    @Option(help: ArgumentHelp("Home folder (BERTH_HOME).", valueName: "dir"))
    var home: String?
    @Flag(help: "Print JSON instead of a table.")
    var json = false

    func run() async throws {
        let settings = try Settings(flags: home.map { [.home: $0] } ?? [:])
        let findings = await Diagnosis(settings: settings).findings()
        if json {
            Terminal.print(["findings": .array(findings.map(\.json))])
        } else {
            var table = Table([.init(""), .init("WHAT"), .init("FOUND")])
            for finding in findings { table.add([finding.verdict.rawValue, finding.subject, finding.text]) }
            for line in table.lines() { print(line) }
        }
        if findings.contains(where: { $0.verdict == .bad }) { throw ExitCode(Exit.unavailable.rawValue) }
    }
}
