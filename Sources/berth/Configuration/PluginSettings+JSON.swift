import Foundation
import GuestPool
import HostHTTP
import JobModel

// plugins:
//   text:
//     config: {anything: goes}
//     secrets: {token: {file: /run/secrets/token}, key: {env: TEXT_KEY}}
//     limits: {memory: 512MiB, cpu: 30s, timeout: 10m, grace: 10s, file_size: 1GiB, scratch: 4GiB, open_files: 256,
//       processes: 64, output: 1MiB}
//     components: {wordcount: {limits: {memory: 1GiB}}}
//     grants: [network, subprocess]
//     quarantine: false
//     sandbox: {profile: strict, MemoryDenyWriteExecute: no}
//     isolation: oneshot
//     guests: {min: 1, max: 4, idle: 60s, attempts: 10000, memory: 512MiB, drain: 5m}
extension PluginSettings {
    /// `surroundings` is where secrets are looked up, `sandbox` is that of plugins which say nothing else.
    static func all(
        _ json: JSONValue, sandbox: SandboxRules, in surroundings: Surroundings
    ) throws(FieldError) -> [String: PluginSettings] {
        var settings: [String: PluginSettings] = [:]
        for member in json.members ?? [] {
            let path = "plugins.\(member.name)"
            guard Identifier.isID(member.name) else {
                throw FieldError(path: path, value: nil, reason: "is no plugin id: a-z, 0-9 and -, a letter first")
            }
            var plugin = PluginSettings(sandbox: sandbox)
            try plugin.set(member.value, path: path, in: surroundings)
            settings[member.name] = plugin
        }
        return settings
    }

    private mutating func set(
        _ json: JSONValue, path: String, in surroundings: Surroundings
    ) throws(FieldError) {
        var fields = try FieldReader(json, path: path)
        if let config = try fields.convert("config", "must be an object", { $0.members == nil ? nil : $0 }) {
            configuration = config.text
        }
        if let given = fields.value("secrets") {
            secrets = try Self.secrets(given, path: "\(path).secrets", in: surroundings)
        }
        if let given = fields.value("limits") {
            limits = try AttemptLimits(json: given, path: "\(path).limits", ofOperator: true)
        }
        if let given = fields.value("components") {
            componentLimits = try Self.componentLimits(given, path: "\(path).components")
        }
        grants = try fields.convert("grants", "must be a list of network and subprocess") { $0.grants } ?? []
        quarantine = try fields.bool("quarantine") ?? true
        if let given = fields.value("sandbox") {
            sandbox = try SandboxRules(given, path: "\(path).sandbox", standard: sandbox)
        }
        keeping = try GuestKeeping(
            isolation: fields.value("isolation"), guests: fields.value("guests"), path: path)
        try fields.finish()
        guard bytes <= Self.largest else {
            throw FieldError(
                path: path, value: nil, reason: "has \(bytes) bytes of config and secrets; \(Self.largest) are allowed")
        }
    }

    private static func componentLimits(
        _ json: JSONValue, path: String
    ) throws(FieldError) -> [String: AttemptLimits] {
        guard let members = json.members else {
            throw FieldError(path: path, value: nil, reason: "must be ids of components with their limits")
        }
        var limits: [String: AttemptLimits] = [:]
        for member in members {
            let place = "\(path).\(member.name)"
            var fields = try FieldReader(member.value, path: place)
            let given = try fields.required("limits", fields.value("limits"))
            limits[member.name] = try AttemptLimits(json: given, path: "\(place).limits", ofOperator: true)
            try fields.finish()
        }
        return limits
    }

    private static func secrets(
        _ json: JSONValue, path: String, in surroundings: Surroundings
    ) throws(FieldError) -> [GuestSecret] {
        guard let members = json.members else {
            throw FieldError(path: path, value: nil, reason: "must be names with {env: NAME} or {file: PATH}")
        }
        var secrets: [GuestSecret] = []
        for member in members {
            let place = "\(path).\(member.name)"
            let value = try SecretSource(member.value, path: place).bytes(path: place, in: surroundings)
            secrets.append(GuestSecret(name: member.name, value: value))
        }
        return secrets.sorted { $0.name < $1.name }
    }
}

extension JSONValue {
    fileprivate var grants: Grants? {
        guard let words = array?.map(\.string) else { return nil }
        var grants: Grants = []
        for word in words {
            guard let grant = Grants.all.first(where: { $0.key == word })?.value else { return nil }
            grants.insert(grant)
        }
        return grants
    }

    /// Bytes: a number, or one with KiB, MiB or GiB.
    var size: UInt64? {
        if let integer { return integer > 0 ? UInt64(integer) : nil }
        return string.flatMap { UInt64(sizeText: $0) }
    }
}
