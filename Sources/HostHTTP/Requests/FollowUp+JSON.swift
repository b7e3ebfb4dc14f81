import JobModel

// {"component": "text/notify", "params": {…}} or {"job": "clean-up", "params": {…}}.
extension FollowUp {
    init(json: JSONValue, path: String) throws(FieldError) {
        var fields = try FieldReader(json, path: path)
        let component = try fields.component("component")
        let job = try fields.name("job")
        var params: String?
        if fields.value("params") != nil { params = String(decoding: try fields.params(), as: UTF8.self) }
        try fields.finish()
        if let component, job == nil {
            self.init(.component(component.description), params: params)
        } else if let job, component == nil {
            self.init(.job(job), params: params)
        } else {
            throw FieldError(
                path: path, value: json.text, reason: "must name what is to run: one of \"component\" and \"job\"")
        }
    }

    var json: JSONValue {
        let text = params.map { JSONValue.passThrough(Array($0.utf8)) }
        switch target {
        case .component(let name): return .object(present: ["component": .string(name), "params": text])
        case .job(let name): return .object(present: ["job": .string(name), "params": text])
        }
    }
}
