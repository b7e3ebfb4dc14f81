// Small sets of small numbers: bit n stands for n.
extension FixedWidthInteger where Self: UnsignedInteger {
    func has(_ bit: Int) -> Bool { self >> bit & 1 == 1 }

    var lowest: Int { trailingZeroBitCount }
    var highest: Int { Self.bitWidth - 1 - leadingZeroBitCount }

    /// The lowest bit at or above one.
    func first(from bit: Int) -> Int? {
        let rest = self & (Self.max << bit)
        return rest == 0 ? nil : rest.lowest
    }

    /// The highest bit at or below one.
    func last(through bit: Int) -> Int? {
        guard bit >= 0 else { return nil }
        let rest = self & ~(Self.max << (bit + 1))
        return rest == 0 ? nil : rest.highest
    }

    /// How many bits are set below one.
    func count(below bit: Int) -> Int {
        (self & ~(Self.max << bit)).nonzeroBitCount
    }

    /// The numbers, rising.
    var members: [Int] { (0..<Self.bitWidth).filter(has) }
}
