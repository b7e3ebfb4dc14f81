package import JobModel

// {"params": {…}, "timeout": "5m", "retry": 3}: what is left out stays as it is.
extension RunEdit {
    package init(json: JSONValue, of policy: RunPolicy) throws(FieldError) {
        var fields = try FieldReader(json)
        self.init()
        if fields.value("params") != nil { params = try fields.params() }
        let wanted = try RunPolicy(editing: policy, &fields)
        if wanted != policy { self.policy = wanted }
        try fields.finish()
        guard json.members?.isEmpty == false else {
            throw FieldError(path: "", value: nil, reason: "must say what to change: params, timeout or retry")
        }
    }
}
