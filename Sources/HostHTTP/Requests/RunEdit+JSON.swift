package import JobModel

// {"params": {…}, "set": {…}, "timeout": "5m", "retry": 3, "in": "0s"}: what is left out stays as it is. `params` are instead
// of those that the run has, `set` beside them; `at` or `in` say when it is due.
extension RunEdit {
    package init(json: JSONValue, of run: RunRecord, now: Instant) throws(FieldError) {
        var fields = try FieldReader(json)
        self.init()
        if fields.value("params") != nil { params = try fields.params() }
        let set = try fields.convert("set", "must be an object") { $0.members }
        if let set { params = try Self.setting(set, in: params ?? run.params) }
        let wanted = try RunPolicy(editing: run.policy, &fields)
        if wanted != run.policy { policy = wanted }
        due = try fields.due(now: now)
        try fields.finish()
        guard json.members?.isEmpty == false else {
            throw FieldError(
                path: "", value: nil, reason: "must say what to change: params, set, timeout, retry, at or in")
        }
    }

    private static func setting(_ set: [JSONMember], in params: [UInt8]) throws(FieldError) -> [UInt8] {
        guard var members = (try? JSONParser.parse(params))?.members else {
            throw FieldError(path: "set", value: nil, reason: "the run has params that are no object; give \"params\"")
        }
        for member in set {
            if let index = members.firstIndex(where: { $0.name == member.name }) {
                members[index] = member
            } else {
                members.append(member)
            }
        }
        return JSONValue.object(members).bytes
    }
}
