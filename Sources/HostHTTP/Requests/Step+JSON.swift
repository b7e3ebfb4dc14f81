import JobModel

// "disk/mount", or {"component": "disk/mount", "params": {…}, "timeout": "1m", "retry": 2, "access": {…}, "if_fails":
// "skip"}; `if_fails` belongs to what goes before a run.
extension Step {
    enum Place: String {
        case before = "pre_step"
        case after = "post_step"
    }

    init(json: JSONValue, path: String, _ place: Place) throws(FieldError) {
        if let text = json.string {
            guard let component = ComponentName(text) else {
                throw FieldError(path: path, value: json.text, reason: Self.rule)
            }
            self.init(component)
            return
        }
        guard json.members != nil else { throw FieldError(path: path, value: json.text, reason: Self.rule) }
        var fields = try FieldReader(json, path: path)
        self.init(try fields.required("component", try fields.component("component")))
        params = String(decoding: try fields.params(), as: UTF8.self)
        timeout = try fields.convert("timeout", "must be a duration above zero such as \"5s\"") {
            $0.duration.flatMap { $0 > .zero ? $0 : nil }
        }
        if let value = fields.value("retry") { retry = try RetryPolicy(json: value, path: fields.place("retry")) }
        if let value = fields.value("access") { access = try FileAccess(json: value, path: fields.place("access")) }
        if place == .before {
            ifFails =
                try fields.convert("if_fails", "must be fail or skip") { $0.string.flatMap(StepFailure.init) } ?? .fail
        }
        try fields.finish()
    }

    private static let rule = "must be none, a component such as \"disk/mount\", or an object with a component"

    func json(_ place: Place) -> JSONValue {
        .object(present: [
            "component": .string(component.description),
            "params": params == "{}" ? nil : .passThrough(Array(params.utf8)),
            "timeout": timeout.map { .string($0.berthText) },
            "retry": retry == RetryPolicy() ? nil : retry.json,
            "access": access == FileAccess() ? nil : access.json,
            "if_fails": place == .before ? .string(ifFails.rawValue) : nil,
        ])
    }
}

extension StepOrder {
    init?(_ fields: inout FieldReader, _ place: Step.Place) throws(FieldError) {
        guard let value = fields.value(place.rawValue) else { return nil }
        self =
            value.string == "none"
            ? .nothing : .run(try Step(json: value, path: fields.place(place.rawValue), place))
    }

    func json(_ place: Step.Place) -> JSONValue { step?.json(place) ?? "none" }
}
