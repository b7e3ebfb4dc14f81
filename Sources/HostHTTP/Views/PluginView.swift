package import JobEngine
package import JobModel

/// A file in the plugins folder. `id` and `components` come from its descriptor and are missing where none was read.
package struct PluginView: JSONView {
    package let json: JSONValue

    package init(json: JSONValue) {
        self.json = json
    }

    package init(_ plugin: PluginRecord, settings: OperatorSettings? = nil) {
        let descriptor = plugin.descriptor
        json = .object(present: [
            "id": .text(descriptor?.id),
            "version": .text(descriptor?.version),
            "vendor": .text(descriptor?.vendor),
            "abi": descriptor.map { .string("\($0.abiVersion >> 16).\($0.abiVersion & 0xFFFF)") },
            "state": .string(plugin.state.rawValue),
            "reason": .text(plugin.reason),
            "path": .string(plugin.path),
            "digest": plugin.digest.isEmpty ? nil : .string(plugin.digest),
            "arrived_at": .instant(plugin.arrivedAt),
            "grants": settings.map { .texts($0.grants) },
            "not_granted": settings.map { .texts($0.refusals) },
            "sandbox": .text(settings?.sandbox),
            "secrets": settings.map { .texts($0.secrets) },
            "configured": settings.map { .bool($0.isConfigured) },
            "components": .array(
                (descriptor?.components ?? []).map { ComponentView($0, plugin: descriptor?.id ?? "").json }),
        ])
    }

    package var id: String? { text("id") }
    package var version: String? { text("version") }
    package var state: String { text("state") ?? "" }
    package var reason: String? { text("reason") }
    package var path: String { text("path") ?? "" }
    package var components: [ComponentView] { views("components") }
    package var grants: [String] { texts("grants") }
    package var notGranted: [String] { texts("not_granted") }

    private func texts(_ name: String) -> [String] { (json[name]?.array ?? []).compactMap(\.string) }
}
