extension UInt64 {
    /// Reads `512MiB`, `1 GiB`, `64KiB` or a number of bytes. Nil for anything else and for zero.
    package init?(sizeText text: some StringProtocol) {
        let (unit, factor) = Self.units.first { text.hasSuffix($0.word) } ?? ("", 1)
        var number = text.dropLast(unit.count)
        while number.last == " " { number.removeLast() }
        guard let count = UInt64(number), count > 0 else { return nil }
        let (bytes, overflows) = count.multipliedReportingOverflow(by: factor)
        guard !overflows else { return nil }
        self = bytes
    }

    /// `64 MiB`, `1500 bytes`: bytes in the largest unit that divides them.
    package var sizeWords: String {
        guard self > 0, let (word, factor) = Self.units.first(where: { isMultiple(of: $0.factor) }) else {
            return "\(self) bytes"
        }
        return "\(self / factor) \(word)"
    }

    /// As `init(sizeText:)` reads it: `64MiB`.
    package var sizeText: String {
        guard self > 0, let (word, factor) = Self.units.first(where: { isMultiple(of: $0.factor) }) else {
            return "\(self)"
        }
        return "\(self / factor)\(word)"
    }

    private static let units: [(word: String, factor: UInt64)] = [
        ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10),
    ]
}
