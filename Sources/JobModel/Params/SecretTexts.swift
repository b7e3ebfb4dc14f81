/// Texts that must not be seen: what stands in their place, and how they are found in what plugins say.
package struct SecretTexts: Hashable, Sendable {
    package static let mask = "[secret]"
    /// Shorter ones stand in ordinary words too, and hiding them would hide nothing.
    package static let least = 4

    private var texts: [[UInt8]] = []

    package init() {}

    init(_ secrets: [String]) {
        var found: Set<[UInt8]> = []
        for secret in secrets {
            // As it is, as it looks within JSON, and line by line, as logs have it.
            let escaped = JSONValue.string(secret).bytes.dropFirst().dropLast()
            let lines = secret.utf8.split(separator: UInt8(ascii: "\n")).map(Array.init)
            for text in [Array(secret.utf8), Array(escaped)] + lines where text.count >= Self.least {
                found.insert(text)
            }
        }
        // A longer one may hold a shorter one.
        texts = found.sorted { left, right in
            left.count != right.count ? left.count > right.count : left.lexicographicallyPrecedes(right)
        }
    }

    package var isEmpty: Bool { texts.isEmpty }

    /// The text with every secret in it masked.
    package func hidden(in text: String) -> String {
        guard !texts.isEmpty else { return text }
        var bytes = Array(text.utf8)
        var isChanged = false
        for secret in texts {
            guard let masked = Self.replace(secret, in: bytes) else { continue }
            bytes = masked
            isChanged = true
        }
        return isChanged ? String(decoding: bytes, as: UTF8.self) : text
    }

    /// Nil when it is not there.
    private static func replace(_ secret: [UInt8], in bytes: [UInt8]) -> [UInt8]? {
        var result: [UInt8] = []
        var kept = 0
        var place = 0
        while place + secret.count <= bytes.count {
            guard bytes[place] == secret[0], bytes[place..<place + secret.count].elementsEqual(secret) else {
                place += 1
                continue
            }
            result += bytes[kept..<place]
            result += mask.utf8
            place += secret.count
            kept = place
        }
        guard kept > 0 else { return nil }
        return result + bytes[kept...]
    }
}

extension SchemaNode {
    /// Follows every alternative: what one of them calls secret is.
    func masked(_ value: JSONValue) -> JSONValue {
        guard hasSecrets else { return value }
        guard !isSecret else { return value == .null ? .null : .string(SecretTexts.mask) }
        var shown = value
        switch value {
        case .array(let elements):
            if case .judged(let item) = items { shown = .array(elements.map(item.masked)) }
        case .object(let members):
            shown = .object(members.map { JSONMember($0.name, node(of: $0.name)?.masked($0.value) ?? $0.value) })
        default: break
        }
        return alternatives.reduce(shown) { $1.masked($0) }
    }

    func secrets(in value: JSONValue) -> [String] {
        guard hasSecrets else { return [] }
        guard !isSecret else { return value.leaves }
        var found: [String] = []
        switch value {
        case .array(let elements):
            if case .judged(let item) = items { found = elements.flatMap(item.secrets) }
        case .object(let members):
            found = members.flatMap { node(of: $0.name)?.secrets(in: $0.value) ?? [] }
        default: break
        }
        return found + alternatives.flatMap { $0.secrets(in: value) }
    }

    private func node(of name: String) -> SchemaNode? {
        if let place = places[name] { return properties[place].node }
        if case .judged(let rest) = additional { return rest }
        return nil
    }
}

extension JSONValue {
    /// Every text and number in it.
    fileprivate var leaves: [String] {
        switch self {
        case .null, .bool: []
        case .number(let text), .string(let text): [text]
        case .array(let elements): elements.flatMap(\.leaves)
        case .object(let members): members.flatMap(\.value.leaves)
        }
    }
}
