import ArgumentParser
import GuestPool
import HostHTTP
import JobModel

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run a component once, here and now, without a host.",
        discussion: """
            Uses the same store, guests, sandbox and limits as the host, in a home that is thrown away. Output goes to \
            stdout, logs to stderr; exits with 1 when the run did not succeed.

              berth run text/wordcount --plugins .build/plugins -p path=/etc/hostname --read /etc/hostname
              berth run ./hello.so -p name=Ada
              berth run command/command -p program=date --grant subprocess
              berth run ./hello.so -p name=Ada --learn
              berth run ./hello.so -p name=Ada --debug
            """)

    @Argument(help: "Component, such as text/wordcount, or a plugin file, such as ./text.so.")
    var component: String

    @Argument(help: "Id of the component within a plugin file that has several.")
    var id: String?

    @Option(help: ArgumentHelp("Folder with the plugins; that of the host when not given.", valueName: "dir"))
    var plugins: String?

    @OptionGroup var options: ParamOptions

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "What the plugin may have if it asks for it: network or subprocess. Repeatable.", valueName: "grant"))
    var grant: [GrantWord] = []

    @Option(help: ArgumentHelp("none, standard or strict; the host's when not given.", valueName: "profile"))
    var sandbox: String?

    @Flag(help: "Do not run where this machine cannot give all of the sandbox.")
    var requireSandbox = false

    @Flag(
        help: """
            Run it without sandbox and print, instead of its output, what it was seen to need, as YAML to paste. For \
            plugins that you trust.
            """)
    var learn = false

    /// So that the walls of an older kernel can be tested on a newer one.
    @Flag(name: .customLong("as-linux-6.1"), help: .hidden)
    var asLinux61 = false

    @Option(help: ArgumentHelp("Attempts that may fail; 1 when not given.", valueName: "n"))
    var retry = 1

    @Option(help: ArgumentHelp("Least severe of the host's own messages to show.", valueName: "level"))
    var logLevel = "error"

    @Flag(help: "Start gdb on the process the plugin lives in, without sandbox, limits and time limit.")
    var debug = false

    @Flag(help: "Print the whole run as JSON instead of its output.")
    var json = false

    func validate() throws {
        if learn, debug || json { throw ValidationError("--learn goes neither with --debug nor with --json.") }
    }

    func run() async throws {
        var flags: [SettingKey: String] = [.logLevel: logLevel]
        if let plugins { flags[.plugins] = plugins }
        if let sandbox { flags[.sandbox] = sandbox }
        if requireSandbox { flags[.requireSandbox] = "true" }
        let target = try RunTarget(component, id: id)
        let debugger = debug ? try Debugger() : nil
        var once = OneRun(settings: try Settings(flags: flags), target: target) { name throws(Failure) in
            var members = try options.members(component: name)
            if debug {
                members.removeAll { $0.name == "timeout" }
                members.append(JSONMember("timeout", .string("none")))
            }
            return .object(members + [JSONMember("retry", .number(retry))])
        }
        once.debugger = debugger
        let learner = learn ? Learner() : nil
        once.guests = GuestChoices(
            grants: learn ? [.network, .subprocess] : Grants(grant.map(\.grants)), learner: learner,
            lacks: asLinux61 ? .linux61 : KernelLacks())
        let result = RunResult(try await once.run())
        guard let learner else { return try result.leave(asJSON: json) }
        try result.leave(learned: learner.needs)
    }
}

/// A grant as people write it.
enum GrantWord: String, ExpressibleByArgument, CaseIterable {
    case network, subprocess

    var grants: Grants {
        switch self {
        case .network: .network
        case .subprocess: .subprocess
        }
    }
}
