import Foundation
import GuestPool
import HostHTTP
import JobEngine
import JobModel
import Logging
import PluginCatalog
import Upstreams

/// What the host runs by, checked.
struct Settings {
    enum Listen: Hashable {
        case none
        case tcp(host: String, port: Int)
    }

    enum LogFormat: String {
        case text, json
    }

    var home: String
    var plugins: String
    var listen: Listen
    var logLevel: Logger.Level
    var logFormat: LogFormat
    var slots: Int
    /// What is said of queues, in order.
    var queues: [(name: String, change: QueueChange)]
    /// Of plugins that say nothing else.
    var sandbox: SandboxRules
    /// A sandbox with gaps will not do.
    var requiresSandbox: Bool
    var drain: Duration
    /// How long ended runs are kept.
    var history: HistoryPolicy
    /// The folder of job files, and whether somebody asked for it.
    var jobs: (folder: String, isNamed: Bool)
    var scheduler: SchedulerBlock
    /// Names that stand for components.
    var aliases: [String: ComponentName]
    var environment: EnvironmentBan
    /// Servers that dispatch runs to this host, in order.
    var upstreams: [(name: String, settings: UpstreamSettings)]
    var pluginPolicy: PluginPolicy
    let layers: SettingLayers

    init(
        flags: [SettingKey: String] = [:], environment: [String: String] = ProcessInfo.processInfo.environment,
        file: String? = nil
    ) throws(Failure) {
        layers = try SettingLayers(flags: flags, environment: environment, file: file)
        home = try layers.home(environment)
        plugins = try layers.path(.plugins) ?? home + "/plugins"
        listen =
            try layers.text(.listen, "must be HOST:PORT, such as 127.0.0.1:7780, or none", Listen.init)
            ?? .tcp(host: "127.0.0.1", port: 7780)
        logLevel =
            try layers.text(.logLevel, "must be \(SettingKey.logLevel.meaning)") { Logger.Level(rawValue: $0) } ?? .info
        logFormat = try layers.text(.logFormat, "must be text or json", LogFormat.init) ?? .text
        slots = try layers.slots() ?? ProcessInfo.processInfo.activeProcessorCount * 2
        sandbox = try layers.sandbox()
        requiresSandbox = try layers.requiresSandbox()
        drain = try layers.text(.drain, "must be a duration such as 30s", Self.drain) ?? .seconds(30)
        queues = try layers.queues()
        history = try layers.history()
        jobs = (
            try layers.path(.jobs) ?? home + "/jobs",
            layers.entries[.jobs] != nil
        )
        aliases = try layers.aliases()
        self.environment = EnvironmentBan(
            current: EnvironmentBan.name(environment), banned: try layers.bannedEnvironments())
        scheduler = try layers.scheduler(aliases)
        upstreams = try layers.upstreams(environment)
        pluginPolicy = try layers.pluginPolicy()
    }

    private static func drain(_ text: String) -> Duration? {
        Duration(berthText: text).flatMap { $0 < .zero ? nil : $0 }
    }

    /// The value in force, as text.
    func text(_ key: SettingKey) -> String {
        switch key {
        case .home: home
        case .plugins: plugins
        case .listen: listen.text
        case .logLevel: logLevel.rawValue
        case .logFormat: logFormat.rawValue
        case .slots: String(slots)
        case .queues:
            queues.isEmpty ? "{}" : queues.map { "\($0.name): \($0.change.json.text)" }.joined(separator: ", ")
        case .sandbox: sandbox.words
        case .requireSandbox: String(requiresSandbox)
        case .drain: drain.berthText
        case .history: history.words
        case .jobs: jobs.folder
        case .scheduler: scheduler.words
        case .aliases: aliases.isEmpty ? "{}" : aliases.map { "\($0): \($1)" }.sorted().joined(separator: ", ")
        case .environment: environment.words
        case .upstreams:
            upstreams.isEmpty ? "{}" : upstreams.map { "\($0.name): \($0.settings.kind)" }.joined(separator: ", ")
        case .pluginPolicy:
            pluginPolicy.mode.rawValue
                + (pluginPolicy.allowed.isEmpty ? "" : ", \(pluginPolicy.allowed.count) allowed")
        }
    }

