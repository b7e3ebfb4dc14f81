/// Walks over the bytes of a schedule text. Positions are bytes of the whole text, so that an error can point at them.
struct ByteReader {
    let bytes: [UInt8]
    let end: Int
    private(set) var position: Int

    /// No honest schedule is longer, and it keeps what a text can cost small.
    static let longest = 512

    /// Blanks at both ends are passed over.
    init(_ text: String) throws(Refusal) {
        bytes = Array(text.utf8.prefix(ByteReader.longest + 1))
        guard bytes.count <= ByteReader.longest else {
            throw Refusal(position: ByteReader.longest, reason: "a schedule has at most \(ByteReader.longest) bytes")
        }
        let isSpace = { (byte: UInt8) in byte == 0x20 || (0x09...0x0d).contains(byte) }
        position = bytes.firstIndex { !isSpace($0) } ?? 0
        end = bytes.lastIndex { !isSpace($0) }.map { $0 + 1 } ?? 0
    }

    var isAtEnd: Bool { position >= end }
    var isAtBlank: Bool { !isAtEnd && (bytes[position] == 0x20 || bytes[position] == 0x09) }
    var isAtLetter: Bool {
        !isAtEnd && (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(bytes[position] | 0x20)
    }

    /// What stands at the position, for messages.
    var found: String {
        guard !isAtEnd else { return "the end" }
        let byte = bytes[position]
        if isAtBlank { return "a blank" }
        return byte > 0x20 && byte < 0x7f ? "\"\(Unicode.Scalar(byte))\"" : "a byte that is no plain character"
    }

    func text(from start: Int) -> String { String(decoding: bytes[start..<position], as: UTF8.self) }

    mutating func take(_ text: StaticString) -> Bool {
        guard !isAtEnd, text.withUTF8Buffer({ bytes[position..<end].starts(with: $0) }) else { return false }
        position += text.utf8CodeUnitCount
        return true
    }

    mutating func skipBlanks() {
        while isAtBlank { position += 1 }
    }

    mutating func skip(while isPart: (UInt8) -> Bool) {
        while !isAtEnd, isPart(bytes[position]) { position += 1 }
    }

    /// Letters in lower case; empty where there is none.
    mutating func word() -> String {
        let start = position
        while isAtLetter { position += 1 }
        return text(from: start).lowercased()
    }

    /// Digits, held at a hundred million; nil where there is none.
    mutating func number() -> Int? {
        let start = position
        var value = 0
        while !isAtEnd, bytes[position] >= 0x30, bytes[position] <= 0x39 {
            value = min(value * 10 + Int(bytes[position] - 0x30), 100_000_000)
            position += 1
        }
        return position > start ? value : nil
    }
}
