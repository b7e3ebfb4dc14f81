import JobModel

/// What was decided about plugins and must outlive the host: by people, and by the host when a version failed.
struct Decisions: Hashable, Sendable {
    /// By plugin.
    var disabled: [String: Ruling] = [:]
    /// By digest.
    var setAside: [String: SetAside] = [:]
    /// By digest.
    var allowed: [String: Ruling] = [:]
    /// By plugin.
    var lineages: [String: Lineage] = [:]

    func standing(of plugin: String) -> PluginStanding {
        PluginStanding(
            lineage: lineages[plugin] ?? Lineage(), setAside: setAside.filter { $0.value.plugin == plugin },
            disabled: disabled[plugin])
    }

    /// The copies that are kept for a way back.
    var digests: Set<String> { Set(lineages.values.flatMap { $0.generations.map(\.digest) }) }
}

extension Decisions {
    var json: JSONValue {
        [
            "version": 1,
            "disabled": Self.object(disabled) { $0.json },
            "set_aside": Self.object(setAside) { aside in
                .object(
                    [JSONMember("plugin", .string(aside.plugin)), JSONMember("version", .string(aside.version))]
                        + (aside.ruling.json.members ?? []))
            },
            "allowed": Self.object(allowed) { $0.json },
            "lineages": Self.object(lineages) { $0.json },
        ]
    }

    /// What cannot be read is left out.
    init(json: JSONValue) {
        for member in json["disabled"]?.members ?? [] { disabled[member.name] = Ruling(json: member.value) }
        for member in json["allowed"]?.members ?? [] { allowed[member.name] = Ruling(json: member.value) }
        for member in json["lineages"]?.members ?? [] { lineages[member.name] = Lineage(json: member.value) }
        for member in json["set_aside"]?.members ?? [] {
            guard let plugin = member.value["plugin"]?.string, let version = member.value["version"]?.string,
                let ruling = Ruling(json: member.value)
            else { continue }
            setAside[member.name] = SetAside(plugin: plugin, version: version, ruling: ruling)
        }
    }

    private static func object<Value>(_ values: [String: Value], _ json: (Value) -> JSONValue) -> JSONValue {
        .object(values.sorted { $0.key < $1.key }.map { JSONMember($0.key, json($0.value)) })
    }
}

extension Ruling {
    fileprivate var json: JSONValue {
        .object(present: ["by": .string(by), "reason": reason.map(JSONValue.string), "at": .number(at.microseconds)])
    }

    fileprivate init?(json: JSONValue) {
        guard let by = json["by"]?.string, let at = json["at"]?.integer else { return nil }
        self.init(by: by, reason: json["reason"]?.string, at: Instant(microseconds: at))
    }
}

extension Lineage {
    fileprivate var json: JSONValue {
        .object(present: [
            "generations": .array(generations.map(\.json)), "gone_since": goneSince.map { .number($0.microseconds) },
        ])
    }

    fileprivate init?(json: JSONValue) {
        let generations = (json["generations"]?.array ?? []).compactMap(Generation.init(json:))
        guard !generations.isEmpty else { return nil }
        self.init(
            generations: generations,
            goneSince: json["gone_since"]?.integer.map { Instant(microseconds: $0) })
    }
}

extension Generation {
    fileprivate var json: JSONValue {
        [
            "number": .number(number), "digest": .string(digest), "version": .string(version), "file": .string(file),
            "since": .number(since.microseconds),
        ]
    }

    fileprivate init?(json: JSONValue) {
        guard let number = json["number"]?.integer, let digest = json["digest"]?.string, Digest.isDigest(digest),
            let version = json["version"]?.string, let file = json["file"]?.string,
            let since = json["since"]?.integer
        else { return nil }
        self.init(
            number: Int(clamping: number), digest: digest, version: version, file: file,
            since: Instant(microseconds: since))
    }
}
