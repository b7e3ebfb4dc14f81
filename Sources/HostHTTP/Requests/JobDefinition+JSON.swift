package import JobModel

// A job as the API and job files have it.
extension JobDefinition {
    package init(json: JSONValue, path: String = "") throws(FieldError) {
        var fields = try FieldReader(json, path: path)
        let name = try fields.required("name", try fields.name("name"))
        let work = try fields.work()
        self.init(name: name, component: work.component)
        description = try fields.string("description") ?? ""
        params = work.params
        schedule = try ScheduleSpec(&fields)
        policy = try RunPolicy(&fields)
        queue = try fields.name("queue") ?? queue
        priority = try fields.integer("priority", in: FieldReader.priorities) ?? priority
        enabled = try fields.bool("enabled") ?? enabled
        overlap = try fields.overlap() ?? overlap
        missed = try fields.missed()
        jitter = try fields.duration("jitter") ?? jitter
        atOnce = try fields.integer("at_once", in: 1...1000)
        tags = try fields.tags() ?? tags
        if let value = fields.value("history") {
            history = try HistoryPolicy(json: value, path: fields.place("history"))
        }
        try fields.finish()
    }

    package var json: JSONValue {
        let head = JSONValue.object(present: [
            "name": .string(name),
            "description": description.isEmpty ? nil : .string(description),
            "component": .string(component),
            "params": JSONValue.passThrough(Array(params.utf8)),
            "schedule": schedule.json,
        ])
        let tail = JSONValue.object(present: [
            "queue": .string(queue), "priority": .number(priority), "enabled": .bool(enabled),
            "overlap": .string(overlap.text), "missed": .string(missed.rule.text),
            "missed_within": missed.within.map { .string($0.berthText) },
            "missed_spread": missed.spread == .zero ? nil : .string(missed.spread.berthText),
            "jitter": jitter == .zero ? nil : .string(jitter.berthText),
            "at_once": atOnce.map { .number($0) }, "tags": tags.isEmpty ? nil : .texts(tags.words),
            "history": history == .none ? nil : history.json,
        ])
        return .object((head.members ?? []) + policy.jsonMembers + (tail.members ?? []))
    }
}

// What is run.
extension FieldReader {
    /// `component` with `params`, or `http`.
    fileprivate mutating func work() throws(FieldError) -> (component: String, params: String) {
        let hook = try convert("http", "must be a URL, or an object with the params of \(HookJob.component)") {
            HookJob.params($0)
        }
        let component = try component("component")
        let params = String(decoding: try params(), as: UTF8.self)
        guard let hook else { return (try required("component", component).description, params) }
        for name in ["component", "params"] where value(name) != nil {
            throw FieldError(path: place(name), value: nil, reason: "cannot be given together with \"http\"")
        }
        return (HookJob.component, hook.text)
    }
}

// What happens when fires overlap or are missed.
extension FieldReader {
    fileprivate mutating func overlap() throws(FieldError) -> OverlapPolicy? {
        let most = OverlapPolicy.counts.upperBound
        let rule = "must be skip, allow, allow(n), queue, queue(n) or replace, with n from 1 to \(most)"
        return try convert("overlap", rule) { $0.string.flatMap(OverlapPolicy.init(text:)) }
    }

    fileprivate mutating func missed() throws(FieldError) -> MissedPolicy {
        let most = MissedPolicy.Rule.counts.upperBound
        let rule = try convert("missed", "must be skip, once, all or all(n), with n from 1 to \(most)") {
            $0.string.flatMap(MissedPolicy.Rule.init(text:))
        }
        let within = try duration("missed_within")
        let spread = try duration("missed_spread")
        if rule ?? .skip == .skip, within != nil || spread != nil {
            throw FieldError(
                path: place(within == nil ? "missed_spread" : "missed_within"), value: nil,
                reason: "belongs to \"missed\": once or all, which is missing")
        }
        return MissedPolicy(rule ?? .skip, within: within, spread: spread ?? .zero)
    }
}
