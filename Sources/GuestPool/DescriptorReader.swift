import CGuestWire
import JobModel

/// Reads a plugin's descriptor out of a LOADED payload.
struct DescriptorReader {
    private let bytes: [UInt8]
    private var position = 0

    static func read(_ payload: [UInt8]) throws(ProtocolViolation) -> PluginDescriptor {
        var reader = DescriptorReader(bytes: payload)
        let descriptor = try reader.plugin()
        guard reader.position == payload.count else {
            throw ProtocolViolation("\(payload.count - reader.position) bytes behind the descriptor")
        }
        return descriptor
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    private mutating func plugin() throws(ProtocolViolation) -> PluginDescriptor {
        let head = try value(gw_loaded.self)
        guard (1...GW_COMPONENT_LIMIT).contains(head.component_count) else {
            throw ProtocolViolation("a plugin has 1 to \(GW_COMPONENT_LIMIT) components, not \(head.component_count)")
        }
        let id = try identifier(head.id_length, "plugin")
        let version = try text(head.version_length, "version")
        guard !version.isEmpty else { throw ProtocolViolation("the plugin gives no version") }
        let vendor = try text(head.vendor_length, "vendor")
        var components: [ComponentDescriptor] = []
        for _ in 0..<head.component_count {
            let next = try component()
            guard !components.contains(where: { $0.id == next.id }) else {
                throw ProtocolViolation("two components with the id \"\(next.id)\"")
            }
            components.append(next)
        }
        return PluginDescriptor(
            id: id, version: version, vendor: vendor, abiVersion: head.abi_version, components: components)
    }

    private mutating func component() throws(ProtocolViolation) -> ComponentDescriptor {
        let head = try value(gw_component.self)
        guard let kind = ComponentDescriptor.Kind(rawValue: head.kind) else {
            throw ProtocolViolation("component of unknown kind \(head.kind)")
        }
        return ComponentDescriptor(
            id: try identifier(head.id_length, "component"), version: try text(head.version_length, "version"),
            title: try text(head.title_length, "title"),
            description: try text(head.description_length, "description"), kind: kind,
            flags: ComponentFlags(rawValue: head.flags), maxConcurrency: max(head.max_concurrency, 1),
            defaultTimeout: .milliseconds(Int64(head.default_timeout_ms)), grace: .milliseconds(Int64(head.grace_ms)),
            stall: .milliseconds(Int64(head.stall_ms)), maxInputBytes: head.max_input_bytes,
            limits: AttemptLimits(declared: head), paramsSchema: try text(head.schema_length, "params schema"),
            resultType: try text(head.result_type_length, "result type"))
    }

    private mutating func identifier(_ length: UInt32, _ what: String) throws(ProtocolViolation) -> String {
        let id = try text(length, "\(what) id")
        guard Identifier.isID(id) else {
            throw ProtocolViolation("\(what) id \"\(id.prefix(80))\" is not [a-z][a-z0-9-]{0,62}")
        }
        return id
    }

    private mutating func text(_ length: UInt32, _ what: String) throws(ProtocolViolation) -> String {
        guard Int(length) <= bytes.count - position else { throw ProtocolViolation("\(what) runs over the descriptor") }
        let end = position + Int(length)
        defer { position = end }
        guard let text = String(validating: bytes[position..<end], as: UTF8.self) else {
            throw ProtocolViolation("\(what) is not UTF-8")
        }
        return text
    }

    private mutating func value<Value: BitwiseCopyable>(_ type: Value.Type) throws(ProtocolViolation) -> Value {
        let size = MemoryLayout<Value>.size
        guard size <= bytes.count - position else { throw ProtocolViolation("the descriptor ends within a \(type)") }
        defer { position += size }
        return bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: position, as: type) }
    }
}

extension AttemptLimits {
    /// Zero in a member: nothing is said. What is beyond sense is taken for the end of it, as with an operator's words.
    fileprivate init(declared head: gw_component) {
        self.init(
            cpu: head.max_cpu_ms == 0 ? nil : .milliseconds(Int64(head.max_cpu_ms)),
            memory: Self.bytes(head.max_memory_bytes), fileSize: Self.bytes(head.max_file_bytes),
            scratch: Self.bytes(head.max_scratch_bytes), openFiles: Self.count(head.max_open_files, atLeast: 16),
            processes: Self.count(head.max_processes, atLeast: 4), output: Self.bytes(head.max_output_bytes),
            log: Self.bytes(head.max_log_bytes))
    }

    private static func bytes(_ bytes: UInt64) -> UInt64? {
        bytes == 0 ? nil : min(bytes, 1 << 50)
    }

    private static func count(_ count: UInt32, atLeast least: UInt32) -> UInt32? {
        count == 0 ? nil : min(max(count, least), 1_000_000)
    }
}
