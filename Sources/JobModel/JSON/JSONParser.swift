/// Reads JSON as RFC 8259 has it, and nothing beyond: no comments, no trailing commas, no lone surrogates, no name twice
/// in one object. Works on bytes nobody vouches for.
package struct JSONParser {
    /// Values nested deeper than this are refused.
    package static let maximumDepth = 128

    private let bytes: UnsafeBufferPointer<UInt8>
    private var position = 0
    private var depth = 0

    /// Parses bytes that hold exactly one value.
    package static func parse(_ bytes: some Sequence<UInt8>) throws(JSONError) -> JSONValue {
        if let result = bytes.withContiguousStorageIfAvailable(outcome) { return try result.get() }
        return try Array(bytes).withUnsafeBufferPointer(outcome).get()
    }

    package static func parse(_ text: String) throws(JSONError) -> JSONValue {
        try parse(Array(text.utf8))
    }

    private static func outcome(_ bytes: UnsafeBufferPointer<UInt8>) -> Result<JSONValue, JSONError> {
        do { return .success(try document(bytes)) } catch { return .failure(error) }
    }

    private static func document(_ bytes: UnsafeBufferPointer<UInt8>) throws(JSONError) -> JSONValue {
        var parser = JSONParser(bytes: bytes)
        parser.skipSpace()
        let value = try parser.value()
        parser.skipSpace()
        guard parser.position == bytes.count else { throw parser.error("something follows the end of the value") }
        return value
    }

    private init(bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
    }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private func error(_ reason: String) -> JSONError {
        let before = bytes[..<position]
        let line = before.count { $0 == UInt8(ascii: "\n") } + 1
        let column = position - (before.lastIndex(of: UInt8(ascii: "\n")) ?? -1)
        return JSONError(line: line, column: column, reason: reason)
    }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private mutating func value() throws(JSONError) -> JSONValue {
        switch next {
        case UInt8(ascii: "{"): return try nested { parser throws(JSONError) in try parser.object() }
        case UInt8(ascii: "["): return try nested { parser throws(JSONError) in try parser.array() }
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case nil: throw error("the text ends where a value should be")
        default: return .number(try number())
        }
    }

    private mutating func nested(
        _ body: (inout JSONParser) throws(JSONError) -> JSONValue
    ) throws(JSONError) -> JSONValue {
        depth += 1
        guard depth <= Self.maximumDepth else { throw error("nested deeper than \(Self.maximumDepth) levels") }
        defer { depth -= 1 }
        position += 1
        skipSpace()
        return try body(&self)
    }

    private mutating func object() throws(JSONError) -> JSONValue {
        var members: [JSONMember] = []
        var names = Set<String>()
        guard !take(UInt8(ascii: "}")) else { return .object(members) }
        while true {
            guard next == UInt8(ascii: "\"") else { throw error("a name in double quotes should be here") }
            let name = try string()
            guard names.insert(name).inserted else { throw error("the name \"\(name.excerpt)\" comes twice") }
            skipSpace()
            guard take(UInt8(ascii: ":")) else { throw error("a colon should be here") }
            skipSpace()
            members.append(JSONMember(name, try value()))
            guard try another(end: UInt8(ascii: "}")) else { return .object(members) }
        }
    }

    private mutating func array() throws(JSONError) -> JSONValue {
        var values: [JSONValue] = []
        guard !take(UInt8(ascii: "]")) else { return .array(values) }
        while true {
            values.append(try value())
            guard try another(end: UInt8(ascii: "]")) else { return .array(values) }
        }
    }

    /// After an element: true at a comma, false at the end.
    private mutating func another(end: UInt8) throws(JSONError) -> Bool {
        skipSpace()
        if take(end) { return false }
        guard take(UInt8(ascii: ",")) else {
            throw error("a comma or \(Character(UnicodeScalar(end))) should be here")
        }
        skipSpace()
        return true
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        position += 1
        return true
    }

    private mutating func word(_ text: StaticString, _ value: JSONValue) throws(JSONError) -> JSONValue {
        let end = position + text.utf8CodeUnitCount
        guard end <= bytes.count,
            bytes[position..<end].elementsEqual(UnsafeBufferPointer(start: text.utf8Start, count: end - position))
        else { throw error("this is not a JSON value") }
        position = end
        return value
    }

    private mutating func number() throws(JSONError) -> String {
        let start = position
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")) { try digits() }
        if take(UInt8(ascii: ".")) { try digits() }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            _ = take(UInt8(ascii: "+")) || take(UInt8(ascii: "-"))
            try digits()
        }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private mutating func digits() throws(JSONError) {
        let start = position
        while let byte = next, byte &- UInt8(ascii: "0") < 10 { position += 1 }
        guard position > start else { throw error("this is not a JSON value") }
    }
}

