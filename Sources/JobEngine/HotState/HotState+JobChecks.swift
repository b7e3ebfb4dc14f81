import JobModel

extension HotState {
    /// What is wrong with the first definition that has something wrong, whoever defines it.
    func firstError(in definitions: [JobDefinition]) -> (job: String, error: EngineError)? {
        var names: Set<String> = []
        for definition in definitions {
            guard names.insert(definition.name).inserted else {
                return (
                    definition.name,
                    .invalid(field: "name", value: definition.name, reason: "two jobs have this name")
                )
            }
            if let error = self.error(in: definition) { return (definition.name, error) }
        }
        return nil
    }

    /// The first definition that another source has.
    func firstClash(in definitions: [JobDefinition], source: String) -> EngineError? {
        for definition in definitions {
            guard let owner = jobNames[definition.name].flatMap({ jobs[$0] })?.record.source else { continue }
            if owner != source { return .jobOwned(name: definition.name, by: owner, wanted: source) }
        }
        return nil
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
        let relative = (access.read + access.write).first { !$0.hasPrefix("/") }
        return relative.map { ("access", $0, "paths must be absolute") }
    }
}

extension Sequence<UInt8> {
    /// Whether the first character that is no white space opens an object. The edge has read the JSON; this keeps
    /// plain mistakes out.
    var looksLikeObject: Bool {
        first { !($0 == 0x20 || (0x09...0x0d).contains($0)) } == UInt8(ascii: "{")
    }
}
