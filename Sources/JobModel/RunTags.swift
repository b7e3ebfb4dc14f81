/// Words that people put on runs to find them by. In order, each once.
package struct RunTags: Hashable, Sendable {
    package let words: [String]

    package static let none = RunTags()
    package static let most = 20
    package static let rule =
        "must be a list of at most 20 tags; a tag has 1 to 100 letters, digits or any of - . _ : / = @"

    private init() { words = [] }

    /// Nil when one of them is no tag, or there are too many.
    package init?(_ words: [String]) {
        guard words.allSatisfy(Self.isTag) else { return nil }
        var known: Set<String> = []
        self.words = words.filter { known.insert($0).inserted }
        guard self.words.count <= Self.most else { return nil }
    }

    package var isEmpty: Bool { words.isEmpty }

    package static func isTag(_ word: String) -> Bool {
        (1...100).contains(word.utf8.count) && word.utf8.allSatisfy(isTagByte)
    }

    private static func isTagByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "-._:/=@".utf8.contains(byte)
        }
    }

    // MARK: As the store keeps them

    /// With spaces between, which no tag holds; nil: none.
    package var text: String? { words.isEmpty ? nil : words.joined(separator: " ") }

    package init(text: String?) {
        self = text.flatMap { RunTags($0.split(separator: " ").map(String.init)) } ?? .none
    }
}

extension RunTags: Codable {
    package init(from decoder: any Decoder) throws {
        self.init(text: try decoder.singleValueContainer().decode(String.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text ?? "")
    }
}
