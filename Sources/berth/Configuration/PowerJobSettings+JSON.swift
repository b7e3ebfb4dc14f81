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
    init(_ fields: inout FieldReader, path: String, environment: [String: String]) throws(FieldError) {
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
        discovery = try fields.interval("discovery") ?? discovery
        heartbeat = try fields.interval("heartbeat") ?? heartbeat
        hello = try fields.interval("hello") ?? hello
        report = try fields.interval("report") ?? report
        lateReport = try fields.interval("late_report") ?? lateReport
        logs = try fields.interval("logs") ?? logs
        answer = try fields.interval("answer") ?? answer
        patience = try fields.interval("patience") ?? patience
        if let first = try fields.interval("first_report") { firstReport = first...first * 2 }
        try fields.finish()
    }
}

extension TaskPace {
    fileprivate mutating func read(_ json: JSONValue, path: String) throws(FieldError) {
        var fields = try FieldReader(json, path: path)
        patience = try fields.interval("patience") ?? patience
        unacknowledged = try fields.interval("unacknowledged") ?? unacknowledged
        resend = try fields.interval("resend") ?? resend
        alive = try fields.interval("alive") ?? alive
        discovery = try fields.interval("discovery") ?? discovery
        reportsFor = try fields.interval("reports_for") ?? reportsFor
        try fields.finish()
    }
}

extension FieldReader {
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
