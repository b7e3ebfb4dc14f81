import CBerthPlugin
import CGuestWire
import Testing

struct DescriptorEncoderTests {
    @Test func `A good plugin is described with its components`() throws {
        let described = try outcome { _, _ in }.get()
        let head = described.withUnsafeBytes { $0.loadUnaligned(as: gw_loaded.self) }
        #expect(head.component_count == 2)
        #expect(head.id_length == 4)
        let size = MemoryLayout<gw_loaded>.size + MemoryLayout<gw_component>.size * 2 + "good1.0.0onetwo".utf8.count
        #expect(described.count == size)
        #expect(Array(described[MemoryLayout<gw_loaded>.size...].prefix(9)) == Array("good1.0.0".utf8))
    }

    @Test func `Each way to break the contract is told in words`() {
        let faults: [(String, (inout berth_plugin, inout [berth_component]) -> Void)] = [
            ("abi_version", { plugin, _ in plugin.abi_version = 2 << 16 }),
            ("component_count", { plugin, _ in plugin.component_count = 0 }),
            ("component_count", { plugin, _ in plugin.component_count = 257 }),
            ("components is null", { plugin, _ in plugin.components = nil }),
            ("plugin's id", { plugin, _ in plugin.id = nil }),
            ("version is missing", { plugin, _ in plugin.version = nil }),
            ("struct_size is not", { _, components in components[0].struct_size = 8 }),
            ("struct_size differs", { _, components in components[1].struct_size = 0 }),
            ("component 1: its id is not", { _, components in components[1].id = nil }),
            ("component 1: its id is there twice", { _, components in components[1].id = components[0].id }),
            ("component 0: vtable is null", { _, components in components[0].vtable = nil }),
            ("component 1: unknown kind", { _, components in components[1].kind = 9 }),
            ("component 0: unknown kind", { _, components in components[0].kind = BERTH_KIND_RUNNER }),
        ]
        for (words, spoil) in faults {
            guard case .failure(let fault) = outcome(spoil) else {
                Issue.record("accepted: \(words)")
                continue
            }
            let text = String(decoding: fault.text.bytes, as: UTF8.self)
            #expect(text.contains(words))
        }
    }

    @Test func `Declared limits are handed on, and are zero where the plugin's header had no word for them`() throws {
        #expect(DescriptorEncoder.leastComponentSize == MemoryLayout<berth_component>.offset(of: \.extension))
        let whole = try outcome { _, components in
            components[0].max_memory_bytes = 7
            components[0].max_processes = 9
        }.get()
        #expect(component(whole).max_memory_bytes == 7 && component(whole).max_processes == 9)
        let old = try outcome { plugin, components in
            plugin.component_count = 1
            components[0].max_memory_bytes = 7
            components[0].struct_size = UInt32(DescriptorEncoder.leastComponentSize)
            components[0].max_output_bytes = 5
        }.get()
        #expect(component(old).max_memory_bytes == 0 && component(old).max_output_bytes == 5)
    }

    /// The first one's fixed part.
    private func component(_ payload: [UInt8]) -> gw_component {
        let place = MemoryLayout<gw_loaded>.size + "good1.0.0".utf8.count
        return payload.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: place, as: gw_component.self) }
    }

    @Test func `A component from a smaller header lacks what it does not know`() throws {
        let described = try outcome { _, components in
            for index in components.indices {
                components[index].extension = { _ in nil }
            }
        }.get()
        #expect(!described.isEmpty)
        let short = Prefix.read([UInt32(4), 7, 7, 7], berth_handler())
        #expect(short.struct_size == 4)
        #expect(short.reserved == 0)
        #expect(short.execute == nil)
    }

    /// Describes a plugin with two handlers after `spoil` has had its way.
    private func outcome(
        _ spoil: (inout berth_plugin, inout [berth_component]) -> Void
    ) -> Result<[UInt8], DescriptorFault> {
        var handler = berth_handler()
        handler.struct_size = UInt32(MemoryLayout<berth_handler>.size)
        handler.execute = { _, _, _ in 0 }
        let texts = ["good", "1.0.0", "one", "two"].map { Array($0.utf8CString) }
        return withUnsafePointer(to: handler) { table in
            withTexts(texts) { texts in
                var components = [texts[2], texts[3]].map { id in
                    var component = berth_component()
                    component.struct_size = UInt32(MemoryLayout<berth_component>.size)
                    component.kind = BERTH_KIND_HANDLER
                    component.id = id
                    component.vtable = UnsafeRawPointer(table)
                    return component
                }
                var plugin = berth_plugin()
                plugin.abi_version = BERTH_ABI_MAJOR << 16
                plugin.id = texts[0]
                plugin.version = texts[1]
                plugin.component_count = components.count
                return components.withUnsafeMutableBufferPointer { place in
                    plugin.components = UnsafePointer(place.baseAddress)
                    var copy = Array(place)
                    spoil(&plugin, &copy)
                    for index in copy.indices { place[index] = copy[index] }
                    do throws(DescriptorFault) {
                        return .success(try DescriptorEncoder.describe(plugin).payload)
                    } catch {
                        return .failure(error)
                    }
                }
            }
        }
    }

    private func withTexts<Value>(_ texts: [[CChar]], _ body: ([UnsafePointer<CChar>]) -> Value) -> Value {
        let places = texts.map { text in
            let place = UnsafeMutablePointer<CChar>.allocate(capacity: text.count)
            place.initialize(from: text, count: text.count)
            return place
        }
        defer { places.forEach { $0.deallocate() } }
        return body(places.map { UnsafePointer($0) })
    }
}
