package import JobModel

/// What is to change about a queue; nil leaves a setting as it is.
package struct QueueChange: Hashable, Sendable {
    package var slots: Int?
    package var paused: Bool?

    package init(slots: Int? = nil, paused: Bool? = nil) {
        self.slots = slots
        self.paused = paused
    }

    package init(json: JSONValue) throws(FieldError) {
        var fields = try FieldReader(json)
        slots = try fields.integer("slots", in: 1...1000)
        paused = try fields.bool("paused")
        try fields.finish()
    }

    package var json: JSONValue {
        .object(present: ["slots": slots.map { .number($0) }, "paused": paused.map { .bool($0) }])
    }
}
