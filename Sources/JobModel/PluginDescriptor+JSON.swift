// A descriptor as the manifest of a plugin file and the host's own notes hold it: every field, exactly.
extension PluginDescriptor {
    package var json: JSONValue {
        [
            "id": .string(id), "version": .string(version), "vendor": .string(vendor),
            "abi": .string("\(abiVersion >> 16).\(abiVersion & 0xFFFF)"),
            "components": .array(components.map(\.json)),
        ]
    }

    /// Nil where something is missing or of another kind. Names nobody knows are let be, for those who come later.
    package init?(json: JSONValue) {
        guard let id = json["id"]?.string, let version = json["version"]?.string,
            let abi = json["abi"]?.string.flatMap(Self.abiVersion), let list = json["components"]?.array
        else { return nil }
        var components: [ComponentDescriptor] = []
        for element in list {
            guard let component = ComponentDescriptor(json: element) else { return nil }
            components.append(component)
        }
        self.init(
            id: id, version: version, vendor: json["vendor"]?.string ?? "", abiVersion: abi, components: components)
    }

    private static func abiVersion(_ text: String) -> UInt32? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { UInt16($0) }
        guard parts.count == 2, let major = parts[0], let minor = parts[1] else { return nil }
        return UInt32(major) << 16 | UInt32(minor)
    }
}

extension ComponentDescriptor {
    /// What the plugin left to the host is left out.
    fileprivate var json: JSONValue {
        func text(_ text: String) -> JSONValue? { text.isEmpty ? nil : .string(text) }
        func number(_ number: some BinaryInteger) -> JSONValue? { number == 0 ? nil : .number(number) }
        return .object(present: [
            "id": .string(id), "kind": .string(kind.word), "version": text(version), "title": text(title),
            "description": text(description), "flags": number(flags.rawValue),
            "max_concurrency": number(maxConcurrency), "default_timeout_ms": number(defaultTimeout.milliseconds),
            "grace_ms": number(grace.milliseconds), "stall_ms": number(stall.milliseconds),
            "max_input_bytes": number(maxInputBytes), "max_output_bytes": number(maxOutputBytes),
            "params_schema": text(paramsSchema), "result_type": text(resultType),
        ])
    }

    fileprivate init?(json: JSONValue) {
        guard let id = json["id"]?.string, let kind = json["kind"]?.string.flatMap(Kind.init(word:)) else { return nil }
        var numbers: [String: UInt64] = [:]
        for name in [
            "flags", "max_concurrency", "default_timeout_ms", "grace_ms", "stall_ms", "max_input_bytes",
            "max_output_bytes",
        ] {
            guard let value = json[name] else { continue }
            guard case .number(let digits) = value, let number = UInt64(digits) else { return nil }
            numbers[name] = number
        }
        func text(_ name: String) -> String { json[name]?.string ?? "" }
        func milliseconds(_ name: String) -> Duration {
            .milliseconds(Int64(UInt32(clamping: numbers[name] ?? 0)))
        }
        self.init(
            id: id, version: text("version"), title: text("title"), description: text("description"), kind: kind,
            flags: ComponentFlags(rawValue: numbers["flags"] ?? 0),
            maxConcurrency: UInt32(clamping: numbers["max_concurrency"] ?? 0),
            defaultTimeout: milliseconds("default_timeout_ms"), grace: milliseconds("grace_ms"),
            stall: milliseconds("stall_ms"), maxInputBytes: numbers["max_input_bytes"] ?? 0,
            maxOutputBytes: numbers["max_output_bytes"] ?? 0, paramsSchema: text("params_schema"),
            resultType: text("result_type"))
    }
}

extension ComponentDescriptor.Kind {
    fileprivate init?(word: String) {
        guard let kind = [Self.processor, .runner, .handler].first(where: { $0.word == word }) else { return nil }
        self = kind
    }
}

extension Duration {
    fileprivate var milliseconds: Int64 { microseconds / 1000 }
}
