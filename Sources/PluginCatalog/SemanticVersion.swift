/// A version after semver.org 2.0.0. Build metadata is read and means nothing.
package struct SemanticVersion: Sendable {
    private let core: [UInt64]
    private let preRelease: [Identifier]

    private enum Identifier: Equatable {
        case number(UInt64)
        case word(String)
    }

    /// Nil unless `text` follows the rules; numbers above 2⁶⁴−1 are refused too.
    package init?(_ text: String) {
        let plain = text.split(separator: "+", maxSplits: 1, omittingEmptySubsequences: false)
        let halves = plain[0].split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        let numbers = halves[0].split(separator: ".", omittingEmptySubsequences: false).map(Self.number)
        let words = halves.dropFirst().flatMap { $0.split(separator: ".", omittingEmptySubsequences: false) }
        let identifiers = words.map(Self.identifier)
        let metadata = plain.dropFirst().flatMap { $0.split(separator: ".", omittingEmptySubsequences: false) }
        guard numbers.count == 3, !numbers.contains(nil), !identifiers.contains(nil), metadata.allSatisfy(Self.isWord)
        else { return nil }
        core = numbers.compactMap(\.self)
        preRelease = identifiers.compactMap(\.self)
    }

    private static func number(_ text: Substring) -> UInt64? {
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), text == "0" || text.first != "0" else { return nil }
        return UInt64(text)
    }

    private static func identifier(_ text: Substring) -> Identifier? {
        guard isWord(text) else { return nil }
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return .word(String(text)) }
        return number(text).map(Identifier.number)
    }

    private static func isWord(_ text: Substring) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
                    || byte == 0x2d
            }
    }
}

extension SemanticVersion: Comparable {
    package static func < (left: SemanticVersion, right: SemanticVersion) -> Bool {
        if left.core != right.core { return left.core.lexicographicallyPrecedes(right.core) }
        // A version with a pre-release part comes before the one without.
        if left.preRelease.isEmpty || right.preRelease.isEmpty {
            return !left.preRelease.isEmpty && right.preRelease.isEmpty
        }
        return left.preRelease.lexicographicallyPrecedes(right.preRelease, by: precedes)
    }

    private static func precedes(_ left: Identifier, _ right: Identifier) -> Bool {
        switch (left, right) {
        case (.number(let left), .number(let right)): left < right
        case (.number, .word): true
        case (.word, .number): false
        case (.word(let left), .word(let right)): left.utf8.lexicographicallyPrecedes(right.utf8)
        }
    }
}
