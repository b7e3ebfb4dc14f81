import Foundation
import JobModel
import Upstreams

/// What the original worker of a cronjob server was told, as what this host has to be told: by its file in either of its
/// two forms, and by its environment.
struct CronjobImport {
    private let identity: JSONValue
    private let environment: [String: String]
    private let connection: JSONValue
    private let tasks: [String]

    /// `file`: flat (`name`, `id`, `metadata`), or in parts (`worker`, `server`, `websocket`); nil: there is none.
    init(file: JSONValue?, environment: [String: String]) {
        self.environment = environment
        connection = file?["server"] ?? .null
        let isFlat = file?["id"] != nil || file?["name"] != nil
        // As in the original: a flat file with a name or an id makes the variables count for nothing.
        identity = isFlat ? file ?? .null : Self.identity(file?["worker"], environment)
        let listed =
            isFlat
            ? (file?["metadata"]?["tasks"]?.array ?? []).compactMap(\.string)
            : (environment["WORKER_TASKS_LIST"] ?? "").split(separator: ",").map(String.init)
        tasks = listed.isEmpty ? ["default"] : listed
    }

    private static func identity(_ part: JSONValue?, _ environment: [String: String]) -> JSONValue {
        func text(_ variable: String, _ name: String) -> JSONValue? {
            (environment[variable] ?? part?[name]?.string).flatMap { $0.isEmpty ? nil : .string($0) }
        }
        return .object(present: [
            "id": text("WORKER_ID", "id"), "name": text("WORKER_NAME", "name"),
            "description": text("WORKER_DESCRIPTION", "description"),
            "working_dir": text("WORKER_WORKING_DIR", "working_dir"),
        ])
    }

    /// Of berth.yaml. `name`: what the upstream is to be called.
    func yaml(name: String) -> String {
        (upstream(name) + plugins).map { $0 + "\n" }.joined()
    }

    // MARK: upstreams:

    private func upstream(_ name: String) -> [String] {
        var lines = ["upstreams:", "  \(name):", "    kind: cronjob"] + url + key + worker
        let taken = tasks.filter(Self.runs)
        lines.append(
            taken.isEmpty
                ? "    tasks: [\(Self.list(tasks))]      # refused one by one, until `categories` gives them a component"
                : "    tasks: [\(Self.list(taken))]")
        for task in tasks where !Self.runs(task) {
            let why = StandardCategory.refusal(of: task).split(whereSeparator: \.isNewline).joined(separator: " ")
            lines.append("    # not taken: \(why)")
        }
        if let folder = workingFolder, !["", "."].contains(folder) {
            lines.append(
                "    # working_dir \(Self.quoted(folder)): each run has a scratch folder of its own; a task's "
                    + "metadata.working_dir is entered where `access` of its category grants it")
        }
        let seconds = environment["WEBSOCKET_PING_INTERVAL"]
        if let seconds, let number = Int(seconds), number > 0 { lines.append("    intervals: {ping: \(number)s}") }
        return lines
    }

    private var workingFolder: String? { identity["working_dir"]?.string }

    private var url: [String] {
        let given = environment["API_URL"] ?? environment["API_SERVER_URL"] ?? connection["api_url"]?.string
        guard let given, let address = ServerAddress(base: given) else {
            return ["    url: http://localhost:8000/api/v1      # where the server is: nothing said it"]
        }
        let text = given.reversed().drop { $0 == "/" }.reversed().map(String.init).joined()
        guard address.path.isEmpty else { return ["    url: \(Self.quoted(text))"] }
        return ["    url: \(Self.quoted(text + "/api/v1"))      # with the prefix of the API, which was not given"]
    }

    /// Keys stay where they are: what is printed may end in a repository.
    private var key: [String] {
        if environment["API_KEY"] == nil, environment["API_AUTH_TOKEN"] != nil {
            return ["    api_key: {env: API_AUTH_TOKEN}"]
        }
        guard connection["auth_token"]?.string != nil else { return ["    api_key: {env: API_KEY}"] }
        return [
            "    api_key: {file: cronjob.key}      # put server.auth_token into this file, and let nobody else read it"
        ]
    }

    private var worker: [String] {
        let known = identity["id"]?.string.flatMap { ServerTask.isID($0) ? $0 : nil }
        let id = known ?? UUID().uuidString.lowercased()
        let name = identity["name"]?.string ?? "worker-\(id)"
        return [
            "    worker:", "      id: \(id)" + (known == nil ? "      # a new one, since there was none" : ""),
            "      name: \(Self.quoted(name))",
        ] + (identity["description"]?.string.map { ["      description: \(Self.quoted($0))"] } ?? [])
    }

    private static func runs(_ task: String) -> Bool { StandardCategory.components[task] != nil }

    // MARK: plugins:

    private var plugins: [String] {
        let components = Set(tasks.compactMap { StandardCategory.components[$0]?.split(separator: "/").first })
        var lines: [String] = []
        if components.contains("command") {
            lines.append("  command: {grants: [subprocess], config: {shell: {\(shell)}}}")
            if let patterns = list("COMMAND_BLOCKED_PATTERNS", by: ",") {
                lines.append(
                    "  # COMMAND_BLOCKED_PATTERNS [\(patterns)] has no counterpart: patterns were held against the first word "
                        + "alone; `blocked` is held against every program that a line starts")
            }
        }
        if components.contains("script") {
            let folders = list("ALLOWED_SCRIPT_DIRS", by: ";").map { ", config: {folders: [\($0)]}" } ?? ""
            lines.append("  script: {grants: [subprocess]\(folders)}")
        }
        if components.contains("http") { lines.append("  http: {grants: [network]}") }
        if components.contains("file"), let roots = list("FILE_RUNNER_ALLOWED_PATHS", by: ",") {
            lines.append("  file: {config: {roots: [\(roots)]}}      # beside these the original had roots of its own")
        }
        if components.contains("container") {
            lines.append("  container: {grants: [network], sandbox: {SystemCallFilter: no}}")
        }
        return lines.isEmpty ? [] : ["plugins:"] + lines
    }

    private var shell: String {
        let isOff = environment["COMMAND_SECURITY_DISABLED"] == "true"
        let settings: KeyValuePairs<String, String?> = [
            "allowed": isOff ? nil : list("COMMAND_ALLOWED", by: ","),
            "blocked": isOff ? "" : list("COMMAND_BLOCKED", by: ","),
            "blocked_paths": isOff ? "" : list("COMMAND_BLOCKED_PATHS", by: ","),
        ]
        return settings.compactMap { name, list in list.map { "\(name): [\($0)]" } }.joined(separator: ", ")
    }

    /// Nil where the variable says nothing.
    private func list(_ variable: String, by separator: Character) -> String? {
        let words = (environment[variable] ?? "").split(separator: separator).map {
            $0.trimmingCharacters(in: .whitespaces)
        }
        return words.isEmpty ? nil : Self.list(words)
    }

    private static func list(_ words: [String]) -> String { words.map(quoted).joined(separator: ", ") }

    /// JSON is YAML, and needs no rules of its own.
    private static func quoted(_ text: String) -> String { JSONValue.string(text).text }
}
