package import JobModel

// {"component": "text/wordcount", "params": {…}, "queue": …, "priority": …, "unique": …, "at": … | "in": …} and the
// policy fields. Only `component` must be there.
extension RunRequest {
    /// `now` is what `in` counts from.
    package init(json: JSONValue, now: Instant, path: String = "") throws(FieldError) {
        var fields = try FieldReader(json, path: path)
        self.init(component: try fields.required("component", try fields.component("component")))
        params = try fields.params()
        hasOwnTimeout = fields.value("timeout") != nil
        policy = try RunPolicy(&fields)
        queue = try fields.name("queue") ?? queue
        priority = try fields.integer("priority", in: FieldReader.priorities) ?? priority
        due = try Self.due(&fields, now: now)
        uniqueKey = try fields.convert("unique", "must be a text of 1 to 200 bytes") {
            $0.string.flatMap { (1...200).contains($0.utf8.count) ? $0 : nil }
        }
        traceparent = try fields.convert(
            "traceparent", "must be a W3C trace context: 00-, 32 hex digits, -, 16 hex digits, -, 2 hex digits"
        ) { $0.string.flatMap { TraceParent.isValid($0) ? $0 : nil } }
        try fields.finish()
    }

    private static func due(_ fields: inout FieldReader, now: Instant) throws(FieldError) -> Instant? {
        let at = try fields.instant("at")
        let delay = try fields.duration("in")
        if at != nil, delay != nil {
            throw FieldError(path: fields.place("in"), value: nil, reason: "cannot be given together with \"at\"")
        }
        return at ?? delay.map { now + $0 }
    }
}

extension FieldReader {
    static let priorities = -100...100

    /// An object, as JSON text; `{}` when missing.
    package mutating func params() throws(FieldError) -> [UInt8] {
        let value = try convert("params", "must be an object") { $0.members == nil ? nil : $0 }
        return value?.bytes ?? Array("{}".utf8)
    }
}
