package import JobModel

/// Takes an object apart by name. Every name must be one that was asked for: a misspelt field is an error, not a default.
package struct FieldReader {
    private let path: String
    private let members: [JSONMember]
    private var asked: [String] = []

    /// `path` is where the object stands in the whole, empty at the top.
    package init(_ value: JSONValue, path: String = "") throws(FieldError) {
        guard let members = value.members else {
            throw FieldError(path: path, value: value.text, reason: "must be an object, not \(value.kind)")
        }
        self.path = path
        self.members = members
    }

    /// Throws when a member is left that nobody asked for.
    package func finish() throws(FieldError) {
        for member in members where !asked.contains(member.name) {
            throw FieldError(unknown: place(member.name), hint: Spelling.hint(for: member.name, among: asked))
        }
    }

    package func place(_ name: String) -> String {
        path.isEmpty ? name : "\(path).\(name)"
    }

    /// Nil when missing or null.
    package mutating func value(_ name: String) -> JSONValue? {
        asked.append(name)
        guard let value = members.first(where: { $0.name == name })?.value, value != .null else { return nil }
        return value
    }

    package mutating func string(_ name: String) throws(FieldError) -> String? {
        try convert(name, "must be a text") { $0.string }
    }

    package mutating func bool(_ name: String) throws(FieldError) -> Bool? {
        try convert(name, "must be true or false") { $0.bool }
    }

    package mutating func integer(_ name: String, in range: ClosedRange<Int>) throws(FieldError) -> Int? {
        try convert(name, "must be a whole number from \(range.lowerBound) to \(range.upperBound)") {
            $0.integer.flatMap { Int(exactly: $0) }.flatMap { range.contains($0) ? $0 : nil }
        }
    }

    package mutating func required<Value>(_ name: String, _ value: Value?) throws(FieldError) -> Value {
        guard let value else { throw FieldError(path: place(name), value: nil, reason: "is missing") }
        return value
    }

    /// Throws with the given reason where `transform` gives nil.
    package mutating func convert<Value>(
        _ name: String, _ reason: String, _ transform: (JSONValue) -> Value?
    ) throws(FieldError) -> Value? {
        guard let value = value(name) else { return nil }
        guard let result = transform(value) else {
            throw FieldError(path: place(name), value: value.text, reason: reason)
        }
        return result
    }
}

/// A field that is wrong: where, what it was, and why.
package struct FieldError: Error, Hashable, Sendable {
    /// Such as `jobs[2].retry.attempts`; empty for the whole.
    package var path: String
    /// JSON of what was there, nil where nothing was.
    package var value: String?
    /// Completes a sentence that begins with the path.
    package var reason: String
    package var isUnknownField = false
    /// It says when something is due.
    package var isSchedule = false

    package init(path: String, value: String?, reason: String) {
        self.path = path
        self.value = value
        self.reason = reason
    }

    package init(unknown path: String, hint: String) {
        self.path = path
        self.reason = "is not a field here; \(hint)"
        isUnknownField = true
    }
}

extension FieldError: CustomStringConvertible {
    package var description: String {
        let place = path.isEmpty ? "the value" : "\"\(path)\""
        return "\(place) \(reason)" + (value.map { "; it is \($0.excerpt)" } ?? "")
    }
}
