/// The params of an attempt: the bytes as they came, and their members. For components that take no Decodable instead.
public struct Params: Sendable, Decodable {
    /// JSON text.
    public let bytes: [UInt8]

    /// For tests of one's own.
    public init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// From any decoder, by way of ``JSON``.
    public init(from decoder: any Decoder) throws {
        bytes = try JSON(from: decoder).bytes
    }

    /// The whole as a value of that type. Throws a ``PluginFailure`` or a DecodingError, which count alike.
    public func decode<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
        if let params = self as? Value { return params }
        return try JSONDecoding(json()).decode(type)
    }

    init(_ start: UnsafeRawPointer?, _ length: Int) {
        bytes = Array(UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : length))
    }

    /// The whole as a value. Throws a ``PluginFailure`` when it is not JSON.
    public func json() throws -> JSON {
        do {
            return try JSON(parsing: bytes)
        } catch {
            throw PluginFailure.params("the params are not JSON: \(error)")
        }
    }

    /// The member `name`, nil when it is missing or null.
    public func member(_ name: String) throws -> JSON? {
        guard let value = try json()[name], value != .null else { return nil }
        return value
    }

    /// An obligatory text.
    public func text(_ name: String) throws -> String {
        guard let text = try optionalText(name) else { throw PluginFailure.params("\"\(name)\" is missing: a text") }
        return text
    }

    /// Nil when it is missing or null.
    public func optionalText(_ name: String) throws -> String? {
        guard let value = try member(name) else { return nil }
        guard let text = value.string else { throw PluginFailure.params("\"\(name)\" is \(value), but must be a text") }
        return text
    }

    /// An obligatory whole number.
    public func integer(_ name: String) throws -> Int64 {
        guard let number = try optionalInteger(name) else {
            throw PluginFailure.params("\"\(name)\" is missing: a whole number")
        }
        return number
    }

    /// Nil when it is missing or null.
    public func optionalInteger(_ name: String) throws -> Int64? {
        guard let value = try member(name) else { return nil }
        guard let number = value.integer else {
            throw PluginFailure.params("\"\(name)\" is \(value), but must be a whole number")
        }
        return number
    }
}
