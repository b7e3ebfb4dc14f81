/// Reads Decodable values from ``JSON``, without Foundation.
struct JSONDecoding: Decoder {
    let value: JSON
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    init(_ value: JSON, at path: [any CodingKey] = []) {
        self.value = value
        codingPath = path
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard let members = value.object else { throw mismatch("an object") }
        return KeyedDecodingContainer(Keyed(members: members, codingPath: codingPath))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard let elements = value.array else { throw mismatch("an array") }
        return Unkeyed(elements: elements, codingPath: codingPath)
    }

    func singleValueContainer() -> any SingleValueDecodingContainer { Single(decoding: self) }

    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        let found: Any? =
            switch type {
            case is JSON.Type: value
            case is String.Type: value.string
            case is Bool.Type: value.bool
            case is Double.Type: value.number
            case is Float.Type: value.number.map { Float($0) }
            case let integer as any FixedWidthInteger.Type: exact(integer)
            default: try type.init(from: self)
            }
        guard let found = found as? Value else { throw mismatch(Self.name(of: type)) }
        return found
    }

    private func exact<Integer: FixedWidthInteger>(_ type: Integer.Type) -> Integer? {
        switch value {
        case .integer(let number): Integer(exactly: number)
        case .number(let number): Integer(exactly: number)
        default: nil
        }
    }

    private func mismatch(_ wanted: String) -> DecodingError {
        let reason = value == .null ? "is missing: \(wanted)" : "is \(value), but must be \(wanted)"
        return DecodingError.dataCorrupted(.init(codingPath: codingPath, debugDescription: reason))
    }

    private static func name<Value>(of type: Value.Type) -> String {
        switch type {
        case is String.Type: "a text"
        case is Bool.Type: "true or false"
        case is Double.Type, is Float.Type: "a number"
        case let integer as any FixedWidthInteger.Type: "a whole number\(range(of: integer))"
        default: "a \(type)"
        }
    }

    private static func range<Integer: FixedWidthInteger>(of type: Integer.Type) -> String {
        Integer.bitWidth == 64 && Integer.isSigned ? "" : " from \(Integer.min) to \(Integer.max)"
    }
}

extension DecodingError {
    /// As a sentence about the params.
    var words: String {
        switch self {
        case .keyNotFound(let key, let context): "\"\(Self.path(context.codingPath + [key]))\" is missing"
        case .dataCorrupted(let context), .typeMismatch(_, let context), .valueNotFound(_, let context):
            context.codingPath.isEmpty
                ? "the value \(context.debugDescription)"
                : "\"\(Self.path(context.codingPath))\" \(context.debugDescription)"
        @unknown default: "\(self)"
        }
    }

    /// `a.b[2]`
    private static func path(_ keys: [any CodingKey]) -> String {
        keys.reduce(into: "") { text, key in
            if let index = key.intValue {
                text += "[\(index)]"
            } else {
                text += text.isEmpty ? key.stringValue : ".\(key.stringValue)"
            }
        }
    }
}

/// A place in an array.
struct JSONIndex: CodingKey {
    let intValue: Int?
    var stringValue: String { "\(intValue ?? 0)" }

    init(intValue: Int) { self.intValue = intValue }
    init?(stringValue: String) { return nil }
}

// The generic `decode` answers for every type that the protocols name one by one.

private struct Keyed<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let members: [String: JSON]
    let codingPath: [any CodingKey]
    var allKeys: [Key] { members.keys.compactMap(Key.init(stringValue:)) }

    func contains(_ key: Key) -> Bool { members[key.stringValue] != nil }
    func decodeNil(forKey key: Key) -> Bool { members[key.stringValue] == .null }
    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value { try at(key).decode(type) }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
        try at(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try at(key).unkeyedContainer()
    }

    func superDecoder() -> any Decoder { JSONDecoding(members["super"] ?? .null, at: codingPath) }
    func superDecoder(forKey key: Key) throws -> any Decoder { at(key) }

    private func at(_ key: Key) -> JSONDecoding {
        JSONDecoding(members[key.stringValue] ?? .null, at: codingPath + [key])
    }
}

private struct Unkeyed: UnkeyedDecodingContainer {
    let elements: [JSON]
    let codingPath: [any CodingKey]
    var currentIndex = 0
    var count: Int? { elements.count }
    var isAtEnd: Bool { currentIndex >= elements.count }

    mutating func decodeNil() -> Bool {
        guard !isAtEnd, elements[currentIndex] == .null else { return false }
        currentIndex += 1
        return true
    }

    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try next().decode(type) }

    mutating func nestedContainer<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        try next().container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer { try next().unkeyedContainer() }
    mutating func superDecoder() throws -> any Decoder { next() }

    private mutating func next() -> JSONDecoding {
        defer { currentIndex += 1 }
        return JSONDecoding(
            isAtEnd ? .null : elements[currentIndex], at: codingPath + [JSONIndex(intValue: currentIndex)])
    }
}

private struct Single: SingleValueDecodingContainer {
    let decoding: JSONDecoding
    var codingPath: [any CodingKey] { decoding.codingPath }

    func decodeNil() -> Bool { decoding.value == .null }
    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try decoding.decode(type) }
}
