package import JobModel

/// A refusal: problem+json (RFC 9457) with a stable `code`. The detail says what was wrong, with the value, and what to
/// do; `field` names the field it is about, `value` is what stood there.
package struct Problem: Error, Hashable, Sendable {
    package var code: ProblemCode
    package var detail: String
    package var field: String?
    package var value: String?
    /// What is wrong with params, one by one.
    package var faults: [ParamsFault]
    /// When it may be worth another try; the field Retry-After says so too.
    package var retryAfter: Duration?
    /// Of a body of lines, counted from 1.
    package var line: Int?

    package init(
        _ code: ProblemCode, _ detail: String, field: String? = nil, value: String? = nil, faults: [ParamsFault] = [],
        retryAfter: Duration? = nil
    ) {
        self.retryAfter = retryAfter
        self.code = code
        self.detail = detail
        self.field = field
        self.value = value
        self.faults = faults
    }
}

extension Problem {
    package var json: JSONValue {
        .object(present: [
            "code": .string(code.rawValue), "status": .number(code.status), "title": .string(title),
            "detail": .string(detail), "retry_after": retryAfter.map { .string($0.berthText) },
            "field": field.map(JSONValue.string), "value": value.map(JSONValue.string),
            "line": line.map { .number($0) },
            "errors": faults.isEmpty
                ? nil : .array(faults.map { ["path": .string($0.path), "reason": .string($0.reason)] }),
        ])
    }

    private var title: String { code.rawValue.split(separator: "_").joined(separator: " ") }

    /// Nil when this is not a problem of ours.
    package init?(json: JSONValue) {
        guard let code = json["code"]?.string.flatMap(ProblemCode.init), let detail = json["detail"]?.string else {
            return nil
        }
        let faults = (json["errors"]?.array ?? []).compactMap { fault in
            fault["path"]?.string.map { ParamsFault(path: $0, reason: fault["reason"]?.string ?? "") }
        }
        self.init(
            code, detail, field: json["field"]?.string, value: json["value"]?.string, faults: faults)
    }
}

extension Problem {
    init(noUpstream name: String, known: [String]) {
        self.init(
            .upstreamNotFound,
            "There is no upstream \"\(name)\". "
                + (known.isEmpty
                    ? "`upstreams:` in berth.yaml says which there are." : Spelling.sentence(for: name, among: known)))
    }

    package init(_ error: JSONError) {
        self.init(.badJSON, "The body is not JSON: \(error).")
    }

    package init(_ error: FilterError) {
        self.init(.invalidFilter, "The filter cannot be read: \(error).", field: "filter", value: error.term)
    }

    package init(_ error: FieldError) {
        let sentence = error.path.isEmpty ? "The body \(error.reason)" : error.description.sentence
        let end = sentence.hasSuffix("?") ? "" : "."
        let code: ProblemCode =
            error.isUnknownField ? .unknownField : error.isSchedule ? .invalidSchedule : .invalidField
        self.init(code, sentence + end, field: error.path)
    }
}
