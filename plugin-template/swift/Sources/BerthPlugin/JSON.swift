/// A JSON value. Small, strict and without Foundation; objects are written with their members in order of name.
public enum JSON: Hashable, Sendable {
    case null
    case bool(Bool)
    case integer(Int64)
    case number(Double)
    case string(String)
    case array([JSON])
    case object([String: JSON])

    /// Deepest nesting that is read.
    public static let maxDepth = 64

    /// Reads exactly one value (RFC 8259, UTF-8). Of members with one name the last counts.
    public init(parsing bytes: some Sequence<UInt8>) throws(JSONError) {
        var reader = JSONReader(Array(bytes))
        self = try reader.document()
    }

    /// The member of an object, nil when it is missing or this is no object.
    public subscript(_ name: String) -> JSON? {
        if case .object(let members) = self { members[name] } else { nil }
    }

    /// Nil when this is no text.
    public var string: String? { if case .string(let text) = self { text } else { nil } }
    /// Nil when this is no truth value.
    public var bool: Bool? { if case .bool(let truth) = self { truth } else { nil } }
    /// Nil when this is no whole number, or one beyond Int64.
    public var integer: Int64? { if case .integer(let number) = self { number } else { nil } }
    /// Nil when this is no array.
    public var array: [JSON]? { if case .array(let elements) = self { elements } else { nil } }
    /// Nil when this is no object.
    public var object: [String: JSON]? { if case .object(let members) = self { members } else { nil } }

    /// Any number.
    public var number: Double? {
        switch self {
        case .integer(let number): Double(number)
        case .number(let number): number
        default: nil
        }
    }

    /// As JSON text. Numbers that JSON cannot say become null.
    public var bytes: [UInt8] {
        var out: [UInt8] = []
        write(into: &out)
        return out
    }
}

/// Where and why a text is not JSON.
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The first byte that does not fit.
    public let offset: Int
    /// What is wrong with it.
    public let reason: String
    /// Reason and offset in words.
    public var description: String { "\(reason) at byte \(offset)" }
}

extension JSON: CustomStringConvertible {
    /// The JSON text.
    public var description: String { String(decoding: bytes, as: UTF8.self) }
}

extension JSON: ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral, ExpressibleByStringLiteral,
    ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral
{
    /// Of members with one name the last counts.
    public init(dictionaryLiteral members: (String, JSON)...) {
        self = .object(Dictionary(members) { $1 })
    }

    /// `[1, "a"]`
    public init(arrayLiteral elements: JSON...) {
        self = .array(elements)
    }

    /// `"a"`
    public init(stringLiteral text: String) {
        self = .string(text)
    }

    /// `1`
    public init(integerLiteral number: Int64) {
        self = .integer(number)
    }

    /// `true`
    public init(booleanLiteral truth: Bool) {
        self = .bool(truth)
    }
}

extension JSON: Codable {
    /// From any decoder; of this layer's own it takes the value as it is.
    public init(from decoder: any Decoder) throws {
        if let decoding = decoder as? JSONDecoding {
            self = decoding.value
            return
        }
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let truth = try? container.decode(Bool.self) {
            self = .bool(truth)
        } else if let number = try? container.decode(Int64.self) {
            self = .integer(number)
        } else if let number = try? container.decode(Double.self) {
            self = .number(number)
        } else if let text = try? container.decode(String.self) {
            self = .string(text)
        } else if let elements = try? container.decode([JSON].self) {
            self = .array(elements)
        } else {
            self = .object(try container.decode([String: JSON].self))
        }
    }

    /// To any encoder.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let truth): try container.encode(truth)
        case .integer(let number): try container.encode(number)
        case .number(let number): try container.encode(number)
        case .string(let text): try container.encode(text)
        case .array(let elements): try container.encode(elements)
        case .object(let members): try container.encode(members)
        }
    }
}

// MARK: - Writing

extension JSON {
    private func write(into out: inout [UInt8]) {
        switch self {
        case .null: out += "null".utf8
        case .bool(let truth): out += (truth ? "true" : "false").utf8
        case .integer(let number): out += "\(number)".utf8
        case .number(let number): out += (number.isFinite ? "\(number)" : "null").utf8
        case .string(let text): Self.quote(text, into: &out)
        case .array(let elements): Self.list(elements, "[", "]", into: &out) { $0.write(into: &$1) }
        case .object(let members):
            Self.list(members.sorted { $0.key < $1.key }, "{", "}", into: &out) {
                Self.quote($0.key, into: &$1)
                $1.append(UInt8(ascii: ":"))
                $0.value.write(into: &$1)
            }
        }
    }

    private static func list<Element>(
        _ elements: [Element], _ open: Unicode.Scalar, _ close: Unicode.Scalar, into out: inout [UInt8],
        _ write: (Element, inout [UInt8]) -> Void
    ) {
        out.append(UInt8(ascii: open))
        for (index, element) in elements.enumerated() {
            if index > 0 { out.append(UInt8(ascii: ",")) }
            write(element, &out)
        }
        out.append(UInt8(ascii: close))
    }

    private static func quote(_ text: String, into out: inout [UInt8]) {
        out.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): out += [UInt8(ascii: "\\"), byte]
            case UInt8(ascii: "\n"): out += "\\n".utf8
            case UInt8(ascii: "\t"): out += "\\t".utf8
            case 0..<0x20: out += "\\u00\(byte < 16 ? "0" : "")\(String(byte, radix: 16))".utf8
            default: out.append(byte)
            }
        }
        out.append(UInt8(ascii: "\""))
    }
}
