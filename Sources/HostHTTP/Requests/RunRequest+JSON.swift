package import JobModel

// {"component": "text/wordcount", "params": {…}, "queue": …, "priority": …, "unique": …, "on_duplicate": …,
// "tags": […], "correlation": …, "at": … | "in": …} and the policy fields. Only `component` must be there.
extension RunRequest {
    /// `now` is what `in` counts from.
    package init(json: JSONValue, now: Instant, path: String = "") throws(FieldError) {
        var fields = try FieldReader(json, path: path)
        self.init(component: try fields.required("component", try fields.component("component")))
        params = try fields.params()
        hasOwnTimeout = fields.value("timeout") != nil
        due = try fields.due(now: now)
        policy = try RunPolicy(&fields, start: due ?? now)
        queue = try fields.name("queue") ?? queue
        priority = try fields.integer("priority", in: FieldReader.priorities) ?? priority
        uniqueKey = try fields.convert("unique", "must be a text of 1 to 200 bytes") {
            $0.string.flatMap { (1...200).contains($0.utf8.count) ? $0 : nil }
        }
        onDuplicate = try Self.onDuplicate(&fields, uniqueKey) ?? onDuplicate
        tags = try fields.tags() ?? tags
        correlation = try fields.convert("correlation", "must be a text of 1 to 200 bytes without control characters") {
            $0.string.flatMap { Self.isCorrelation($0) ? $0 : nil }
        }
        traceparent = try fields.convert(
            "traceparent", "must be a W3C trace context: 00-, 32 hex digits, -, 16 hex digits, -, 2 hex digits"
        ) { $0.string.flatMap { TraceParent.isValid($0) ? $0 : nil } }
        try fields.finish()
    }

    private static func onDuplicate(
        _ fields: inout FieldReader, _ key: String?
    ) throws(FieldError) -> DuplicatePolicy? {
        let policy = try fields.convert("on_duplicate", "must be existing, replace or reject") {
            $0.string.flatMap(DuplicatePolicy.init)
        }
        guard policy != nil, key == nil else { return policy }
        throw FieldError(
            path: fields.place("on_duplicate"), value: nil, reason: "belongs to \"unique\", which is missing")
    }

    private static func isCorrelation(_ text: String) -> Bool {
        (1...200).contains(text.utf8.count) && text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f }
    }
}

extension FieldReader {
    /// `at`, or `in`, from now on.
    mutating func due(now: Instant) throws(FieldError) -> Instant? {
        let at = try instant("at")
        let delay = try duration("in")
        if at != nil, delay != nil {
            throw FieldError(path: place("in"), value: nil, reason: "cannot be given together with \"at\"")
        }
        let due = at ?? delay.map { now + $0 }
        guard due.map({ $0 <= .lastWritable }) ?? true else {
            throw FieldError(path: place("in"), value: value("in")?.text, reason: "must not reach beyond the year 9999")
        }
        return due
    }

    mutating func tags() throws(FieldError) -> RunTags? {
        try convert("tags", RunTags.rule) { value in
            let words = value.array?.map(\.string)
            guard let words, !words.contains(nil) else { return nil }
            return RunTags(words.compactMap(\.self))
        }
    }

    static let priorities = -100...100

    /// An object, as JSON text; `{}` when missing.
    package mutating func params() throws(FieldError) -> [UInt8] {
        let value = try convert("params", "must be an object") { $0.members == nil ? nil : $0 }
        return value?.bytes ?? Array("{}".utf8)
    }
}
