/// A histogram in a few bytes: the sum, then for each bucket how far its number is from the one before, and its count.
/// All are integers of 7 bits a byte, the low ones first.
extension DurationHistogram {
    package var bytes: [UInt8] {
        var bytes: [UInt8] = []
        Self.append(sum, to: &bytes)
        var last: UInt8 = 0
        for bucket in buckets {
            Self.append(UInt64(bucket.number - last), to: &bytes)
            Self.append(bucket.count, to: &bytes)
            last = bucket.number
        }
        return bytes
    }

    /// Nil when the bytes are no histogram from end to end.
    package init?(bytes: [UInt8]) {
        var rest = bytes[...]
        guard let sum = Self.take(&rest) else { return nil }
        var buckets: [Bucket] = []
        var last: UInt64 = 0
        while !rest.isEmpty {
            guard let step = Self.take(&rest), let count = Self.take(&rest), count > 0, step < 256,
                step > 0 || buckets.isEmpty, last + step < 256
            else { return nil }
            last += step
            buckets.append(Bucket(number: UInt8(last), count: count))
        }
        self.init(sum: sum, buckets: buckets)
    }

    private static func append(_ value: UInt64, to bytes: inout [UInt8]) {
        var value = value
        while value >= 0x80 {
            bytes.append(UInt8(value & 0x7f) | 0x80)
            value >>= 7
        }
        bytes.append(UInt8(value))
    }

    private static func take(_ rest: inout ArraySlice<UInt8>) -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            guard let byte = rest.popFirst() else { return nil }
            guard shift < 63 || byte < 2 else { return nil }
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return value }
        }
        return nil
    }
}
