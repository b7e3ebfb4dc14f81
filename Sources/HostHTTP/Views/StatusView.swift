package import JobEngine
package import JobModel

/// How the host is doing, on one screen.
package struct StatusView: JSONView {
    package let json: JSONValue

    package init(json: JSONValue) {
        self.json = json
    }

    /// `failing`: jobs whose last run did not succeed, and jobs that cannot run. `plugins`: files that are not active.
    package init(
        _ status: EngineStatus, version: String, queues: [QueueStatus], jobs: [JobStatus], plugins: [PluginRecord],
        refused: [RefusedDefinition] = [], held: [RunRecord] = [],
        crashes: [CrashReport] = [], upstreams: [UpstreamStatus] = []
    ) {
        let lists = JSONValue.object(present: [
            "jobs": .number(jobs.count),
            "refused_count": .number(refused.count),
            "refused": .array(refused.prefix(Self.mostRefused).map { RefusedDefinitionView($0).json }),
            "failing_jobs": .array(jobs.filter(Self.isFailing).map { JobView($0).json }),
            "held": .array(held.map { RunView($0).json }),
            "queues": .array(queues.map { QueueView($0).json }),
            "active_plugins": .number(plugins.count { $0.state == .active }),
            "plugins_in_trouble": .array(plugins.filter { $0.state.isTrouble }.map { PluginView($0).json }),
            "quarantined": .array(crashes.filter(\.isQuarantine).map(\.json)),
            "upstreams": upstreams.isEmpty ? nil : .array(upstreams.map { UpstreamView($0).json }),
            "store": Self.store(status),
        ])
        json = .object([JSONMember("version", .string(version))] + Self.host(status) + (lists.members ?? []))
    }

    private static func host(_ status: EngineStatus) -> [JSONMember] {
        let counts = RunState.allCases.map { JSONMember($0.word, .number(status.counts[$0] ?? 0)) }
        let figures: JSONValue? = status.figures.isEmpty ? nil : FiguresView(status.figures).json
        return JSONValue.object(present: [
            "started_at": .instant(status.startedAt),
            "now": .instant(status.now),
            "trouble": .text(status.trouble.map { Problem($0).detail }),
            "trouble_code": .text(status.trouble.map { Problem($0).code.rawValue }),
            "counts": .object(counts),
            "figures": figures,
            "accepted": .number(status.accepted),
            "attempts": .number(status.attempts),
            "crashes": .number(status.crashes),
            "start_latency": status.startLatency.map { .string($0.berthText) },
            "schedules": .string(status.schedules.word),
            "environment": .text(status.schedules.environment),
            "schedules_rest": .text(status.schedules.words),
        ]).members ?? []
    }

    /// On one screen; the list of jobs has them all.
    private static let mostRefused = 20
    package static let mostHeld = 20

    private static func isFailing(_ status: JobStatus) -> Bool {
        if status.obstacle != nil { return true }
        guard let state = status.lastRun?.state else { return false }
        return state == .failed || state == .held || state == .expired
    }

    private static func store(_ status: EngineStatus) -> JSONValue {
        let facts = status.store
        return [
            "sqlite": .string(facts.sqliteVersion), "journal_mode": .string(facts.journalMode),
            "synchronous": .string(facts.synchronous), "schema": .number(facts.schemaVersion),
            "database_bytes": .number(facts.databaseBytes), "wal_bytes": .number(facts.walBytes),
        ]
    }

    package var version: String { text("version") ?? "" }
    package var startedAt: Instant? { instant("started_at") }
    package var now: Instant? { instant("now") }
    package var trouble: String? { text("trouble") }
    /// Its stable name.
    package var troubleCode: String? { text("trouble_code") }
    /// `running`, `stopped` or `banned`.
    package var schedules: String { text("schedules") ?? "" }
    /// Why no schedule fires; nil when they do.
    package var schedulesRest: String? { text("schedules_rest") }
    package var refused: [RefusedDefinitionView] { views("refused") }
    package var refusedCount: Int64 { integer("refused_count") ?? 0 }
    package var figures: FiguresView? { json["figures"].map(FiguresView.init(json:)) }
    package var failingJobs: [JobView] { views("failing_jobs") }
    /// The newest runs that wait for a person.
    package var held: [RunView] { views("held") }
    package var upstreams: [UpstreamView] { views("upstreams") }
    package var queues: [QueueView] { views("queues") }
    package var pluginsInTrouble: [PluginView] { views("plugins_in_trouble") }
    /// Components that are left alone after crashes: name, until when, and the last crash.
    package var quarantined: [(name: String, until: Instant?, reason: String)] {
        (json["quarantined"]?.array ?? []).map {
            ($0["name"]?.string ?? "", $0["until"]?.string.flatMap(Instant.init(rfc3339:)), $0["reason"]?.string ?? "")
        }
    }
    package func count(_ state: RunState) -> Int64 { json["counts"]?[state.word]?.integer ?? 0 }
}

extension PluginRecord.State {
    /// Somebody should look.
    fileprivate var isTrouble: Bool {
        switch self {
        case .rejected, .setAside, .disabled: true
        case .active, .shadowed, .checking: false
        }
    }
}
