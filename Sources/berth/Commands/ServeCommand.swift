import ArgumentParser
import GuestPool

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Be a host: schedule, queue and run jobs until told to stop.",
        discussion: """
            Plugins are taken up from the plugins folder as they appear there. SIGTERM or Ctrl-C lets running attempts end \
            (see the setting drain) and exits with 0.

            Job files of the jobs folder define jobs as they appear, change and go; a file with a mistake changes nothing, \
            and `berth job list` says why.
            """)

    @Option(help: ArgumentHelp("Home folder: store, socket, token (BERTH_HOME).", valueName: "dir"))
    var home: String?
    @Option(
        help: ArgumentHelp(
            "Folder that plugins are dropped into; plugins in the home folder when not given.", valueName: "dir"))
    var plugins: String?
    @Option(
        help: ArgumentHelp(
            "Folder of job files in YAML, read again as they change; jobs in the home folder when not given.",
            valueName: "dir"))
    var jobs: String?
    @Option(help: ArgumentHelp("Address for TCP, or none; 127.0.0.1:7780 when not given.", valueName: "host:port|none"))
    var listen: String?
    @Option(help: ArgumentHelp("Of all plugins that say nothing else: none, standard or strict.", valueName: "profile"))
    var sandbox: String?
    @Flag(help: "Refuse to start where this machine cannot give all of a sandbox.")
    var requireSandbox = false
    @Option(help: ArgumentHelp("Configuration file instead of berth.yaml in the home folder.", valueName: "file"))
    var config: String?
    @Option(help: ArgumentHelp("trace, debug, info, notice, warning, error or critical.", valueName: "level"))
    var logLevel: String?
    @Option(help: ArgumentHelp("text or json.", valueName: "format"))
    var logFormat: String?
    /// So that what is said of an older kernel can be tested on a newer one.
    @Flag(name: .customLong("as-linux-6.1"), help: .hidden)
    var asLinux61 = false
    @Flag(help: "Print the banner as JSON.")
    var json = false

    func settings() throws(Failure) -> Settings {
        let flags: [SettingKey: String?] = [
            .home: home, .plugins: plugins, .listen: listen, .logLevel: logLevel, .logFormat: logFormat,
            .jobs: jobs, .sandbox: sandbox, .requireSandbox: requireSandbox ? "true" : nil,
        ]
        return try Settings(flags: flags.compactMapValues { $0 }, file: config)
    }

    func run() async throws {
        let reread = { @Sendable [self] () throws(Failure) in try self.settings() }
        var host = HostProcess(settings: try settings(), reread: reread, bannerAsJSON: json)
        if asLinux61 { host.guests.lacks = .linux61 }
        try await host.run()
    }
}
