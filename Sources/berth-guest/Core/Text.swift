/// Bytes of text from the plugin, and how to shorten them.
enum Text {
    /// The longest prefix of `bytes` that has at most `limit` bytes and does not end inside a UTF-8 character.
    static func cut(_ bytes: UnsafeRawBufferPointer, to limit: Int) -> UnsafeRawBufferPointer {
        guard bytes.count > limit else { return bytes }
        var end = limit
        while end > 0, limit - end < 3, bytes[end] & 0xC0 == 0x80 {
            end -= 1
        }
        if bytes[end] & 0xC0 == 0x80 {
            end = limit
        }
        return UnsafeRawBufferPointer(rebasing: bytes[..<end])
    }

    /// The bytes before the terminating NUL, or nil when there is none within `limit` bytes. A null pointer is empty.
    static func terminated(_ text: UnsafePointer<CChar>?, limit: Int) -> UnsafeRawBufferPointer? {
        guard let text else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        var length = 0
        while text[length] != 0 {
            guard length < limit else { return nil }
            length += 1
        }
        return UnsafeRawBufferPointer(start: text, count: length)
    }

    /// Whether `bytes` is `[a-z][a-z0-9-]{0,62}`.
    static func isID(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let first = bytes.first, bytes.count <= 63, isLetter(first) else { return false }
        return bytes.allSatisfy { isLetter($0) || ($0 >= 0x30 && $0 <= 0x39) || $0 == 0x2D }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        byte >= 0x61 && byte <= 0x7A
    }
}

/// A sentence for people, put together without the library's String: that would double the guest.
struct Sentence {
    private(set) var bytes: [UInt8] = []

    init(_ words: StaticString) {
        append(words)
    }

    mutating func append(_ words: StaticString) {
        words.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }

    mutating func append(_ text: UnsafeRawBufferPointer) {
        bytes.append(contentsOf: Text.cut(text, to: 1024))
    }

    mutating func append(_ number: Int) {
        if number < 0 {
            bytes.append(0x2D)
        }
        var digits: [UInt8] = []
        var rest = number.magnitude
        repeat {
            digits.append(0x30 + UInt8(rest % 10))
            rest /= 10
        } while rest > 0
        bytes.append(contentsOf: digits.reversed())
    }
}
