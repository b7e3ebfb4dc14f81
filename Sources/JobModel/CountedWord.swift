/// A policy written as a word, or as a word with a number: `queue`, `queue(3)`.
struct CountedWord: Hashable {
    var word: String
    var count: Int?

    init(_ word: String, _ count: Int? = nil) {
        self.word = word
        self.count = count
    }

    /// Nil for any other shape, and for numbers out of range.
    init?(text: String, counts: ClosedRange<Int>) {
        guard let open = text.utf8.firstIndex(of: UInt8(ascii: "(")) else {
            self.init(text)
            return
        }
        let inside = text[open...].dropFirst()
        guard inside.last == ")", inside.dropLast().utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let count = Int(inside.dropLast()), counts.contains(count)
        else { return nil }
        self.init(String(text[..<open]), count)
    }

    var text: String { count.map { "\(word)(\($0))" } ?? word }
}
