import CBerthPlugin
import CGuestWire
import Foundation
import JobModel

/// What a plugin said of itself when it was probed, kept beside its staged copy, so that a restart runs no plugin code.
/// Valid for one ABI and one way of reading descriptors; anything else there is ignored.
struct DescriptorCache: Sendable {
    func descriptor(in folder: String) -> PluginDescriptor? {
        guard let data = FileManager.default.contents(atPath: path(folder)), let page = try? JSONParser.parse(data),
            page["abi"] == Self.abi, page["wire"] == Self.wire, let descriptor = page["descriptor"]
        else { return nil }
        return PluginDescriptor(json: descriptor)
    }

    /// A failure costs another probe and nothing else.
    func keep(_ descriptor: PluginDescriptor, in folder: String) {
        let page: JSONValue = ["abi": Self.abi, "wire": Self.wire, "descriptor": descriptor.json]
        try? Data(page.bytes).write(to: URL(fileURLWithPath: path(folder)), options: .atomic)
    }

    private func path(_ folder: String) -> String { "\(folder)/descriptor.json" }

    private static let abi = JSONValue.number(BERTH_ABI_MAJOR << 16 | BERTH_ABI_MINOR)
    private static let wire = JSONValue.number(UInt64(GW_LAYOUT_DIGEST))
}
