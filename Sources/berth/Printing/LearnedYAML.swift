import GuestPool
import JobModel

/// What a run was seen to need, as YAML to paste.
struct LearnedYAML {
    let component: ComponentName
    let needs: LearnedNeeds

    var lines: [String] {
        let title = "# What \(component) was seen to need, beyond what every plugin may do."
        return [title] + (needs.isEmpty ? ["# Nothing."] : settings + access + closed + refused)
    }

    private var settings: [String] {
        guard !needs.grants.isEmpty || !needs.features.isEmpty else { return [] }
        var lines = ["# In berth.yaml; the component has to declare grants too:", "plugins:", "  \(component.plugin):"]
        if !needs.grants.isEmpty { lines.append("    grants: [\(needs.grants.words.joined(separator: ", "))]") }
        if !needs.features.isEmpty {
            let switches = needs.features.sorted().map { "\($0): no" }
            lines.append("    sandbox: {\(switches.joined(separator: ", "))}")
        }
        return lines
    }

    private var access: [String] {
        let access = needs.access
        guard access != FileAccess() else { return [] }
        return ["# In the job:", "access:"] + Self.list("read", access.read) + Self.list("write", access.write)
    }

    /// A run by itself has its home among temporary files.
    private var closed: [String] {
        let closed = needs.closed
        guard !closed.isEmpty else { return [] }
        return [
            "# Cannot be opened while the host's home is there, as that of this run was; give the plugin a folder of its own,",
            "# and open that:",
        ] + closed.map { "#   \(JSONValue.string($0).text)" }
    }

    private var refused: [String] {
        guard !needs.refused.isEmpty else { return [] }
        return [
            "# Refused in every sandbox, and often gone on without; nothing lets it in but the profile none, or the plugin's",
            "# sandbox: {SystemCallFilter: no}:", "#   \(needs.refused.sorted().joined(separator: ", "))",
        ]
    }

    private static func list(_ name: String, _ paths: [String]) -> [String] {
        guard !paths.isEmpty else { return [] }
        return ["  \(name):"] + paths.map { "    - \(JSONValue.string($0).text)" }
    }
}
