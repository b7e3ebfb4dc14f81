import GuestPool
package import JobModel
import PluginCatalog

/// What a component asks for and the operator has not granted, and how to grant it.
package struct GrantRefusal: Error, Hashable, Sendable {
    package let component: ComponentName
    let missing: Grants
    let granted: Grants
    /// Where the operator's word belongs; nil: on the command line of `berth run`.
    let settingsFile: String?

    /// Nil when nothing is missing.
    init?(_ component: ComponentName, flags: ComponentFlags, granted: Grants, settingsFile: String?) {
        missing = Grants(askedBy: flags).subtracting(granted)
        guard !missing.isEmpty else { return nil }
        self.component = component
        self.granted = granted
        self.settingsFile = settingsFile
    }
}

extension GrantRefusal: CustomStringConvertible {
    package var description: String {
        let needs = missing.words.map { $0 == "network" ? "uses the network" : "starts programs" }
        return "\(component) \(needs.joined(separator: " and ")), which is not granted: \(remedy)"
    }

    private var remedy: String {
        guard let settingsFile else {
            return "give " + missing.words.map { "--grant \($0)" }.joined(separator: " ")
        }
        let words = granted.union(missing).words.joined(separator: ", ")
        // Without the key `plugins` itself, which the file may have already and may not have twice.
        return "write \"\(component.plugin): {grants: [\(words)]}\" under \"plugins:\" in \(settingsFile) "
            + "and start the host again"
    }
}

extension ComponentFlags {
    /// Most components need nothing that has to be granted, and each of their runs is asked.
    var asksForGrants: Bool { contains(.network) || contains(.subprocess) }
}

extension Grants {
    /// What a component with these flags cannot do without.
    init(askedBy flags: ComponentFlags) {
        self.init(rawValue: 0)
        if flags.contains(.network) { insert(.network) }
        if flags.contains(.subprocess) { insert(.subprocess) }
    }

    /// What such a component may have where it is granted. Nobody knows what the programs need that it starts: they may
    /// have the network, and do without.
    init(usableBy flags: ComponentFlags) {
        self.init(askedBy: flags)
        if flags.contains(.subprocess) { insert(.network) }
    }
}

extension Surroundings {
    func settings(of component: ComponentName) -> PluginSettings {
        plugins[component.plugin] ?? otherPlugins
    }

    func refusal(_ component: CatalogComponent) -> GrantRefusal? {
        guard component.descriptor.flags.asksForGrants else { return nil }
        return GrantRefusal(
            component.name, flags: component.descriptor.flags, granted: settings(of: component.name).grants,
            settingsFile: settingsFile)
    }
}
