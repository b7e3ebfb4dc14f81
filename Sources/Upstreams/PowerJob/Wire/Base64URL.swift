/// The alphabet in which the protocol puts bytes into JSON: base64 with `-` and `_`, written without padding. Padding is
/// accepted where it is read, the characters `+` and `/` are not.
package enum Base64URL {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    private static let values: [UInt8?] = {
        var values = [UInt8?](repeating: nil, count: 256)
        for (value, character) in alphabet.enumerated() { values[Int(character)] = UInt8(value) }
        return values
    }()

    package static func encode(_ bytes: some Collection<UInt8>) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count * 4 + 2) / 3)
        var bits: UInt32 = 0
        var held = 0
        for byte in bytes {
            bits = bits << 8 | UInt32(byte)
            held += 8
            while held >= 6 {
                held -= 6
                text.append(alphabet[Int(bits >> UInt32(held)) & 0x3F])
            }
            bits &= 0xFF
        }
        if held > 0 { text.append(alphabet[Int(bits << UInt32(6 - held)) & 0x3F]) }
        return String(decoding: text, as: UTF8.self)
    }

    /// Nil when the text is not of this alphabet, or has a length that no bytes give.
    package static func decode(_ text: some StringProtocol) -> [UInt8]? {
        let characters = unpadded(Array(text.utf8))
        guard let characters, characters.count % 4 != 1 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(characters.count * 3 / 4)
        var bits: UInt32 = 0
        var held = 0
        for character in characters {
            guard let value = values[Int(character)] else { return nil }
            bits = (bits << 6 | UInt32(value)) & 0xFFFF
            held += 6
            guard held >= 8 else { continue }
            held -= 8
            bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(held)))
        }
        return bytes
    }

    private static func unpadded(_ text: [UInt8]) -> [UInt8]? {
        guard let end = text.firstIndex(of: UInt8(ascii: "=")) else { return text }
        let padding = text[end...]
        guard text.count % 4 == 0, padding.count <= 2, padding.allSatisfy({ $0 == UInt8(ascii: "=") }) else {
            return nil
        }
        return Array(text[..<end])
    }
}
