package import JobModel

/// Makes the run that a task asks for.
package struct TaskPlan: Sendable {
    package var component: ComponentName
    package var settings: CategorySettings
    package var queue: String
    /// What is in the credentials that `args` name, by the member that names them.
    package var credentials: [String: JSONValue] = [:]

    package init(component: ComponentName, settings: CategorySettings, queue: String) {
        self.component = component
        self.settings = settings
        self.queue = settings.queue ?? queue
    }

    /// Members of `args` with the ids of credentials in them.
    package func credentialIDs(of task: ServerTask) throws(TaskRefusal) -> [String: String] {
        guard !members.isEmpty else { return [:] }
        let args = try Self.object(task.args)
        let named = members.keys.compactMap { member in args[member]?.string.map { (member, $0) } }
        return Dictionary(uniqueKeysWithValues: named.filter { !$0.1.isEmpty })
    }

    /// The plugin that comes with Berth takes a registry's credential where the server's runner did.
    private var members: [String: String] {
        component.plugin == "container"
            ? settings.credentials.merging(["registry_cred": "registry"]) { given, _ in given } : settings.credentials
    }

    /// Without retries: the server makes a new task of one that failed.
    package func request(for task: ServerTask, dispatch: Dispatch) throws(TaskRefusal) -> RunRequest {
        let seconds = task.timeout > 0 ? task.timeout : StandardCategory.standardTimeout(of: component)
        let policy = RunPolicy(
            timeout: .seconds(seconds), retry: RetryPolicy(attempts: 1, crashes: 1), access: settings.access)
        var request = RunRequest(
            component: component, params: try params(of: task).bytes, policy: policy, queue: queue,
            hasOwnTimeout: true)
        request.dispatch = dispatch
        return request
    }

    /// What the component is given. The server's runners read `command` and `args` each in their own way.
    package func params(of task: ServerTask) throws(TaskRefusal) -> JSONValue {
        var members: [JSONMember]
        switch component.description {
        case "command/shell": members = Self.line(task)
        case "command/command": members = try Self.program(task)
        default: members = try withCredentials(Self.object(task.args)).members ?? []
        }
        if StandardCategory.components.values.contains(component.description) {
            members.removeAll { !Self.known.contains($0.name) && Self.isNothing($0.value) }
        }
        Self.put(task.metadata, into: &members, for: component)
        return .object(members)
    }

    /// The server's runners read `args` into fields that are empty, false or 0 where nothing is said: saying that is saying
    /// nothing, also in forms that have a field for everything.
    private static func isNothing(_ value: JSONValue) -> Bool {
        switch value {
        case .null, .bool(false): true
        case .string(let text): text.isEmpty
        case .array(let values): values.isEmpty
        case .object(let members): members.isEmpty
        default: value.integer == 0
        }
    }

    /// What may be empty or 0 and mean that.
    private static let known: Set = ["body", "redirects", "response_bytes"]

    private static func line(_ task: ServerTask) -> [JSONMember] {
        [JSONMember("command", .string(task.command))]
            + (task.args.trimmed.isEmpty ? [] : [JSONMember("args", .string(task.args))])
    }

    private static func program(_ task: ServerTask) throws(TaskRefusal) -> [JSONMember] {
        var members = [JSONMember("program", .string(task.command))]
        guard !task.args.trimmed.isEmpty else { return members }
        guard let args = (try? JSONParser.parse(task.args))?.array else {
            throw .args("must be a list of texts for a program without a shell", task.args)
        }
        members.append(JSONMember("args", .array(args)))
        return members
    }

    private static func object(_ args: String) throws(TaskRefusal) -> JSONValue {
        guard !args.trimmed.isEmpty else { return .object([]) }
        let json: JSONValue
        do { json = try JSONParser.parse(args) } catch { throw .args("are no JSON: \(error)", args) }
        guard json.members != nil else { throw .args("must be a JSON object, not \(json.kind)", args) }
        return json
    }

    /// The ids replaced by what is in them.
    private func withCredentials(_ args: JSONValue) -> JSONValue {
        var result = args.members ?? []
        for (member, param) in members {
            guard let secret = credentials[member] else { continue }
            // The server's container runner has the registry's address beside its credential.
            let server = result.first { $0.name == param }?.value.string.map { JSONMember("server", .string($0)) }
            result.removeAll { $0.name == member || $0.name == param }
            result.append(JSONMember(param, .object([server].compactMap(\.self) + (secret.members ?? []))))
        }
        // An address alone says nothing to a pull, whose image has it in its name.
        if component.plugin == "container" { result.removeAll { $0.name == "registry" && $0.value.string != nil } }
        return .object(result)
    }

    /// Params are stored and shown: what is secret in a credential may only stand where the component says that its param
    /// is, so that nobody sees it.
    package func checkSecrecy(of request: RunRequest, schema: ParamsSchema?) throws(TaskRefusal) {
        guard !credentials.isEmpty else { return }
        let shown = schema?.masked(request.params) ?? request.params
        let secrets = Set(
            credentials.values.flatMap { $0.members ?? [] }.filter { !Self.publicMembers.contains($0.name) })
        guard let json = try? JSONParser.parse(shown), secrets.allSatisfy({ !json.holds($0) }) else {
            throw TaskRefusal(
                .parseArgs,
                "\(component) does not say that the param for a credential is secret (x-secret in its schema), so that "
                    + "it would be stored for all to see")
        }
    }

    /// Of the server's credentials; everything else in one is secret.
    private static let publicMembers: Set = [
        "username", "url", "smtp_host", "smtp_port", "from_name", "use_tls", "corp_id", "agent_id",
    ]

    /// Of the components that come with Berth each takes what its runner took; any other is given both.
    private static func put(_ metadata: ServerTask.Metadata, into params: inout [JSONMember], for name: ComponentName) {
        let has = Set(params.map(\.name))
        if !metadata.environment.isEmpty, !has.contains("env"), !["file", "container"].contains(name.plugin) {
            params.append(JSONMember("env", .object(metadata.environment)))
        }
        let takesFolder = !["file", "container", "http"].contains(name.plugin)
        if takesFolder, !["", "."].contains(metadata.workingFolder), !has.contains("cwd") {
            params.append(JSONMember("cwd", .string(metadata.workingFolder)))
        }
    }
}

/// Why a task does not run here.
package struct TaskRefusal: Error, Hashable, Sendable {
    package var step: TaskUpdate.Step
    package var why: String

    package init(_ step: TaskUpdate.Step, _ why: String) {
        self.step = step
        self.why = why
    }

    static func args(_ what: String, _ args: String) -> TaskRefusal {
        TaskRefusal(.parseArgs, "args \(what); they begin with \(args.excerpt)")
    }
}

extension JSONValue {
    /// Whether this member stands anywhere in it.
    fileprivate func holds(_ wanted: JSONMember) -> Bool {
        switch self {
        case .array(let values): values.contains { $0.holds(wanted) }
        case .object(let members): members.contains { $0 == wanted || $0.value.holds(wanted) }
        default: false
        }
    }
}
