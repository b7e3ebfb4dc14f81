import CBerthPlugin
import CGuestWire

/// How a descriptor breaks the contract, in words.
struct DescriptorFault: Error {
    var text: Sentence

    init(_ words: StaticString) {
        text = Sentence(words)
    }

    init(component: Int, _ words: StaticString) {
        text = Sentence("component ")
        text.append(component)
        text.append(": ")
        text.append(words)
    }
}

/// Checks what a plugin said about itself and turns it into the payload of LOADED.
struct DescriptorEncoder {
    private enum Limit {
        static let id = 63
        static let short = 255
        static let description = 8192
        static let schema = 256 << 10
    }

    private var payload: [UInt8] = []
    private var components: [LoadedComponent] = []

    static func describe(
        _ plugin: berth_plugin
    ) throws(DescriptorFault) -> (payload: [UInt8], components: [LoadedComponent]) {
        var encoder = DescriptorEncoder()
        try encoder.encode(plugin)
        try encoder.encodeComponents(of: plugin)
        return (encoder.payload, encoder.components)
    }

    // MARK: The plugin

    private mutating func encode(_ plugin: berth_plugin) throws(DescriptorFault) {
        guard plugin.abi_version >> 16 == BERTH_ABI_MAJOR else {
            throw DescriptorFault("abi_version is not of major version 1")
        }
        guard plugin.component_count >= 1, plugin.component_count <= Int(GW_COMPONENT_LIMIT) else {
            throw DescriptorFault("component_count is not between 1 and 256")
        }
        guard let id = Text.terminated(plugin.id, limit: Limit.id), Text.isID(id) else {
            throw DescriptorFault("the plugin's id is not of the form [a-z][a-z0-9-]{0,62}")
        }
        guard let version = Text.terminated(plugin.version, limit: Limit.short), !version.isEmpty else {
            throw DescriptorFault("the plugin's version is missing or longer than 255 bytes")
        }
        guard let vendor = Text.terminated(plugin.vendor, limit: Limit.short) else {
            throw DescriptorFault("the plugin's vendor is longer than 255 bytes")
        }
        FrameEncoder.append(
            gw_loaded(
                component_count: UInt32(plugin.component_count), id_length: UInt32(id.count),
                version_length: UInt32(version.count), vendor_length: UInt32(vendor.count),
                abi_version: plugin.abi_version, zero: 0), to: &payload)
        append([id, version, vendor])
    }

    private mutating func append(_ texts: [UnsafeRawBufferPointer]) {
        for text in texts where !text.isEmpty {
            payload.append(contentsOf: text)
        }
    }

    // MARK: Its components

    private mutating func encodeComponents(of plugin: berth_plugin) throws(DescriptorFault) {
        guard let first = UnsafeRawPointer(plugin.components) else {
            throw DescriptorFault("components is null")
        }
        let stride = Int(first.loadUnaligned(as: UInt32.self))
        let least = DescriptorEncoder.leastComponentSize
        guard stride >= least, stride <= 4096, stride % 8 == 0 else {
            throw DescriptorFault("the first component's struct_size is not a size of berth_component")
        }
        var ids: [[UInt8]] = []
        for index in 0..<plugin.component_count {
            let place = first + index * stride
            let size = Int(place.loadUnaligned(as: UInt32.self))
            guard size >= least, size <= stride else {
                throw DescriptorFault(component: index, "struct_size differs from the first one's")
            }
            let id = try encode(Prefix.read(place, berth_component()), index)
            guard !ids.contains(id) else { throw DescriptorFault(component: index, "its id is there twice") }
            ids.append(id)
        }
        guard payload.count <= Int(GW_DESCRIPTOR_LIMIT) else {
            throw DescriptorFault("all texts together are longer than 1 MiB")
        }
    }

    /// Where `extension` begins: the table before it is the last obligatory member.
    static let leastComponentSize = 104

    private mutating func encode(_ component: berth_component, _ index: Int) throws(DescriptorFault) -> [UInt8] {
        guard let id = Text.terminated(component.id, limit: Limit.id), Text.isID(id) else {
            throw DescriptorFault(component: index, "its id is not of the form [a-z][a-z0-9-]{0,62}")
        }
        guard let table = component.vtable else { throw DescriptorFault(component: index, "vtable is null") }
        guard let calls = ComponentCalls(kind: component.kind, table: table) else {
            throw DescriptorFault(component: index, "unknown kind, or its obligatory function is missing")
        }
        let texts = try texts(of: component, id, index)
        FrameEncoder.append(head(component, texts), to: &payload)
        append(texts)
        components.append(
            LoadedComponent(calls: calls, flags: component.flags, extension: component.extension))
        return [UInt8](id)
    }

    private func texts(
        of component: berth_component, _ id: UnsafeRawBufferPointer, _ index: Int
    ) throws(DescriptorFault) -> [UnsafeRawBufferPointer] {
        guard let version = Text.terminated(component.version, limit: Limit.short),
            let title = Text.terminated(component.title, limit: Limit.short),
            let resultType = Text.terminated(component.result_type, limit: Limit.short)
        else { throw DescriptorFault(component: index, "version, title or result_type is longer than 255 bytes") }
        guard let description = Text.terminated(component.description, limit: Limit.description) else {
            throw DescriptorFault(component: index, "description is longer than 8 KiB")
        }
        guard let schema = Text.terminated(component.params_schema, limit: Limit.schema) else {
            throw DescriptorFault(component: index, "params_schema is longer than 256 KiB")
        }
        return [id, version, title, description, schema, resultType]
    }

    private func head(_ component: berth_component, _ texts: [UnsafeRawBufferPointer]) -> gw_component {
        gw_component(
            flags: component.flags, max_input_bytes: component.max_input_bytes,
            max_output_bytes: component.max_output_bytes, max_memory_bytes: component.max_memory_bytes,
            max_file_bytes: component.max_file_bytes, max_scratch_bytes: component.max_scratch_bytes,
            max_log_bytes: component.max_log_bytes, max_cpu_ms: component.max_cpu_ms,
            max_open_files: component.max_open_files, max_processes: component.max_processes, kind: component.kind,
            max_concurrency: component.max_concurrency, default_timeout_ms: component.default_timeout_ms,
            grace_ms: component.grace_ms, stall_ms: component.stall_ms, id_length: UInt32(texts[0].count),
            version_length: UInt32(texts[1].count), title_length: UInt32(texts[2].count),
            description_length: UInt32(texts[3].count), schema_length: UInt32(texts[4].count),
            result_type_length: UInt32(texts[5].count))
    }
}
