package import JobModel

// How long runs are kept, as job files and berth.yaml have it: {succeeded: 7d, failed: {age: 30d, count: 1000}}.
extension HistoryPolicy {
    package init(json: JSONValue, path: String) throws(FieldError) {
        var fields = try FieldReader(json, path: path)
        var said: [RunState: Keep] = [:]
        for state in RunState.allCases where state.isEnd {
            guard let value = fields.value(state.word) else { continue }
            said[state] = try Keep(json: value, path: fields.place(state.word))
        }
        try fields.finish()
        self.init(said)
    }

    package var json: JSONValue {
        let states = said.sorted { $0.key.rawValue < $1.key.rawValue }
        return .object(states.map { JSONMember($0.key.word, $0.value.json) })
    }

    /// For people: `succeeded 7d, failed 30d (at most 100 of a job)`.
    package var words: String {
        let states = said.sorted { $0.key.rawValue < $1.key.rawValue }
        return states.map { state, keep in
            let count = keep.count.map { " (at most \($0) of a job)" } ?? ""
            return "\(state.word) \(keep.age?.berthText ?? "for ever")\(count)"
        }.joined(separator: ", ")
    }
}

extension HistoryPolicy.Keep {
    fileprivate init(json: JSONValue, path: String) throws(FieldError) {
        guard json.members != nil else {
            guard let age = Self.age(json) else {
                let rule = "must be a duration such as \"7d\", \"none\", or {age: 7d, count: 1000}"
                throw FieldError(path: path, value: json.text, reason: rule)
            }
            self.init(age: age.duration)
            return
        }
        var fields = try FieldReader(json, path: path)
        let age = try fields.convert("age", "must be \"none\" or a duration above zero such as \"7d\"", Self.age)
        let count = try fields.integer("count", in: 0...1_000_000_000)
        try fields.finish()
        guard age != nil || count != nil else {
            throw FieldError(path: path, value: json.text, reason: "must have an age, a count, or both")
        }
        self.init(age: age?.duration, count: count)
    }

    private static func age(_ value: JSONValue) -> (duration: Duration?, Void)? {
        if value.string == "none" { return (nil, ()) }
        return value.duration.flatMap { $0 > .zero ? ($0, ()) : nil }
    }

    fileprivate var json: JSONValue {
        let age = JSONValue.string(age?.berthText ?? "none")
        guard let count else { return age }
        return ["age": age, "count": .number(count)]
    }
}
