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
            "max_input_bytes": number(maxInputBytes), "max_output_bytes": number(limits.output ?? 0),
            "max_memory_bytes": number(limits.memory ?? 0), "max_file_bytes": number(limits.fileSize ?? 0),
            "max_scratch_bytes": number(limits.scratch ?? 0), "max_log_bytes": number(limits.log ?? 0),
            "max_cpu_ms": number(limits.cpu?.milliseconds ?? 0), "max_open_files": number(limits.openFiles ?? 0),
            "max_processes": number(limits.processes ?? 0),
            "params_schema": text(paramsSchema), "result_type": text(resultType),
        ])
    }

    fileprivate init?(json: JSONValue) {
        guard let id = json["id"]?.string, let kind = json["kind"]?.string.flatMap(Kind.init(word:)) else { return nil }
        var numbers: [String: UInt64] = [:]
        for name in Self.numberNames {
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
            limits: AttemptLimits(numbers), paramsSchema: text("params_schema"), resultType: text("result_type"))
    }

    private static let numberNames = [
        "flags", "max_concurrency", "default_timeout_ms", "grace_ms", "stall_ms", "max_input_bytes", "max_output_bytes",
        "max_memory_bytes", "max_file_bytes", "max_scratch_bytes", "max_log_bytes", "max_cpu_ms", "max_open_files",
        "max_processes",
    ]
}

extension AttemptLimits {
    fileprivate init(_ numbers: [String: UInt64]) {
        self.init(
            cpu: numbers["max_cpu_ms"].map { .milliseconds(Int64(UInt32(clamping: $0))) },
            memory: numbers["max_memory_bytes"], fileSize: numbers["max_file_bytes"],
            scratch: numbers["max_scratch_bytes"], openFiles: numbers["max_open_files"].map { UInt32(clamping: $0) },
            processes: numbers["max_processes"].map { UInt32(clamping: $0) }, output: numbers["max_output_bytes"],
            log: numbers["max_log_bytes"])
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
