/// What a JSON number means, exactly: `1`, `1.0` and `10e-1` are equal, and 2⁵³ + 1 is not 2⁵³.
struct DecimalNumber: Hashable, Sendable {
    private var isNegative = false
    /// Without zeros at either end; none for zero.
    private var digits: [UInt8] = []
    /// The value is 0.d₁d₂d₃… × 10^exponent.
    private var exponent = 0

    /// Beyond this, numbers of one sign are all equally far away.
    private static let farthest = 1 << 40

    /// `text` as JSON writes numbers.
    init(_ text: String) {
        var scale: Substring = ""
        var mantissa = text[...]
        if let mark = text.firstIndex(where: { $0 == "e" || $0 == "E" }) {
            scale = text[text.index(after: mark)...]
            mantissa = text[..<mark]
        }
        var pointAfter: Int?
        for byte in mantissa.utf8 {
            switch byte {
            case UInt8(ascii: "-"): isNegative = true
            case UInt8(ascii: "."): pointAfter = digits.count
            default: digits.append(byte &- UInt8(ascii: "0"))
            }
        }
        exponent = (pointAfter ?? digits.count) + Self.exponent(scale)
        normalise()
    }

    private static func exponent(_ text: Substring) -> Int {
        guard !text.isEmpty else { return 0 }
        let value = Int(text) ?? (text.hasPrefix("-") ? -farthest : farthest)
        return max(-farthest, min(farthest, value))
    }

    private mutating func normalise() {
        let zeros = digits.prefix { $0 == 0 }.count
        digits.removeFirst(zeros)
        exponent -= zeros
        while digits.last == 0 { digits.removeLast() }
        guard digits.isEmpty else { return }
        isNegative = false
        exponent = 0
    }

    var isWhole: Bool { digits.count <= max(0, exponent) }
}

extension DecimalNumber: Comparable {
    static func < (left: DecimalNumber, right: DecimalNumber) -> Bool {
        if left.sign != right.sign { return left.sign < right.sign }
        return left.isNegative ? right.isCloser(than: left) : left.isCloser(than: right)
    }

    private var sign: Int { digits.isEmpty ? 0 : isNegative ? -1 : 1 }

    /// To zero, where both have the same sign.
    private func isCloser(than other: DecimalNumber) -> Bool {
        if exponent != other.exponent { return exponent < other.exponent }
        return digits.lexicographicallyPrecedes(other.digits)
    }
}

extension JSONValue {
    /// Whether two values mean the same: numbers by value, objects whatever the order of their members.
    func means(_ other: JSONValue) -> Bool {
        switch (self, other) {
        case (.number(let left), .number(let right)): return DecimalNumber(left) == DecimalNumber(right)
        case (.array(let left), .array(let right)):
            return left.count == right.count && zip(left, right).allSatisfy { $0.means($1) }
        case (.object(let left), .object(let right)):
            guard left.count == right.count else { return false }
            let values = Dictionary(right.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
            return left.allSatisfy { member in values[member.name].map { member.value.means($0) } ?? false }
        default: return self == other
        }
    }
}
