import CBerthPlugin
import CGuestWire
import Foundation
import JobModel

/// What a plugin said of itself when it was probed, kept beside its staged copy, so that a restart runs no plugin code.
/// Valid for one ABI and one way of reading descriptors; anything else there is ignored.
struct DescriptorCache: Sendable {
    private struct Page: Codable {
        var abi: UInt32
        var wire: UInt64
        var descriptor: PluginDescriptor
    }

    func descriptor(in folder: String) -> PluginDescriptor? {
        guard let data = FileManager.default.contents(atPath: path(folder)),
            let page = try? JSONDecoder().decode(Page.self, from: data), page.abi == Self.abi, page.wire == Self.wire
        else { return nil }
        return page.descriptor
    }

    /// A failure costs another probe and nothing else.
    func keep(_ descriptor: PluginDescriptor, in folder: String) {
        let page = Page(abi: Self.abi, wire: Self.wire, descriptor: descriptor)
        guard let data = try? JSONEncoder().encode(page) else { return }
        try? data.write(to: URL(fileURLWithPath: path(folder)), options: .atomic)
    }

    private func path(_ folder: String) -> String { "\(folder)/descriptor.json" }

    private static let abi = BERTH_ABI_MAJOR << 16 | BERTH_ABI_MINOR
    private static let wire = UInt64(GW_LAYOUT_DIGEST)
}
