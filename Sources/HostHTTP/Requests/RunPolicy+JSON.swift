package import JobModel

// The policy fields that runs and jobs share: timeout, grace, retry, on_unknown, access, not_after, limits,
// on_success, on_failure, pre_step, post_step.
extension RunPolicy {
    /// Takes the policy fields; those that are missing have their defaults. `start`: when the one run is due that has the
    /// policy, which may name the time of its deadline.
    package init(_ fields: inout FieldReader, start: Instant? = nil) throws(FieldError) {
        self.init()
        if let limit = try Self.limit(&fields) { timeout = limit.duration }
        grace = try fields.duration("grace")
        if let value = fields.value("retry") { retry = try RetryPolicy(json: value, path: fields.place("retry")) }
        if let value = fields.value("access") { access = try FileAccess(json: value, path: fields.place("access")) }
        notAfter = try Self.deadline(&fields, start)
        if let value = fields.value("limits") {
            limits = try AttemptLimits(json: value, path: fields.place("limits"), ofOperator: false)
        }
        if let value = fields.value("on_success") {
            onSuccess = try FollowUp(json: value, path: fields.place("on_success"))
        }
        if let value = fields.value("on_failure") {
            onFailure = try FollowUp(json: value, path: fields.place("on_failure"))
        }
        preStep = try StepOrder(&fields, .before)
        postStep = try StepOrder(&fields, .after)
        onUnknown =
            try fields.convert("on_unknown", "must be \"rerun\" or \"hold\"") {
                $0.string.flatMap(UnknownPolicy.init)
            } ?? .rerun
    }

    /// The policy with another time limit or other retries.
    package init(editing policy: RunPolicy, _ fields: inout FieldReader) throws(FieldError) {
        self = policy
        if let limit = try Self.limit(&fields) { timeout = limit.duration }
        if let value = fields.value("retry") { retry = try RetryPolicy(json: value, path: fields.place("retry")) }
    }

    /// In whole seconds where a time was given: policies are kept by their values, and many runs may share one.
    private static func deadline(_ fields: inout FieldReader, _ start: Instant?) throws(FieldError) -> Duration? {
        guard let start else { return try fields.duration("not_after") }
        let rule = "must be a duration such as \"10m\", or a time after the run is due such as \"2030-01-31T09:00:00Z\""
        return try fields.convert("not_after", rule) { value in
            if let duration = value.duration { return duration }
            guard let time = value.string.flatMap(Instant.init(rfc3339:)), time > start else { return nil }
            return .seconds(((time - start).microseconds + 999_999) / 1_000_000)
        }
    }

    /// A time limit as written: a duration above zero, or `none` in so many letters.
    private static func limit(_ fields: inout FieldReader) throws(FieldError) -> (duration: Duration?, Void)? {
        try fields.convert("timeout", "must be \"none\" or a duration above zero such as \"5s\"") { value in
            if value.string == "none" { return (nil, ()) }
            return value.duration.flatMap { $0 > .zero ? ($0, ()) : nil }
        }
    }

    /// The members of the policy, for the object that carries it.
    package var jsonMembers: [JSONMember] {
        JSONValue.object(present: [
            "timeout": .string(timeout?.berthText ?? "none"),
            "grace": grace.map { .string($0.berthText) },
            "retry": retry.json,
            "on_unknown": .string(onUnknown.rawValue),
            "on_success": onSuccess?.json,
            "on_failure": onFailure?.json,
            "pre_step": preStep?.json(.before),
            "post_step": postStep?.json(.after),
            "access": access == FileAccess() ? nil : access.json,
            "not_after": notAfter.map { .string($0.berthText) },
            "limits": limits?.json,
        ]).members ?? []
    }
}

extension FileAccess {
    /// Reads `{read: […], write: […]}` of absolute paths.
    package init(json: JSONValue, path: String) throws(FieldError) {
        var fields = try FieldReader(json, path: path)
        self.init(read: try Self.paths("read", &fields), write: try Self.paths("write", &fields))
        try fields.finish()
    }

    private static func paths(_ name: String, _ fields: inout FieldReader) throws(FieldError) -> [String] {
        try fields.convert(name, "must be a list of absolute paths") { value in
            let paths = value.array?.map { $0.string.flatMap { $0.hasPrefix("/") && !$0.contains("\0") ? $0 : nil } }
            guard let paths, !paths.contains(nil) else { return nil }
            return paths.compactMap { $0 }
        } ?? []
    }

    var json: JSONValue { ["read": .texts(read), "write": .texts(write)] }
}
