import JobModel

/// What a root stage gave to a child, as it travels to another host of ours. Workers of another make write what only they
/// can read; the mark tells the two apart.
package struct TaskContent: Hashable, Sendable {
    package var index: Int64
    package var label: String?
    /// JSON, an object.
    package var params: [UInt8]

    package init(index: Int64, label: String?, params: [UInt8]) {
        self.index = index
        self.label = label
        self.params = params
    }

    private static let mark = "berth-child/1"

    /// Nil when it is not one of ours.
    package init?(bytes: [UInt8]) {
        guard let json = try? JSONParser.parse(bytes), json["kind"]?.string == Self.mark,
            let index = json["index"]?.integer, index >= 0, let params = json["params"], params.members != nil
        else { return nil }
        self.init(index: index, label: json["label"]?.string, params: params.bytes)
    }

    package var bytes: [UInt8] {
        // Params are an object by the time they are stored.
        let params = (try? JSONParser.parse(params)) ?? [:]
        return JSONValue.object(present: [
            "kind": .string(Self.mark), "index": .number(index), "label": label.map(JSONValue.string),
            "params": params,
        ]).bytes
    }
}
