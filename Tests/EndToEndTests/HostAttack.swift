import TestSupport

/// One thing that plugins do to a running host, how it is asked for, and what has to become of it.
struct HostAttack {
    /// What it is counted under.
    var family: String
    var name: String
    /// As the API takes it.
    var request: String
    /// Outcome and detail; any of these.
    var ends: [String]
    /// Texts of which the reason has to contain one; none: it may say what it likes.
    var says: [String] = []

    func isRight(_ run: EndedRun) -> Bool {
        ends.contains(run.ending)
            && (says.isEmpty || says.contains { run.reason?.contains($0) == true })
    }

    /// Crashes in a guest that other attempts share: they are charged to nobody else.
    static let shared = ["crash", "crash again", "one beside it", "another beside it"].map { name in
        let crashes = name.hasPrefix("crash")
        return HostAttack(
            family: "sharing a guest", name: name,
            request: """
                {"component": "concurrent/shared", "params": \(crashes ? #"{"segv": 1, "always": 1}"# : "{}"),
                "retry": {"attempts": 1, "crashes": 1}}
                """,
            ends: [crashes ? "crashed memory_fault" : "succeeded"])
    }

    /// All that are components of the hostile plugins.
    static let cases = HostileCase.families.flatMap { family, cases in
        cases.map { attack in
            HostAttack(
                family: family, name: attack.description, request: attack.request, ends: attack.ends,
                says: attack.says.isEmpty ? [] : [attack.says])
        }
    }
}

/// What the attacks read of a run that is over.
struct EndedRun: Decodable {
    var state: String
    var outcome: String?
    var detail: String?
    var reason: String?
    var outputText: String?

    var isOver: Bool { !["pending", "running", "held"].contains(state) }
    var ending: String { [outcome, detail].compactMap(\.self).joined(separator: " ") }
    var words: String { [state, outcome, detail, reason].compactMap(\.self).joined(separator: ", ") }
}

extension HostileCase {
    fileprivate var request: String {
        var limits: [String] = []
        func add(_ name: String, _ value: (some CustomStringConvertible)?) {
            if let value { limits.append("\"\(name)\": \(value)") }
        }
        add("memory", memory)
        add("file_size", fileSize)
        add("scratch", scratch)
        add("open_files", openFiles)
        add("processes", processes)
        add("output", output)
        add("log", log)
        if let cpu { limits.append("\"cpu\": \"\(cpu.milliseconds)ms\"") }
        return """
            {"component": "\(plugin)/\(component)", "timeout": "\(timeout.milliseconds)ms", \
            "grace": "\(grace.milliseconds)ms", "retry": {"attempts": 1, "crashes": 1}, \
            "limits": {\(limits.joined(separator: ", "))}}
            """
    }
}

extension Duration {
    fileprivate var milliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}
