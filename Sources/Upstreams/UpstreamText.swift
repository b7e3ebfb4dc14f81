package import JobModel

/// Finds the component that a server means by a text of its own.
package enum UpstreamText {
    /// In this order: an alias, a full name, the id of a component that one plugin alone has. Whether an alias or a full
    /// name can be run is the engine's to say.
    package static func component(
        _ text: String, aliases: [String: ComponentName], among components: some Collection<ComponentName>
    ) throws(UnknownComponent) -> ComponentName {
        if let name = aliases[text] ?? ComponentName(text) { return name }
        let fitting = components.filter { $0.component == text }
        guard fitting.count == 1, let name = fitting.first else {
            throw UnknownComponent(
                text: text, fitting: fitting.map(\.description).sorted(), aliases: aliases.keys.sorted(),
                components: components.map(\.description).sorted())
        }
        return name
    }
}

/// A text that names no component, or more than one.
package struct UnknownComponent: Error, Hashable, Sendable, CustomStringConvertible {
    package var text: String
    /// Those it could mean.
    package var fitting: [String]
    package var aliases: [String]
    /// All there are.
    package var components: [String]

    package var description: String {
        guard fitting.isEmpty else {
            return "\"\(text)\" could be \(fitting.joined(separator: " or ")): give the full name, or an alias"
        }
        let what = text.isEmpty ? "nothing names a component" : "there is no component or alias \"\(text)\""
        return "\(what); components: \(Self.list(components)); aliases: \(Self.list(aliases))"
    }

    /// At most twenty.
    private static func list(_ names: [String]) -> String {
        let shown = names.prefix(20).joined(separator: ", ")
        return names.isEmpty ? "none" : names.count > 20 ? "\(shown) and \(names.count - 20) more" : shown
    }
}
