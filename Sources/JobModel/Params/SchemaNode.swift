/// What a schema asks of one value. Compiled from JSON Schema by `SchemaReader`.
struct SchemaNode: Sendable {
    /// A limit, with the digits it was written with.
    struct Bound: Sendable {
        let text: String
        let value: DecimalNumber
    }

    struct Pattern: Sendable {
        let text: String
        let program: TextPattern
    }

    /// One of an object's named members.
    struct Property: Sendable {
        let name: String
        var node = SchemaNode()
        var isRequired = false
    }

    /// What is asked of values that have no schema of their own: members without a name in `properties`, or elements.
    indirect enum Rest: Sendable {
        case welcome
        case refused
        case judged(SchemaNode)
    }

    var types = JSONTypes.all
    /// Of `enum` or `const`.
    var choices: [JSONValue]?
    var minimum: Bound?
    var maximum: Bound?
    /// In characters, as Unicode counts code points.
    var minLength: Int?
    var maxLength: Int?
    var pattern: Pattern?
    var minItems: Int?
    var maxItems: Int?
    var items = Rest.welcome
    var properties: [Property] = []
    /// Where in `properties` a name is.
    var places: [String: Int] = [:]
    var additional = Rest.welcome
    /// Exactly one of these has to fit, if there are any.
    var alternatives: [SchemaNode] = []
    /// What an absent member is taken to be; complete.
    var fallback: JSONValue?
    /// Nobody gets to see the value.
    var isSecret = false
    /// This value or something within it.
    var hasSecrets = false
    /// Not every object is welcome as it is: members are named, required or refused.
    var judgesObjects = false
}

/// The kinds of JSON values; every integer is a number too.
struct JSONTypes: OptionSet, Sendable {
    let rawValue: UInt8

    static let null = JSONTypes(rawValue: 1)
    static let boolean = JSONTypes(rawValue: 2)
    static let integer = JSONTypes(rawValue: 4)
    static let number = JSONTypes(rawValue: 8)
    static let string = JSONTypes(rawValue: 16)
    static let array = JSONTypes(rawValue: 32)
    static let object = JSONTypes(rawValue: 64)
    static let all = JSONTypes(rawValue: 127)

    static let words: KeyValuePairs<String, JSONTypes> = [
        "null": .null, "boolean": .boolean, "integer": .integer, "number": [.integer, .number], "string": .string,
        "array": .array, "object": .object,
    ]

    func welcome(_ value: JSONValue) -> Bool {
        switch value {
        case .null: contains(.null)
        case .bool: contains(.boolean)
        case .number(let text): contains(.number) || (contains(.integer) && DecimalNumber(text).isWhole)
        case .string: contains(.string)
        case .array: contains(.array)
        case .object: contains(.object)
        }
    }

    /// For sentences: `a text or null`.
    var text: String {
        let phrases: KeyValuePairs<JSONTypes, String> = [
            .object: "an object", .array: "a list", .string: "a text", .number: "a number", .integer: "a whole number",
            .boolean: "true or false", .null: "null",
        ]
        let named = phrases.filter { contains($0.key) && !($0.key == .integer && contains(.number)) }
        return named.map(\.value).joined(separator: " or ")
    }
}