    /// Whether schedules fire when the host begins.
    var schedules: ScheduleActivity {
        if environment.isInForce { return .banned(environment: environment.current) }
        return scheduler.isEnabled ? .running : .stopped
    }

    /// Somebody said where plugins are.
    var namesPlugins: Bool { layers.entries[.plugins] != nil }

    /// Who said so.
    func origin(_ key: SettingKey) -> String {
        layers.entries[key]?.origin ?? "default"
    }
}

extension Settings.Listen {
    init?(_ text: String) {
        guard text != "none" else {
            self = .none
            return
        }
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]),
            colon > text.startIndex
        else { return nil }
        let host = text[..<colon]
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        guard isBracketed || !host.contains(":") else { return nil }
        self = .tcp(host: String(isBracketed ? host.dropFirst().dropLast() : host), port: Int(port))
    }

    var text: String {
        switch self {
        case .none: "none"
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        }
    }
}

extension SettingLayers {
    /// Nil when no layer says anything; throws `rule` when what it says makes no sense.
    fileprivate func text<Value>(
        _ key: SettingKey, _ rule: String, _ convert: (String) -> Value?
    ) throws(Failure) -> Value? {
        guard let entry = entries[key] else { return nil }
        guard let text = entry.value.string, let value = convert(text) else { throw failure(key, entry, rule) }
        return value
    }

    fileprivate func path(_ key: SettingKey) throws(Failure) -> String? {
        try text(key, "must be a path") { path($0, of: key) }
    }

    private func failure(_ key: SettingKey, _ entry: Entry, _ rule: String) -> Failure {
        Failure(
            .usage,
            "\(entry.origin): \(key.rawValue) \(rule); it is \((entry.value.string ?? entry.value.text).excerpt).")
    }

    fileprivate func aliases() throws(Failure) -> [String: ComponentName] {
        guard let entry = entries[.aliases] else { return [:] }
        let rule = "must be names with their components, such as {hello_job: text/wordcount}"
        guard let members = entry.value.members else { throw failure(.aliases, entry, rule) }
        var aliases: [String: ComponentName] = [:]
        for member in members {
            guard let component = member.value.string.flatMap(ComponentName.init) else {
                throw failure(.aliases, entry, "\(rule), unlike \"\(member.name)\"")
            }
            aliases[member.name] = component
        }
        return aliases
    }

    fileprivate func sandbox() throws(Failure) -> SandboxRules {
        guard let entry = entries[.sandbox] else { return .standard }
        do {
            return try SandboxRules(entry.value, path: SettingKey.sandbox.rawValue)
        } catch {
            throw Failure(.usage, "\(entry.origin): \(error)".withStop)
        }
    }

    fileprivate func requiresSandbox() throws(Failure) -> Bool {
        guard let entry = entries[.requireSandbox] else { return false }
        guard let value = entry.value.bool ?? entry.value.string.flatMap({ Bool($0) }) else {
            throw failure(.requireSandbox, entry, "must be true or false")
        }
        return value
    }

    fileprivate func bannedEnvironments() throws(Failure) -> Set<String> {
        guard let entry = entries[.environment] else { return [] }
        guard let names = EnvironmentBan.names(entry.value) else {
            throw failure(.environment, entry, "must be a list of names, or a text such as \"test; local\"")
        }
        return names
    }

    fileprivate func scheduler(_ aliases: [String: ComponentName]) throws(Failure) -> SchedulerBlock {
        guard let entry = entries[.scheduler] else { return SchedulerBlock() }
        do {
            return try SchedulerBlock(
                json: entry.value, path: SettingKey.scheduler.rawValue, aliases: aliases,
                line: { entry.document?.line(of: $0) })
        } catch {
            let line = entry.document?.line(of: error.path).map { ":\($0)" } ?? ""
            throw Failure(.usage, "\(file)\(line): \(error)".withStop)
        }
    }

