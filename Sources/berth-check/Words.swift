/// A sentence put together from literals, numbers and bytes, without the library's String: that would double the program.
struct Words: ExpressibleByStringInterpolation {
    private(set) var bytes: [UInt8]

    init(stringLiteral value: StaticString) {
        bytes = []
        value.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }

    init(stringInterpolation: Interpolation) {
        bytes = stringInterpolation.bytes
    }

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    struct Interpolation: StringInterpolationProtocol {
        var bytes: [UInt8] = []

        init(literalCapacity: Int, interpolationCount: Int) {}

        mutating func appendLiteral(_ literal: StaticString) {
            literal.withUTF8Buffer { bytes.append(contentsOf: $0) }
        }

        mutating func appendInterpolation(_ number: some FixedWidthInteger) {
            if number < 0 { bytes.append(0x2D) }
            var digits: [UInt8] = []
            var rest = number.magnitude
            repeat {
                digits.append(0x30 + UInt8(truncatingIfNeeded: rest % 10))
                rest /= 10
            } while rest > 0
            bytes.append(contentsOf: digits.reversed())
        }

        mutating func appendInterpolation(_ text: StaticString) { appendLiteral(text) }
        mutating func appendInterpolation(_ words: Words) { bytes.append(contentsOf: words.bytes) }

        /// At most 300 bytes of what a plugin or the order said.
        mutating func appendInterpolation(_ text: [UInt8]) {
            text.withUnsafeBytes { bytes.append(contentsOf: Text.cut($0, to: 300)) }
        }
    }
}
