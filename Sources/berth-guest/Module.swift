import CBerthPlugin
import CGuestWire
import CGuestWire.Shims

/// The plugin of this process, loaded and started.
struct Module: @unchecked Sendable {  // pointers into the plugin, which is never unloaded
    let components: [LoadedComponent]
    /// Payload of LOADED.
    let descriptor: [UInt8]
    private let plugin: berth_plugin

    static func load(_ order: LoadOrder) -> Result<Module, GuestFailure> {
        do throws(GuestFailure) {
            return .success(try Module(order))
        } catch {
            return .failure(error)
        }
    }

    /// The plugin's last word before the process ends.
    func stop() {
        plugin.stop?()
    }

    private init(_ order: LoadOrder) throws(GuestFailure) {
        Secrets.given = order.secrets
        let entry = try Self.entry(of: order.path)
        var plugin = berth_plugin()
        plugin.struct_size = UInt32(MemoryLayout<berth_plugin>.size)
        let code = entry(Services.table, &plugin)
        guard code == BERTH_OK else {
            throw Self.failure(GW_STAGE_REFUSED, code, "the entry answered ")
        }
        do throws(DescriptorFault) {
            let described = try DescriptorEncoder.describe(plugin)
            components = described.components
            descriptor = described.payload
        } catch {
            throw GuestFailure(stage: GW_STAGE_DESCRIPTOR, text: error.text)
        }
        self.plugin = plugin
        if !order.isProbe {
            try start(order.configuration)
        }
    }

    private func start(_ configuration: [UInt8]) throws(GuestFailure) {
        guard let start = plugin.start else { return }
        let code = configuration.withUnsafeBytes { start($0.baseAddress, $0.count) }
        guard code == BERTH_OK else {
            throw Self.failure(GW_STAGE_START, code, "the plugin's start answered ")
        }
    }

    private static func entry(of path: [UInt8]) throws(GuestFailure) -> berth_entry {
        let library = path.withUnsafeBytes { dlopen($0.assumingMemoryBound(to: CChar.self).baseAddress, RTLD_NOW) }
        guard let library else {
            var text = Sentence("")
            text.append(Text.terminated(dlerror(), limit: 4096) ?? UnsafeRawBufferPointer(start: nil, count: 0))
            throw GuestFailure(stage: GW_STAGE_OPEN, text: text)
        }
        guard let symbol = dlsym(library, BERTH_ENTRY_SYMBOL) else {
            throw GuestFailure(stage: GW_STAGE_ENTRY, text: Sentence("the library exports no berth_plugin_v1"))
        }
        return unsafeBitCast(symbol, to: berth_entry.self)
    }

    private static func failure(_ stage: UInt32, _ code: Int32, _ words: StaticString) -> GuestFailure {
        var text = Sentence(words)
        text.append(Int(code))
        return GuestFailure(stage: stage, code: code, text: text)
    }
}
