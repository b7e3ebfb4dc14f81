import JobModel
import PluginCatalog

extension HotState {
    /// What is wrong with the definitions that have something wrong, one thing for each, whoever defines them.
    func errors(in definitions: [JobDefinition]) -> [(job: String, error: EngineError)] {
        var names: Set<String> = []
        return definitions.compactMap { definition in
            guard names.insert(definition.name).inserted else {
                let reason = "two jobs have this name"
                return (definition.name, .invalid(field: "name", value: definition.name, reason: reason))
            }
            return error(in: definition).map { (definition.name, $0) }
        }
    }

    /// The definitions that another source has.
    func clashes(in definitions: [JobDefinition], source: String) -> [EngineError] {
        definitions.compactMap { definition in
            guard let owner = jobNames[definition.name].flatMap({ jobs[$0] })?.record.source, owner != source else {
                return nil
            }
            return .jobOwned(name: definition.name, by: owner, wanted: source)
        }
    }

    /// What a job names that is not there: it may come, so that this refuses nothing.
    func warnings(about job: JobDefinition) -> [String] {
        let policy = job.policy
        let wanted: [(String, FollowUp?)] = [
            ("pre_step", policy.preStep?.step?.asFollowUp), ("post_step", policy.postStep?.step?.asFollowUp),
            ("on_success", policy.onSuccess), ("on_failure", policy.onFailure),
        ]
        return wanted.compactMap { field, wanted in
            guard let wanted, let why = absence(of: wanted.target) ?? misfit(of: wanted) else { return nil }
            return "\(field) of job \"\(job.name)\" will not work: \(why)"
        }
    }

    /// By what its component takes, with something in place of the words that stand for facts.
    private func misfit(of wanted: FollowUp) -> String? {
        guard case .component(let text) = wanted.target, let name = ComponentName(text),
            let schema = catalog.components[name]?.schema
        else { return nil }
        do throws(ParamsRefusal) {
            _ = try schema.complete(RunWords.sample(of: name).filled(wanted.params ?? "{}"))
            return nil
        } catch {
            return misfit(name, error)
        }
    }

    private func absence(of target: FollowUp.Target) -> String? {
        switch target {
        case .job(let name): jobNames[name] == nil ? "there is no job \"\(name)\"" : nil
        case .component(let text):
            catalog.isComplete && ComponentName(text).flatMap { catalog.components[$0] } == nil
                ? "no plugin offers \(text)" : nil
        }
    }

    private func error(in definition: JobDefinition) -> EngineError? {
        guard queueIndex[definition.queue] != nil else { return .queueNotFound(definition.queue) }
        return definition.error(zones: surroundings.zones) ?? paramsError(in: definition)
    }
}

extension JobDefinition {
    fileprivate func error(zones: (String) -> ZoneRules?) -> EngineError? {
        func invalid(_ field: String, _ value: String, _ reason: String) -> EngineError {
            .invalid(field: field, value: value, reason: "job \"\(name)\": \(reason)")
        }
        guard Identifier.isName(name) else {
            return invalid(
                "name", name, "names are a-z, 0-9, - . _, begin with a letter and have at most 63 characters")
        }
        guard ComponentName(component) != nil else {
            return invalid("component", component, "a component is written plugin-id/component-id")
        }
        guard params.utf8.looksLikeObject else { return invalid("params", params, "params are a JSON object") }
        if let complaint = policy.complaint ?? Priority.complaint(priority) {
            return invalid(complaint.field, complaint.value, complaint.reason)
        }
        do {
            _ = try Schedule(schedule, anchor: Instant(microseconds: 0), zones: zones)
            return nil
        } catch {
            return invalid("schedule", error.text, error.reason)
        }
    }
}

extension RunPolicy {
    typealias Complaint = (field: String, value: String, reason: String)

    /// What of it could never work.
    var complaint: Complaint? {
        if let timeout, timeout <= .zero { return ("timeout", timeout.berthText, "must be longer than nothing") }
        if let grace, grace < .zero { return ("grace", grace.berthText, "cannot be negative") }
        if let notAfter, notAfter <= .zero { return ("not_after", notAfter.berthText, "must be longer than nothing") }
        if retry.attempts < 1 { return ("retry.attempts", "\(retry.attempts)", "must be 1 or more; 1 means no retry") }
        if retry.crashes < 1 { return ("retry.crashes", "\(retry.crashes)", "must be 1 or more") }
        if let within = retry.within, within <= .zero {
            return ("retry.within", within.berthText, "must be longer than nothing")
        }
        if let relative = (access.read + access.write).first(where: { !$0.hasPrefix("/") }) {
            return ("access", relative, "paths must be absolute")
        }
        return Self.complaint(preStep, "pre_step") ?? Self.complaint(postStep, "post_step")
    }

    private static func complaint(_ order: StepOrder?, _ name: String) -> Complaint? {
        order?.step?.policy.complaint.map { ("\(name).\($0.field)", $0.value, $0.reason) }
    }
}

extension Sequence<UInt8> {
    /// Whether the first character that is no white space opens an object. The edge has read the JSON; this keeps
    /// plain mistakes out.
    var looksLikeObject: Bool {
        first { !($0 == 0x20 || (0x09...0x0d).contains($0)) } == UInt8(ascii: "{")
    }
}

extension Step {
    fileprivate var asFollowUp: FollowUp { FollowUp(.component("\(component)"), params: params) }
}

extension EngineError {
    /// Nil where there are none.
    init?(all errors: [EngineError]) {
        guard let first = errors.first else { return nil }
        self = errors.count == 1 ? first : .mistakes(errors)
    }
}
