import Foundation
import HostHTTP
import JobModel
import Upstreams

// upstreams:
//   nightly:
//     kind: cronjob
//     url: http://cron.example.org:8000/api/v1
//     api_key: {env: CRONJOB_API_KEY}
//     worker: {id: 11111111-2222-4333-8444-555555555555, name: berth-1, description: …, team: …}
//     tasks: [command, script]
//     categories: {report: acme/report, file: {access: {write: [/data]}, queue: slow}}
//     queue: default
//     setup: false
//     ca: /etc/berth/ca.pem
//     intervals: {ping: 30s, reconnect: 5s, …}
extension CronjobSettings {
    /// `path` is where the object stands whose `kind` was read already.
    init(_ fields: inout FieldReader, path: String, in surroundings: Surroundings) throws(FieldError) {
        let rule = "must be the http or https URL of the API with its prefix, such as http://cron:8000/api/v1"
        let url = try fields.convert("url", rule) { $0.string.flatMap(Self.url) }
        let worker = try fields.required("worker", fields.value("worker"))
        var identity = try FieldReader(worker, path: "\(path).worker")
        let idRule =
            "must be a UUID, which stays the same for ever; one that is free: \(UUID().uuidString.lowercased())"
        guard let id = try identity.convert("id", idRule, { $0.string.flatMap { ServerTask.isID($0) ? $0 : nil } })
        else { throw FieldError(path: "\(path).worker.id", value: nil, reason: idRule) }
        self.init(
            url: try fields.required("url", url), key: Secret(""), workerID: id.lowercased(),
            workerName: try identity.required("name", try identity.string("name")))
        description = try identity.string("description") ?? description
        team = try identity.string("team") ?? team
        try identity.finish()
        if let value = fields.value("api_key") {
            key = try Secret(value, path: "\(path).api_key", in: surroundings)
        }
        tasks = try fields.convert("tasks", "must be a list of categories", Self.names)
        if let value = fields.value("categories") {
            categories = try Self.categories(value, path: "\(path).categories")
        }
        queue = try fields.convert("queue", "must be the name of a queue", Self.name) ?? queue
        runsSetup = try fields.bool("setup") ?? runsSetup
        authorities = try fields.convert("ca", "must be the path of a file") { $0.string.map(surroundings.path) }
        if let value = fields.value("intervals") {
            intervals = try CronjobIntervals(value, path: "\(path).intervals")
        }
        try checkTasks(path)
    }

    private static func url(_ text: String) -> String? {
        ServerAddress(base: text) == nil ? nil : String(text.reversed().drop { $0 == "/" }.reversed())
    }

    private static func name(_ json: JSONValue) -> String? {
        json.string.flatMap { Identifier.isName($0) ? $0 : nil }
    }

    private static func names(_ json: JSONValue) -> [String]? {
        guard let values = json.array else { return nil }
        let names = values.compactMap(\.string).filter { !$0.isEmpty }
        return names.count == values.count && !names.isEmpty ? names : nil
    }

    /// A category that nothing can run for is refused now rather than task by task, unless the server has its own word
    /// for it: those are refused by name, with the reason.
    private func checkTasks(_ path: String) throws(FieldError) {
        for task in tasks ?? [] where StandardCategory.components[task] == nil && categories[task]?.component == nil {
            guard StandardCategory.refusals[task] == nil else { continue }
            throw FieldError(
                path: "\(path).tasks", value: JSONValue.string(task).text,
                reason: "has no component; `categories: {\(task): PLUGIN/COMPONENT}` gives it one")
        }
    }

    private static func categories(_ json: JSONValue, path: String) throws(FieldError) -> [String: CategorySettings] {
        guard let members = json.members else {
            throw FieldError(
                path: path, value: json.text, reason: "must be names with their components, such as {git: acme/git}")
        }
        var categories: [String: CategorySettings] = [:]
        for member in members {
            categories[member.name] = try CategorySettings(member, path: "\(path).\(member.name)")
        }
        return categories
    }
}

extension CategorySettings {
    /// A component, or an object with more to say.
    fileprivate init(_ member: JSONMember, path: String) throws(FieldError) {
        self.init(component: member.value.string)
        if member.value.string == nil {
            var fields = try FieldReader(member.value, path: path)
            component = try fields.string("component")
            if let value = fields.value("access") { access = try FileAccess(json: value, path: "\(path).access") }
            queue = try fields.convert("queue", "must be the name of a queue") { json in
                json.string.flatMap { Identifier.isName($0) ? $0 : nil }
            }
            let rule = "must be members of args with the params that get the credential, such as {db: login}"
            credentials = try fields.convert("credentials", rule, Self.texts) ?? [:]
            try fields.finish()
        }
        guard component == nil, StandardCategory.components[member.name] == nil else { return }
        throw FieldError(path: path, value: nil, reason: "needs a component: there is no standard one for it")
    }

    private static func texts(_ json: JSONValue) -> [String: String]? {
        guard let members = json.members else { return nil }
        let texts = members.compactMap { member in member.value.string.map { (member.name, $0) } }
        return texts.count == members.count ? Dictionary(texts) { $1 } : nil
    }
}

extension CronjobIntervals {
    fileprivate init(_ json: JSONValue, path: String) throws(FieldError) {
        self.init()
        var fields = try FieldReader(json, path: path)
        for (name, interval) in Self.names {
            let rule = "must be a duration of more than nothing, such as \(self[keyPath: interval].berthText)"
            let given = try fields.convert(name, rule) { json in
                json.string.flatMap { Duration(berthText: $0) }.flatMap { $0 > .zero ? $0 : nil }
            }
            if let given { self[keyPath: interval] = given }
        }
        try fields.finish()
    }

    private static var names: KeyValuePairs<String, WritableKeyPath<CronjobIntervals, Duration>> {
        [
            "ping": \.ping, "silence": \.silence, "write": \.write, "reconnect": \.reconnect,
            "reconnect_longest": \.longestReconnect,
            "request": \.request, "refresh": \.refresh, "confirm": \.confirm, "confirm_longest": \.longestConfirm,
            "log": \.log, "log_patience": \.logPatience, "setup": \.setup, "farewell": \.farewell,
        ]
    }
}