    fileprivate func upstreams(
        _ environment: [String: String]
    ) throws(Failure) -> [(name: String, settings: UpstreamSettings)] {
        guard let entry = entries[.upstreams] else { return [] }
        do {
            return try UpstreamSettings.all(
                entry.value, path: SettingKey.upstreams.rawValue, in: surroundings(environment))
        } catch {
            let line = entry.document?.line(of: error.path).map { ":\($0)" } ?? ""
            throw Failure(.usage, "\(file)\(line): \(error)".withStop)
        }
    }

    fileprivate func history() throws(Failure) -> HistoryPolicy {
        guard let entry = entries[.history] else { return .standard }
        do {
            return try HistoryPolicy(json: entry.value, path: SettingKey.history.rawValue).over(.standard)
        } catch {
            let line = entry.document?.line(of: error.path).map { ":\($0)" } ?? ""
            throw Failure(.usage, "\(file)\(line): \(error)".withStop)
        }
    }

    /// A mode, or a mode with a list of digests.
    fileprivate func pluginPolicy() throws(Failure) -> PluginPolicy {
        guard let entry = entries[.pluginPolicy] else { return PluginPolicy() }
        let modes = PluginPolicy.Mode.allCases.map(\.rawValue).joined(separator: ", ")
        if let stray = entry.value.members?.first(where: { !["mode", "allow"].contains($0.name) }) {
            throw failure(.pluginPolicy, entry, "has no field \"\(stray.name)\"; it is {mode, allow: [digest]}")
        }
        let text = entry.value.string ?? entry.value["mode"]?.string
        guard let mode = text.flatMap(PluginPolicy.Mode.init) else {
            throw failure(.pluginPolicy, entry, "must be one of \(modes), or {mode, allow: [digest]}")
        }
        let digests = entry.value["allow"].map { $0.array ?? [.null] } ?? []
        for digest in digests where !(digest.string.map(PluginPolicy.isDigest) ?? false) {
            throw failure(.pluginPolicy, entry, "must allow SHA-256 digests in lower-case hex, unlike \(digest.text)")
        }
        return PluginPolicy(mode: mode, allowed: Set(digests.compactMap(\.string)))
    }

    fileprivate func slots() throws(Failure) -> Int? {
        guard let entry = entries[.slots] else { return nil }
        let number = entry.value.integer ?? entry.value.string.flatMap { Int64($0) }
        guard let number, (1...1000).contains(number) else {
            throw failure(.slots, entry, "must be a whole number from 1 to 1000")
        }
        return Int(number)
    }

    fileprivate func queues() throws(Failure) -> [(name: String, change: QueueChange)] {
        guard let entry = entries[.queues] else { return [] }
        guard let members = entry.value.members else {
            throw failure(.queues, entry, "must be names with their settings, such as {mail: {slots: 2, rate: 10/s}}")
        }
        var queues: [(name: String, change: QueueChange)] = []
        for member in members {
            guard Identifier.isName(member.name) else {
                throw failure(
                    .queues, entry, "has no place for a queue named \"\(member.name)\": \(FieldReader.nameRule)")
            }
            queues.append((member.name, try change(of: member, entry)))
        }
        return queues
    }

    private func change(of queue: JSONMember, _ entry: Entry) throws(Failure) -> QueueChange {
        let path = "\(SettingKey.queues.rawValue).\(queue.name)"
        do throws(FieldError) {
            let change = try QueueChange(json: queue.value, path: path)
            let record = QueueRecord(name: queue.name, slots: QueueChange.slotCounts.upperBound)
            guard let complaint = change.complaint(for: record) else { return change }
            throw FieldError(path: "\(path).\(complaint.field)", value: complaint.value, reason: complaint.reason)
        } catch {
            let line = entry.document?.line(of: error.path).map { ":\($0)" } ?? ""
            throw Failure(.usage, "\(file)\(line): \(error)".withStop)
        }
    }
}
