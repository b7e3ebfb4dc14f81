import Foundation
import HostHTTP

/// Plugin files as a table, and one closely.
enum PluginTable {
    static func table(_ plugins: [PluginView]) -> Table {
        var table = Table([
            .init("PLUGIN"), .init("VERSION"), .init("STATE"), .init("COMPONENTS", .right), .init("FILE"), .init("WHY"),
        ])
        for plugin in plugins {
            table.add([
                plugin.id, plugin.version, plugin.state, String(plugin.components.count),
                plugin.path.isEmpty ? nil : URL(fileURLWithPath: plugin.path).lastPathComponent,
                plugin.reason ?? plugin.warning ?? quarantine(plugin) ?? plugin.notGranted.first,
            ])
        }
        return table
    }

    private static func quarantine(_ plugin: PluginView) -> String? {
        plugin.quarantined.isEmpty ? nil : "\(plugin.quarantined.joined(separator: ", ")) quarantined"
    }

    static func sheet(_ plugin: PluginView) {
        var facts = Facts()
        facts.add("plugin", plugin.id)
        facts.add("version", plugin.version)
        facts.add("vendor", plugin.text("vendor"))
        facts.add("abi", plugin.text("abi"))
        facts.add("state", plugin.state)
        facts.add("file", plugin.path)
        facts.add("sha-256", plugin.text("digest"))
        facts.add("arrived", plugin.text("arrived_at"))
        facts.add("sandbox", plugin.text("sandbox"))
        for gap in plugin.sandboxGaps { facts.add("without", gap) }
        facts.add("guests", plugin.text("guests"))
        facts.add("granted", plugin.grants.joined(separator: ", "))
        for refusal in plugin.notGranted { facts.add("not granted", refusal) }
        facts.print()
        if !plugin.story.isEmpty { print() }
        for sentence in plugin.story { Terminal.print(line: sentence) }
        guard !plugin.components.isEmpty else { return }
        print("\ncomponents")
        var table = Table([.init("COMPONENT"), .init("KIND"), .init("FLAGS"), .init("WHAT IT DOES")])
        for component in plugin.components {
            table.add([
                component.name, component.kind, component.flags.joined(separator: ","),
                component.title.isEmpty ? component.details : component.title,
            ])
        }
        table.print()
    }
}
