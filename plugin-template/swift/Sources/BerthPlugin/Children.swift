/// A run that a run emits.
public struct Child: Sendable {
    /// A few words for people, possibly empty.
    public var name: String
    /// The params of the child.
    public var params: JSON

    /// A child with those params, such as `Child(Part(file: "a"), name: "a")`.
    public init(_ params: some Encodable, name: String = "") throws {
        self.name = name
        self.params = try JSONEncoding.json(params)
    }
}

/// What became of a child.
public struct ChildResult: Sendable {
    /// ``berth_status``: `BERTH_OK` when it succeeded.
    public let status: berth_status
    /// Its output.
    public let bytes: [UInt8]

    /// The output as a value. Throws when the child failed, or emitted something else.
    public func value<Value: Decodable>(as type: Value.Type = Value.self) throws -> Value {
        guard status == BERTH_OK else { throw PluginFailure.permanent("a child ended with code \(status)") }
        do {
            return try JSONDecoding(JSON(parsing: bytes)).decode(type)
        } catch {
            throw PluginFailure.permanent("the output of a child cannot be read: \(error)")
        }
    }
}

/// Map and reduce, in a ``Processor``.
extension Context {
    /// In the root stage: makes runs of this component, in its stage `child`. They start when this stage has succeeded.
    /// In the stage `child`: makes siblings, which the reduce stage waits for too and reads after the others.
    public func emitChildren(_ children: [Child]) throws(PluginFailure) {
        var texts: [UInt8] = []
        var places: [(name: Int, params: Int, end: Int)] = []
        for child in children {
            let name = texts.count
            texts += child.name.utf8
            let params = texts.count
            texts += child.params.bytes
            places.append((name, params, texts.count))
        }
        let status = texts.withUnsafeBytes { texts in
            let rows = places.map { place in
                berth_child(
                    struct_size: UInt32(MemoryLayout<berth_child>.size), flags: 0,
                    name: texts.baseAddress.map { ($0 + place.name).assumingMemoryBound(to: CChar.self) },
                    name_length: place.params - place.name, params: texts.baseAddress.map { $0 + place.params },
                    params_length: place.end - place.params)
            }
            return host.pointee.emit_children(handle, rows, rows.count)
        }
        guard status == BERTH_OK else { throw refusal("take children", status) }
    }

    /// In the reduce stage: the next child's end; nil after the last one. Each child comes once.
    public func nextResult() throws(PluginFailure) -> ChildResult? {
        var bytes: UnsafeRawPointer?
        var length = 0
        var status: berth_status = BERTH_OK
        let answer = host.pointee.next_result(handle, &bytes, &length, &status)
        if answer == BERTH_NOT_FOUND { return nil }
        guard answer == BERTH_OK else { throw refusal("give results", answer) }
        return ChildResult(
            status: status, bytes: Array(UnsafeRawBufferPointer(start: bytes, count: bytes == nil ? 0 : length)))
    }
}