// Texts.
extension JSONParser {
    private mutating func string() throws(JSONError) -> String {
        position += 1
        let start = position
        while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 { position += 1 }
        guard next != UInt8(ascii: "\"") else {
            defer { position += 1 }
            return try text(bytes[start..<position])
        }
        return try escapedString(from: Array(bytes[start..<position]))
    }

    /// The slow road, for texts with escapes.
    private mutating func escapedString(from beginning: [UInt8]) throws(JSONError) -> String {
        var plain = beginning
        while let byte = next {
            switch byte {
            case UInt8(ascii: "\""):
                let result = try text(plain[...])
                position += 1
                return result
            case UInt8(ascii: "\\"): try escape(into: &plain)
            case ..<0x20: throw error("control characters in a text must be escaped")
            default:
                plain.append(byte)
                position += 1
            }
        }
        throw error("the text in quotes has no end")
    }

    private func text(_ utf8: some Collection<UInt8>) throws(JSONError) -> String {
        guard let text = String(validating: utf8, as: UTF8.self) else { throw error("the text is not UTF-8") }
        return text
    }

    private mutating func escape(into plain: inout [UInt8]) throws(JSONError) {
        position += 1
        guard let byte = next else { throw error("the text in quotes has no end") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): plain.append(byte)
        case UInt8(ascii: "b"): plain.append(0x08)
        case UInt8(ascii: "f"): plain.append(0x0C)
        case UInt8(ascii: "n"): plain.append(0x0A)
        case UInt8(ascii: "r"): plain.append(0x0D)
        case UInt8(ascii: "t"): plain.append(0x09)
        case UInt8(ascii: "u"): plain.append(contentsOf: String(Character(try unicodeEscape())).utf8)
        default: throw error("there is no such escape")
        }
    }

    private mutating func unicodeEscape() throws(JSONError) -> UnicodeScalar {
        let first = try hexUnit()
        if let scalar = UnicodeScalar(first) { return scalar }
        guard first < 0xDC00, take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else {
            throw error("half of a surrogate pair is missing")
        }
        let second = try hexUnit()
        guard (0xDC00..<0xE000).contains(second),
            let scalar = UnicodeScalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
        else { throw error("half of a surrogate pair is missing") }
        return scalar
    }

    private mutating func hexUnit() throws(JSONError) -> UInt32 {
        guard position + 4 <= bytes.count else { throw error("the text in quotes has no end") }
        var unit: UInt32 = 0
        for byte in bytes[position..<position + 4] {
            guard let digit = Character(UnicodeScalar(byte)).hexDigitValue else {
                throw error("four hexadecimal digits should follow \\u")
            }
            unit = unit << 4 | UInt32(digit)
        }
        position += 4
        return unit
    }
}

/// Why bytes are not JSON, and where.
package struct JSONError: Error, Hashable, Sendable {
    /// From 1.
    package var line: Int
    /// In bytes, from 1.
    package var column: Int
    package var reason: String

    package init(line: Int, column: Int, reason: String) {
        self.line = line
        self.column = column
        self.reason = reason
    }
}

extension JSONError: CustomStringConvertible {
    package var description: String { "line \(line), column \(column): \(reason)" }
}
