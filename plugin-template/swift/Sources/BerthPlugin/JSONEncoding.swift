/// Writes Encodable values as ``JSON``, without Foundation.
final class JSONEncoding: Encoder {
    private enum Shape {
        case value, array, object
    }

    // What has been written here so far; the shape says which of the three counts.
    private var shape = Shape.value
    private var value = JSON.null
    private var elements: [JSONEncoding] = []
    private var members: [String: JSONEncoding] = [:]
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    init(at path: [any CodingKey] = []) {
        codingPath = path
    }

    static func json(_ value: some Encodable) throws -> JSON {
        let encoding = JSONEncoding()
        try encoding.write(value)
        return encoding.json
    }

    var json: JSON {
        switch shape {
        case .value: value
        case .array: .array(elements.map(\.json))
        case .object: .object(members.mapValues(\.json))
        }
    }

    func write<Value: Encodable>(_ value: Value) throws {
        switch value {
        case let json as JSON: self.value = json
        case let text as String: self.value = .string(text)
        case let truth as Bool: self.value = .bool(truth)
        case let number as Double: self.value = .number(number)
        case let number as Float: self.value = .number(Double(number))
        case let number as any FixedWidthInteger: self.value = Self.number(number)
        default: try value.encode(to: self)
        }
    }

    private static func number(_ number: any FixedWidthInteger) -> JSON {
        Int64(exactly: number).map { .integer($0) } ?? .number(Double(number))
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        shape = .object
        return KeyedEncodingContainer(Keyed(encoding: self))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        shape = .array
        return Unkeyed(encoding: self)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { Single(encoding: self) }

    /// The member with that key, new.
    fileprivate func member(_ key: any CodingKey) -> JSONEncoding {
        let member = JSONEncoding(at: codingPath + [key])
        members[key.stringValue] = member
        return member
    }

    fileprivate var count: Int { elements.count }

    /// One more element.
    fileprivate func element() -> JSONEncoding {
        let element = JSONEncoding(at: codingPath + [JSONIndex(intValue: count)])
        elements.append(element)
        return element
    }
}

// The generic `encode` answers for every type that the protocols name one by one.

private struct Keyed<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let encoding: JSONEncoding
    var codingPath: [any CodingKey] { encoding.codingPath }

    func encodeNil(forKey key: Key) { _ = encoding.member(key) }
    func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws { try encoding.member(key).write(value) }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Nested> {
        encoding.member(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        encoding.member(key).unkeyedContainer()
    }

    func superEncoder() -> any Encoder { encoding }
    func superEncoder(forKey key: Key) -> any Encoder { encoding.member(key) }
}

private struct Unkeyed: UnkeyedEncodingContainer {
    let encoding: JSONEncoding
    var codingPath: [any CodingKey] { encoding.codingPath }
    var count: Int { encoding.count }

    func encodeNil() { _ = encoding.element() }
    func encode<Value: Encodable>(_ value: Value) throws { try encoding.element().write(value) }

    func nestedContainer<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        encoding.element().container(keyedBy: type)
    }

    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { encoding.element().unkeyedContainer() }
    func superEncoder() -> any Encoder { encoding.element() }
}

private struct Single: SingleValueEncodingContainer {
    let encoding: JSONEncoding
    var codingPath: [any CodingKey] { encoding.codingPath }

    func encodeNil() throws { try encoding.write(JSON.null) }
    func encode<Value: Encodable>(_ value: Value) throws { try encoding.write(value) }
}
