import GuestPool
import JobModel

/// What a run was seen to need, as YAML to paste.
struct LearnedYAML {
    let component: ComponentName
    let needs: LearnedNeeds

    var lines: [String] {
        let access = needs.access
        var lines = ["# What \(component) was seen to need, beyond what every plugin may do."]
        if needs.grants.isEmpty, access.read.isEmpty, access.write.isEmpty { lines.append("# Nothing.") }
        if !needs.grants.isEmpty {
            lines += [
                "# In berth.yaml; the component has to declare it too:", "plugins:", "  \(component.plugin):",
                "    grants: [\(needs.grants.words.joined(separator: ", "))]",
            ]
        }
        if !access.read.isEmpty || !access.write.isEmpty {
            lines += ["# In the job:", "access:"]
            lines += Self.list("read", access.read) + Self.list("write", access.write)
        }
        if !needs.refused.isEmpty {
            lines.append("# Refused in every sandbox, unless it has SystemCallFilter: no:")
            lines.append("#   \(needs.refused.sorted().joined(separator: ", "))")
        }
        return lines
    }

    private static func list(_ name: String, _ paths: [String]) -> [String] {
        guard !paths.isEmpty else { return [] }
        return ["  \(name):"] + paths.map { "    - \(JSONValue.string($0).text)" }
    }
}
