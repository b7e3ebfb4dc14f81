import JobModel

/// Params made for one component: such that its schema takes, such that it refuses, and such that nobody would send.
struct SampleParams: Sendable {
    private(set) var normal: [[UInt8]] = []
    private(set) var refused: [(label: String, params: [UInt8])] = []
    private(set) var odd: [(label: String, params: [UInt8])] = []
    /// Texts in `normal` that are marked x-secret.
    private(set) var secrets: [String] = []

    /// `given` are an ordinary run's, when somebody knows them. Of a schema that cannot be used nothing is made: another
    /// check says what is wrong with it.
    init(schema text: String, given: [UInt8]?) {
        let isUsable = (try? ParamsSchema(text)) != nil
        let root = (isUsable ? try? JSONParser.parse(text) : nil) ?? ["type": "object"]
        var maker = SampleMaker()
        let whole = maker.value(root, isWhole: true)
        let least = maker.value(root, isWhole: false)
        secrets = maker.secrets
        for candidate in [given, least.bytes, whole.bytes].compactMap(\.self) where !normal.contains(candidate) {
            normal.append(candidate)
        }
        addRefused(root, least)
        addOdd(normal.first ?? Array("{}".utf8))
    }

    /// Without what has to be there, and of kinds that are not asked for. A component that needs nothing may take
    /// anything.
    private mutating func addRefused(_ root: JSONValue, _ sample: JSONValue) {
        let members = (sample.members ?? []).prefix(64)
        guard root["type"]?.string == "object", !(root["required"]?.array ?? []).isEmpty else { return }
        refused = [("a list instead of an object", Array("[]".utf8)), ("no JSON", Array("{\"a\":".utf8))]
        for member in members {
            let rest = JSONValue.object((sample.members ?? []).filter { $0.name != member.name })
            refused.append(("without \"\(member.name)\"", rest.bytes))
            guard root["properties"]?[member.name]?["type"]?.string != nil else { continue }
            for wrong: JSONValue in [.array([.array([])]), .bool(true), .string("x"), .number("7")]
            where wrong.kind != member.value.kind {
                refused.append(("\"\(member.name)\" is \(wrong.kind)", sample.replacing(member.name, by: wrong).bytes))
            }
        }
    }

    private mutating func addOdd(_ ordinary: [UInt8]) {
        let deep = 20_000
        odd = [
            ("no JSON at all", Array("hello".utf8)),
            ("a member nobody knows", Array(#"{"zzz-unknown":[1,2,{"a":null}]}"#.utf8)),
            (
                "a text of a megabyte",
                Array("{\"a\":\"".utf8) + [UInt8](repeating: 0x61, count: 1 << 20) + Array("\"}".utf8)
            ),
            ("nested \(deep) deep", [UInt8](repeating: 0x5B, count: deep) + [UInt8](repeating: 0x5D, count: deep)),
            ("numbers out of range", Array(#"{"a":1e999,"b":-99999999999999999999,"c":0.1e-999}"#.utf8)),
            ("escapes that are no text", Array(#"{"a":"\u0000\ud800","\u0000":1}"#.utf8)),
            ("bytes that are not UTF-8", Array("{\"a\":\"".utf8) + [0xFF, 0xC0, 0x80] + Array("\"}".utf8)),
            ("half of the ordinary ones", Array(ordinary.prefix(ordinary.count / 2))),
        ]
    }
}

/// Makes a value that a schema takes, as far as that can be seen from it, and as long as there is room: schemas may ask for
/// more than any memory holds.
private struct SampleMaker {
    var secrets: [String] = []
    /// About the bytes that may still be made.
    private var room = 1 << 18

    /// `isWhole`: with every member that is described, not only those that have to be there.
    mutating func value(_ schema: JSONValue, isWhole: Bool, depth: Int = 0) -> JSONValue {
        if let value = schema["const"] ?? schema["default"] ?? schema["examples"]?.array?.first
            ?? schema["enum"]?.array?.first
        {
            return spend(value.bytes.count) ? value : .null
        }
        guard spend(8), depth < 8 else { return .null }
        switch schema["type"]?.string ?? schema["type"]?.array?.first?.string ?? guess(schema) {
        case "string": return text(schema)
        case "integer", "number": return schema["minimum"] ?? schema["maximum"] ?? .number(1)
        case "boolean": return .bool(true)
        case "array": return list(schema, isWhole, depth)
        case "object": return object(schema, isWhole, depth)
        default: return .null
        }
    }

    private mutating func spend(_ bytes: Int) -> Bool {
        room -= bytes
        return room >= 0
    }

    private func guess(_ schema: JSONValue) -> String {
        if schema["properties"] != nil || schema["required"] != nil { return "object" }
        return schema["items"] != nil ? "array" : "string"
    }

    private mutating func text(_ schema: JSONValue) -> JSONValue {
        let least = length(schema["minLength"], or: 1)
        let most = length(schema["maxLength"], or: 64)
        guard spend(least) else { return .null }
        let filling = String(repeating: "a", count: max(1, least))
        guard schema["x-secret"]?.bool == true else { return .string(filling) }
        let word = "secret-7b1f93c2"
        let secret = String((word + filling).prefix(max(least, min(most, word.count))))
        // A shorter one would be found in any text.
        if secret.count >= 8 { secrets.append(secret) }
        return .string(secret)
    }

    private func length(_ word: JSONValue?, or usual: Int) -> Int {
        Int(clamping: min(max(0, word?.integer ?? Int64(usual)), 4096))
    }

    private mutating func list(_ schema: JSONValue, _ isWhole: Bool, _ depth: Int) -> JSONValue {
        let count = max(length(schema["minItems"], or: 0), isWhole ? 1 : 0)
        return .array(
            (0..<min(count, 16)).map { _ in value(schema["items"] ?? .object([]), isWhole: isWhole, depth: depth + 1) })
    }

    /// Of several forms the first is made.
    private mutating func object(_ schema: JSONValue, _ isWhole: Bool, _ depth: Int) -> JSONValue {
        let form = schema["oneOf"]?.array?.first ?? .object([])
        let required = Self.names(schema) + Self.names(form)
        let excluded = Set((schema["oneOf"]?.array ?? []).dropFirst().flatMap(Self.names)).subtracting(required)
        let properties = (schema["properties"]?.members ?? []) + (form["properties"]?.members ?? [])
        let wanted = properties.filter { required.contains($0.name) || (isWhole && !excluded.contains($0.name)) }
        return .object(wanted.map { JSONMember($0.name, value($0.value, isWhole: isWhole, depth: depth + 1)) })
    }

    private static func names(_ schema: JSONValue) -> [String] {
        (schema["required"]?.array ?? []).compactMap(\.string)
    }
}

extension JSONValue {
    fileprivate func replacing(_ name: String, by value: JSONValue) -> JSONValue {
        .object((members ?? []).map { $0.name == name ? JSONMember(name, value) : $0 })
    }
}
