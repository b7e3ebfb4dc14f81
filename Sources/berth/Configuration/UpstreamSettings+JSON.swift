import Foundation
import HostHTTP
import JobModel
import Upstreams

// upstreams:
//   cluster: {kind: powerjob, …}
//   cron: {kind: cronjob, …}
extension UpstreamSettings {
    /// In the order they stand. `surroundings` is where secrets are looked up.
    static func all(
        _ json: JSONValue, path: String, in surroundings: Surroundings
    ) throws(FieldError) -> [(name: String, settings: UpstreamSettings)] {
        guard let members = json.members else {
            throw FieldError(
                path: path, value: json.text,
                reason: "must be names with their settings, such as {cluster: {kind: powerjob}}")
        }
        var upstreams: [(name: String, settings: UpstreamSettings)] = []
        for member in members {
            let place = "\(path).\(member.name)"
            guard Identifier.isName(member.name) else {
                throw FieldError(path: place, value: nil, reason: FieldReader.nameRule)
            }
            upstreams.append((member.name, try UpstreamSettings(member.value, path: place, in: surroundings)))
        }
        return upstreams
    }

    private init(_ json: JSONValue, path: String, in surroundings: Surroundings) throws(FieldError) {
        var fields = try FieldReader(json, path: path)
        switch try fields.string("kind") {
        case "powerjob":
            self = .powerJob(try PowerJobSettings(&fields, path: path))
        case "cronjob":
            self = .cronjob(try CronjobSettings(&fields, path: path, in: surroundings))
        case let other:
            throw FieldError(
                path: "\(path).kind", value: other.map { JSONValue.string($0).text },
                reason: "must be one of \(UpstreamSettings.kinds.joined(separator: ", "))")
        }
        try fields.finish()
    }
}
