extension Duration {
    /// Reads `500ms`, `5s`, `1m30s`, `1.5h`, `2h45m`, `7d`: numbers with the units `ns us µs ms s m h d` and nothing between
    /// them; a day is 24 hours. A bare `0` is zero. Nil for anything else, for negative ones, and beyond 292,000 years.
    package init?(berthText text: some StringProtocol) {
        self.init(durationText: text.utf8, days: true)
    }

    /// `1h30m`, `1.5s`, `250ms`, `1d12h`: what `init(berthText:)` reads back, in the largest units that fit. Parts below
    /// one nanosecond are cut.
    package var berthText: String {
        // Held where the seconds would pass Int64: `components` traps there, and a decoded duration may hold such.
        let end = Duration.seconds(Int64.max)
        guard self <= end else { return end.berthText }
        guard self >= .zero else { return "-" + (.zero - max(self, .zero - end)).berthText }
        let (seconds, attoseconds) = components
        let nanoseconds = Int(attoseconds / 1_000_000_000)
        if seconds == 0 { return Duration.subSecond(nanoseconds) }
        return Duration.clock(Int(seconds), nanoseconds)
    }

    private static func subSecond(_ nanoseconds: Int) -> String {
        switch nanoseconds {
        case 0: "0s"
        case ..<1000: "\(nanoseconds)ns"
        case ..<1_000_000: "\(nanoseconds / 1000)\((nanoseconds % 1000).asFraction(digits: 3))µs"
        default: "\(nanoseconds / 1_000_000)\((nanoseconds % 1_000_000).asFraction(digits: 6))ms"
        }
    }

    private static func clock(_ seconds: Int, _ nanoseconds: Int) -> String {
        var text = ""
        for (amount, unit) in [(seconds / 86_400, "d"), (seconds / 3600 % 24, "h"), (seconds / 60 % 60, "m")]
        where amount > 0 {
            text += "\(amount)\(unit)"
        }
        if seconds % 60 > 0 || nanoseconds > 0 {
            text += "\(seconds % 60)\(nanoseconds.asFraction(digits: 9))s"
        }
        return text
    }
}

extension Duration {
    /// The same reader for the configuration and for `@every`, which knows no days.
    init?(durationText text: some Sequence<UInt8>, days: Bool) {
        let bytes = Array(text.prefix(129))
        if bytes == [UInt8(ascii: "0")] {
            self = .zero
            return
        }
        var reader = DurationReader(bytes: bytes[...], days: days)
        guard bytes.count <= 128, let attoseconds = reader.total() else { return nil }
        self.init(attoseconds: attoseconds)
    }
}

private struct DurationReader {
    var bytes: [UInt8].SubSequence
    let days: Bool

    /// Int64.max microseconds: what an `Instant` can be moved by.
    private static let limit = Int128(Int64.max) * 1_000_000_000_000

    /// In attoseconds, which hold every unit exactly.
    mutating func total() -> Int128? {
        guard !bytes.isEmpty else { return nil }
        var sum: Int128 = 0
        while !bytes.isEmpty {
            guard let part = part(), part <= DurationReader.limit - sum else { return nil }
            sum += part
        }
        return sum
    }

    private mutating func part() -> Int128? {
        let whole = digits()
        var fraction: [UInt8].SubSequence = []
        if bytes.first == UInt8(ascii: ".") {
            bytes = bytes.dropFirst()
            fraction = digits()
        }
        guard !(whole.isEmpty && fraction.isEmpty), let unit = unit() else { return nil }
        var value: Int128 = 0
        for digit in whole {
            value = value * 10 + Int128(digit - 0x30)
            guard value * unit <= DurationReader.limit else { return nil }
        }
        return value * unit + DurationReader.share(fraction, of: unit)
    }

    /// Every unit is a multiple of a billion attoseconds, so that nine digits at least are exact.
    private static func share(_ fraction: [UInt8].SubSequence, of unit: Int128) -> Int128 {
        var place = unit
        var sum: Int128 = 0
        for digit in fraction {
            sum += Int128(digit - 0x30) * place / 10
            place /= 10
        }
        return sum
    }

    private mutating func digits() -> [UInt8].SubSequence {
        let digits = bytes.prefix { $0 >= 0x30 && $0 <= 0x39 }
        bytes = bytes.dropFirst(digits.count)
        return digits
    }

    private mutating func unit() -> Int128? {
        let name = bytes.prefix { !($0 >= 0x30 && $0 <= 0x39) && $0 != UInt8(ascii: ".") }
        bytes = bytes.dropFirst(name.count)
        let second: Int128 = 1_000_000_000_000_000_000
        return switch String(decoding: name, as: UTF8.self) {
        case "ns": second / 1_000_000_000
        // Both code points that look like a micro sign.
        case "us", "\u{B5}s", "\u{3BC}s": second / 1_000_000
        case "ms": second / 1000
        case "s": second
        case "m": second * 60
        case "h": second * 3600
        case "d" where days: second * 86_400
        default: nil
        }
    }
}
