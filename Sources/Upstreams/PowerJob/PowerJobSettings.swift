package import JobModel

/// How this host is a worker of one PowerJob app.
package struct PowerJobSettings: Hashable, Sendable {
    /// The app's name, as it is registered at the server.
    package var app: String
    /// The web addresses of the servers, whose port is 7700 unless they say another.
    package var servers: [HostPort]
    /// Where the servers' calls come in.
    package var listen = HostPort(host: "0.0.0.0", port: 27777)
    /// What servers and other workers call this host by; nil: the address by which it reaches its server.
    package var advertise: HostPort?
    /// Who may call beside the servers.
    package var allow: [AddressRange] = []
    /// For jobs that designate workers by their tag.
    package var tag: String?
    /// Names of processors that stand for components.
    package var aliases: [String: ComponentName] = [:]
    /// In which runs wait.
    package var queue = "default"
    /// Instances at once from which on the server is asked for no more: those of one task, and all others.
    package var mostLight = 1024
    package var mostHeavy = 64
    /// Whether servers may put plugins into the plugins folder.
    package var deploys = false
    /// Files and folders that all of its runs may touch: servers say nothing of such things.
    package var access = FileAccess()
    package var pace = PowerJobPace()
    /// Between workers.
    package var tasks = TaskPace()

    package static let webPort = 7700

    package init(app: String, servers: [HostPort]) {
        self.app = app
        self.servers = servers
    }
}

/// When things are done. What the protocol's own program does is what servers count on.
package struct PowerJobPace: Hashable, Sendable {
    /// Between two looks at which server is in charge.
    package var discovery = Duration.seconds(10)
    package var heartbeat = Duration.seconds(10)
    /// Between questions for the server's version and clock.
    package var hello = Duration.seconds(60)
    /// When an instance is first reported to be running: a moment in this range.
    package var firstReport = Duration.seconds(5)...Duration.seconds(10)
    /// Between two reports, and two tries at a final one.
    package var report = Duration.seconds(15)
    /// Between two tries at a final report when those that servers count on are used up.
    package var lateReport = Duration.seconds(60)
    package var finalTries = 6
    /// Between two looks for new lines of what runs.
    package var logs = Duration.seconds(5)
    /// For an answer of a server.
    package var answer = Duration.seconds(5)
    /// An instance of which the server hears nothing for so long is lost to it.
    package var patience = Duration.seconds(60)

    package init() {}
}
