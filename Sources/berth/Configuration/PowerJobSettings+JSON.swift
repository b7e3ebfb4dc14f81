import HostHTTP
import JobModel
import Upstreams

// cluster:
//   kind: powerjob
//   app: swift-demo
//   servers: ["10.0.0.1:7700", "10.0.0.2"]
//   listen: 0.0.0.0:27777
//   advertise: 10.0.0.5:27777
//   allow: [10.0.0.0/24]
//   tag: blue
//   aliases: {demo: text/wordcount}
//   queue: default
//   light: 1024
//   heavy: 64
//   deploy: false
//   access: {read: [/srv/data]}
//   pace: {heartbeat: 10s}
//   tasks: {patience: 60s}
extension PowerJobSettings {
    /// `path` is where the object stands whose `kind` was read already.
    init(_ fields: inout FieldReader, path: String) throws(FieldError) {
        let app = try fields.convert("app", "must be the name of an app, as the server has it") {
            $0.string.flatMap { $0.isEmpty ? nil : $0 }
        }
        let servers = try fields.convert(
            "servers", "must be addresses such as [\"10.0.0.1:7700\"]; IPv6 has no place here"
        ) {
            $0.addresses
        }
        self.init(
            app: try fields.required("app", app), servers: try fields.required("servers", servers))
        try readAddresses(&fields)
        tag = try fields.string("tag")
        aliases =
            try fields.convert("aliases", "must be names with their components, such as {demo: text/wordcount}") {
                $0.components
            } ?? [:]
        queue = try fields.name("queue") ?? queue
        mostLight = try fields.integer("light", in: 1...1_000_000) ?? mostLight
        mostHeavy = try fields.integer("heavy", in: 0...1_000_000) ?? mostHeavy
        deploys = try fields.bool("deploy") ?? false
        if let json = fields.value("access") { access = try FileAccess(json: json, path: "\(path).access") }
        if let json = fields.value("pace") { try pace.read(json, path: "\(path).pace") }
        if let json = fields.value("tasks") { try tasks.read(json, path: "\(path).tasks") }
    }

    private mutating func readAddresses(_ fields: inout FieldReader) throws(FieldError) {
        let rule = "must be HOST:PORT with a name or an IPv4 address; servers cannot read others"
        listen = try fields.convert("listen", rule) { $0.string.flatMap { HostPort($0) } } ?? listen
        advertise = try fields.convert("advertise", rule) { json in
            json.string.flatMap { HostPort($0) }.flatMap { $0.host == "0.0.0.0" ? nil : $0 }
        }
        allow =
            try fields.convert("allow", "must be addresses or networks such as [10.0.0.0/24]") { json in
                let ranges = json.array?.map { $0.string.flatMap { AddressRange($0) } }
                return ranges.flatMap { $0.contains(nil) ? nil : $0.compactMap(\.self) }
            } ?? []
    }
}

extension PowerJobPace {
    fileprivate mutating func read(_ json: JSONValue, path: String) throws(FieldError) {
        var fields = try FieldReader(json, path: path)
        try fields.readIntervals(
            &self,
            [
                ("discovery", \.discovery), ("heartbeat", \.heartbeat), ("hello", \.hello), ("report", \.report),
                ("late_report", \.lateReport), ("logs", \.logs), ("answer", \.answer), ("patience", \.patience),
            ])
        if let first = try fields.interval("first_report") { firstReport = first...first * 2 }
        try fields.finish()
        try check(path: path)
    }

    /// Servers take what they hear nothing of for a minute for lost, and that cannot be set there.
    private func check(path: String) throws(FieldError) {
        let most = Duration.seconds(60)
        let first = firstReport.upperBound
        let rules: [(name: String, value: Duration, isKept: Bool, rule: String)] = [
            ("patience", patience, patience <= most, "must not be more than 60s, when servers give an instance up"),
            ("heartbeat", heartbeat, heartbeat + answer < most, "and answer must be less than 60s together"),
            ("report", report, report + answer < patience, "and answer must be less than patience together"),
            ("first_report", first / 2, first + answer < patience, "twice, and answer, must be less than patience"),
        ]
        for rule in rules where !rule.isKept {
            throw FieldError(path: "\(path).\(rule.name)", value: "\"\(rule.value.berthText)\"", reason: rule.rule)
        }
    }
}

extension TaskPace {
    fileprivate mutating func read(_ json: JSONValue, path: String) throws(FieldError) {
        var fields = try FieldReader(json, path: path)
        try fields.readIntervals(
            &self,
            [
                ("patience", \.patience), ("unacknowledged", \.unacknowledged), ("resend", \.resend),
                ("alive", \.alive), ("discovery", \.discovery), ("reports_for", \.reportsFor),
            ])
        try fields.finish()
    }
}

extension FieldReader {
    /// What is not said stays as it is.
    fileprivate mutating func readIntervals<Pace>(
        _ pace: inout Pace, _ names: [(String, WritableKeyPath<Pace, Duration>)]
    ) throws(FieldError) {
        for (name, place) in names {
            if let duration = try interval(name) { pace[keyPath: place] = duration }
        }
    }

    fileprivate mutating func interval(_ name: String) throws(FieldError) -> Duration? {
        try convert(name, "must be a duration from \"1ms\" to \"1h\"") { json in
            json.string.flatMap(Duration.init(berthText:)).flatMap {
                (.milliseconds(1) ... .seconds(3600)).contains($0) ? $0 : nil
            }
        }
    }
}

extension JSONValue {
    /// At least one.
    fileprivate var addresses: [HostPort]? {
        let addresses = array?.compactMap { $0.string.flatMap { HostPort($0, usually: PowerJobSettings.webPort) } }
        guard let addresses, !addresses.isEmpty, addresses.count == array?.count else { return nil }
        return addresses
    }

    fileprivate var components: [String: ComponentName]? {
        guard let members else { return nil }
        var components: [String: ComponentName] = [:]
        for member in members {
            guard let component = member.value.string.flatMap(ComponentName.init) else { return nil }
            components[member.name] = component
        }
        return components
    }
}
