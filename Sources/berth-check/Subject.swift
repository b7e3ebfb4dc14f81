import CBerthPlugin
import CCheckShims
import CGuestWire.Shims

/// A component of the plugin, with what it said of itself.
struct Component {
    var id: [UInt8]
    var facts: berth_component
    var loaded: LoadedComponent

    var calls: ComponentCalls { loaded.calls }
    func has(_ flag: UInt64) -> Bool { facts.flags & flag != 0 }

    /// Time it gets to end after it was asked.
    var graceNanoseconds: Int64 { Int64(facts.grace_ms == 0 ? 5000 : facts.grace_ms) * 1_000_000 }
}

/// The library under check, step by step.
struct Subject {
    let library: [UInt8]
    private(set) var entry: berth_entry?
    private(set) var plugin = berth_plugin()
    private(set) var components: [Component] = []
    /// Of all that the plugin says of itself.
    private(set) var descriptorHash: UInt64 = 0

    init(_ library: [UInt8]) {
        self.library = library
    }

    /// Nil, or why it cannot be loaded.
    mutating func load() -> Words? {
        Report.doing("loading the library")
        let handle = library.withUnsafeBytes { dlopen($0.assumingMemoryBound(to: CChar.self).baseAddress, RTLD_NOW) }
        guard let handle else {
            return Words(
                [UInt8](Text.terminated(dlerror(), limit: 4096) ?? UnsafeRawBufferPointer(start: nil, count: 0)))
        }
        guard let symbol = dlsym(handle, BERTH_ENTRY_SYMBOL) else { return "it exports no berth_plugin_v1" }
        entry = unsafeBitCast(symbol, to: berth_entry.self)
        return nil
    }

    /// Calls the entry with `table` and reads the descriptor. Nil, or what is wrong.
    mutating func describe(_ table: UnsafePointer<berth_host>) -> Words? {
        guard let entry else { return "it is not loaded" }
        Report.doing("calling berth_plugin_v1")
        var plugin = berth_plugin()
        plugin.struct_size = UInt32(MemoryLayout<berth_plugin>.size)
        let code = entry(table, &plugin)
        guard code == BERTH_OK else { return "berth_plugin_v1 answered \(code)" }
        return read(plugin)
    }

    mutating func read(_ plugin: berth_plugin) -> Words? {
        do throws(DescriptorFault) {
            let described = try DescriptorEncoder.describe(plugin)
            var hash = Hash()
            hash.add(described.payload)
            descriptorHash = hash.value
            self.plugin = plugin
            components = Self.components(plugin, described.components)
        } catch {
            return Words(error.text.bytes)
        }
        return nil
    }

    /// Nil, or what its start answered.
    func start(_ configuration: [UInt8]) -> Words? {
        guard let start = plugin.start else { return nil }
        Report.doing("calling the plugin's start")
        let code = configuration.withUnsafeBytes { start($0.baseAddress, $0.count) }
        return code == BERTH_OK ? nil : "the plugin's start answered \(code)"
    }

    private static func components(_ plugin: berth_plugin, _ loaded: [LoadedComponent]) -> [Component] {
        guard let first = UnsafeRawPointer(plugin.components) else { return [] }
        let stride = Int(first.loadUnaligned(as: UInt32.self))
        var components: [Component] = []
        for index in 0..<plugin.component_count {
            let facts = Prefix.read(first + index * stride, berth_component())
            let id = Text.terminated(facts.id, limit: 63) ?? UnsafeRawBufferPointer(start: nil, count: 0)
            components.append(Component(id: [UInt8](id), facts: facts, loaded: loaded[index]))
        }
        return components
    }
}
