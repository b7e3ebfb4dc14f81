/// How long things took: counts in buckets, four to a doubling, so that any percentile is right to about a tenth, and
/// the sum for the mean. In microseconds. Two of them add up to one.
package struct DurationHistogram: Hashable, Sendable {
    struct Bucket: Hashable, Sendable {
        var number: UInt8
        var count: UInt64
    }

    /// Those that are not empty, in order.
    private(set) var buckets: [Bucket] = []
    private(set) var sum: UInt64 = 0

    package init() {}

    init(sum: UInt64, buckets: [Bucket]) {
        self.sum = sum
        self.buckets = buckets
    }

    package var count: UInt64 { buckets.reduce(0) { $0 &+ $1.count } }
    package var isEmpty: Bool { buckets.isEmpty }

    package mutating func add(_ duration: Duration) {
        let value = UInt64(max(1, duration.microseconds))
        sum &+= value
        add(Bucket(number: Self.number(of: value), count: 1))
    }

    package mutating func add(_ other: DurationHistogram) {
        sum &+= other.sum
        for bucket in other.buckets { add(bucket) }
    }

    /// Nil while there is nothing.
    package var mean: Duration? {
        isEmpty ? nil : .microseconds(Int64(clamping: sum / max(1, count)))
    }

    /// What this part of all (0 to 1) did not take longer than. Nil while there is nothing.
    package func percentile(_ part: Double) -> Duration? {
        let wanted = max(1, (Double(count) * min(max(part, 0), 1)).rounded(.up))
        var seen: UInt64 = 0
        for bucket in buckets {
            seen &+= bucket.count
            if Double(seen) >= wanted { return .microseconds(Self.middle(of: bucket.number)) }
        }
        return nil
    }

    private mutating func add(_ new: Bucket) {
        let place = buckets.firstIndex { $0.number >= new.number } ?? buckets.count
        if place < buckets.count, buckets[place].number == new.number {
            buckets[place].count &+= new.count
        } else {
            buckets.insert(new, at: place)
        }
    }

    /// Four times the exponent of the highest bit, and the two bits below it.
    private static func number(of value: UInt64) -> UInt8 {
        let exponent = 63 - value.leadingZeroBitCount
        let below = exponent >= 2 ? value >> UInt64(exponent - 2) : value << UInt64(2 - exponent)
        return UInt8(exponent * 4) + UInt8(below & 3)
    }

    private static func middle(of number: UInt8) -> Int64 {
        let quarter = Double(sign: .plus, exponent: Int(number / 4) - 2, significand: 1)
        return max(1, Int64(exactly: (quarter * (4.5 + Double(number % 4))).rounded(.down)) ?? .max)
    }
}
