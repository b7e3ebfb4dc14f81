package import JobModel

// Fields that are written as text and mean something of ours.
extension FieldReader {
    /// A duration such as `"5s"`.
    mutating func duration(_ name: String) throws(FieldError) -> Duration? {
        try convert(name, Self.durationRule) { $0.duration }
    }

    mutating func instant(_ name: String) throws(FieldError) -> Instant? {
        try convert(name, "must be a time such as \"2030-01-31T09:00:00Z\"") {
            $0.string.flatMap(Instant.init(rfc3339:))
        }
    }

    package mutating func component(_ name: String) throws(FieldError) -> ComponentName? {
        try convert(name, "must be a component such as \"text/wordcount\": plugin id, slash, component id") {
            $0.string.flatMap(ComponentName.init)
        }
    }

    /// A job or queue name.
    package mutating func name(_ name: String) throws(FieldError) -> String? {
        try convert(name, Self.nameRule) { $0.string.flatMap { Identifier.isName($0) ? $0 : nil } }
    }

    static let durationRule = "must be a duration such as \"5s\", \"1m30s\" or \"2h\""
    package static let nameRule =
        "must be a name: a lower-case letter, then at most 62 lower-case letters, digits, \"-\", \".\" or \"_\""
}

extension JSONValue {
    var duration: Duration? { string.flatMap(Duration.init(berthText:)).flatMap { $0 < .zero ? nil : $0 } }
}
