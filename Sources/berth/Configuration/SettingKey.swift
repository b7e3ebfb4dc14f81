import Upstreams

/// Everything that can be configured. One table, from which files, environment and `config show` are read.
enum SettingKey: String, CaseIterable {
    case home, plugins, listen
    case logLevel = "log_level"
    case logFormat = "log_format"
    case slots, queues, sandbox
    case requireSandbox = "require_sandbox"
    case drain, history
    case jobs, scheduler, aliases, environment, upstreams
    case pluginPolicy = "plugin_policy"

    /// Nil for what only a file can say.
    var environment: String? {
        switch self {
        case .queues, .history, .scheduler, .aliases, .environment, .upstreams: nil
        default: "BERTH_\(rawValue.uppercased())"
        }
    }

    var flag: String? {
        switch self {
        case .home, .plugins, .listen, .logLevel, .logFormat, .jobs, .sandbox, .requireSandbox:
            "--\(rawValue.split(separator: "_").joined(separator: "-"))"
        case .slots, .queues, .drain, .history, .scheduler, .aliases, .environment, .upstreams, .pluginPolicy: nil
        }
    }

    /// As shown; where the value depends on the machine, in words.
    var defaultText: String {
        switch self {
        case .home: "/var/lib/berth for root, else ~/.local/share/berth"
        case .plugins: "HOME/plugins"
        case .listen: "127.0.0.1:7780"
        case .logLevel: "info"
        case .logFormat: "text"
        case .slots: "cores × 2"
        case .queues: "{}"
        case .sandbox: "standard"
        case .requireSandbox: "false"
        case .drain: "30s"
        case .history: "7d for succeeded runs, 30d for the rest"
        case .jobs: "HOME/jobs"
        case .scheduler: "no jobs, enabled"
        case .aliases: "{}"
        case .environment: "no ban"
        case .upstreams: "{}"
        case .pluginPolicy: "off"
        }
    }

    var meaning: String {
        switch self {
        case .home: "the folder that holds store, socket, token and staged plugins"
        case .plugins:
            "the folder that plugins are dropped into; in the file that, or a map: {id: {config, secrets, limits, "
                + "components, isolation, guests, grants, sandbox, quarantine}}"
        case .listen: "HOST:PORT for TCP, or none for the Unix socket only"
        case .logLevel: "trace, debug, info, notice, warning, error or critical"
        case .logFormat: "text or json"
        case .slots: "attempts at once in the queue default when it is first made"
        case .queues:
            "queues by name: {slots, min_slots, rate, burst, max_pending, aging, pre_step, post_step}; what is left out stays as "
                + "it was set"
        case .sandbox:
            "of the guests: none, standard or strict; in the file also {profile, NoNewPrivileges, MemoryDenyWriteExecute, "
                + "SystemCallFilter, PrivateNetwork, PrivatePIDs: yes|no}"
        case .requireSandbox: "whether to refuse a machine that cannot give all of a sandbox: true or false"
        case .drain: "how long running attempts may go on when the host stops"
        case .history:
            "how long ended runs are kept, by their state: {succeeded: 7d, failed: {age: 30d, count: 1000}}; jobs may differ"
        case .jobs: "the folder of job files, which define jobs and are read again as they change"
        case .scheduler:
            "{enabled, jobs: [{name, type: duration|cron|daily|weekly|monthly, schedule, component, params, enabled}]}, as "
                + "other schedulers have it"
        case .aliases: "names that entries of scheduler and rows of inbox.db use, name: plugin-id/component-id"
        case .pluginPolicy:
            "off; warn; or enforce: only plugins on the list, from folders only the host can write to; in the file also "
                + "{mode, allow: [digest]}"
        case .upstreams:
            "servers that dispatch runs to this host, by name: {kind: \(UpstreamSettings.kinds.joined(separator: "|")), …}; "
                + "see docs/upstreams.md"
        case .environment:
            "environments in which no schedule fires: a list, or a text with semicolons or commas; "
                + "BERTH_ENVIRONMENT or DeployEnvironment names this one, else it is dev"
        }
    }
}

/// Defaults of runs and jobs, which requests and job files override. Shown beside the settings.
enum RunDefaults {
    static let table: KeyValuePairs<String, String> = [
        "timeout": "5m (never infinite unless none is written)",
        "retry": "3 attempts, exponential delay from 5s up to 1h, 3 crashes",
        "queue": "default",
        "missed fires": "skip",
        "overlap": "skip",
        "daylight saving": "civil",
        "zone": "UTC",
    ]
}
