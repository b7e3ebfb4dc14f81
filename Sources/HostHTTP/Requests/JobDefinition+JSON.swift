package import JobModel

// A job as the API and job files have it.
extension JobDefinition {
    package init(json: JSONValue, path: String = "") throws(FieldError) {
        var fields = try FieldReader(json, path: path)
        let name = try fields.required("name", try fields.name("name"))
        let component = try fields.required("component", try fields.component("component"))
        self.init(name: name, component: component.description)
        description = try fields.string("description") ?? ""
        params = String(decoding: try fields.params(), as: UTF8.self)
        schedule = try ScheduleSpec(&fields)
        policy = try RunPolicy(&fields)
        queue = try fields.name("queue") ?? queue
        priority = try fields.integer("priority", in: FieldReader.priorities) ?? priority
        enabled = try fields.bool("enabled") ?? enabled
        overlap =
            try fields.convert("overlap", "must be \"skip\" or \"allow\"") {
                $0.string.flatMap(OverlapPolicy.init)
            } ?? overlap
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
        let tail: JSONValue = [
            "queue": .string(queue), "priority": .number(priority), "enabled": .bool(enabled),
            "overlap": .string(overlap.rawValue),
        ]
        return .object((head.members ?? []) + policy.jsonMembers + (tail.members ?? []))
    }
}
