/// A W3C trace context: `00-<trace id>-<parent id>-<flags>`.
package enum TraceParent {
    /// Whether a text is one of version 00, the only one there is.
    package static func isValid(_ text: String) -> Bool {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0] == "00", parts[1].utf8.count == 32, parts[2].utf8.count == 16,
            parts[3].utf8.count == 2
        else { return false }
        let isHex = parts.allSatisfy { $0.utf8.allSatisfy(isLowerHex) }
        return isHex && parts[1].utf8.contains { $0 != UInt8(ascii: "0") }
            && parts[2].utf8.contains { $0 != UInt8(ascii: "0") }
    }

    /// That of a run nobody gave one: the same each time it is asked, and hardly that of any other run anywhere.
    package static func derived(run: RunID, createdAt: Instant) -> String {
        let id = UInt64(bitPattern: run)
        let time = UInt64(bitPattern: createdAt.microseconds)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(55)
        bytes += "00-".utf8
        add(mixed(id, time), to: &bytes)
        add(mixed(time, id &+ 1), to: &bytes)
        bytes.append(UInt8(ascii: "-"))
        add(mixed(id &+ 2, time), to: &bytes)
        bytes += "-00".utf8
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func isLowerHex(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }

    /// Sixteen digits; each attempt has three of these.
    private static func add(_ word: UInt64, to bytes: inout [UInt8]) {
        for shift in stride(from: 60, through: 0, by: -4) {
            let digit = UInt8(truncatingIfNeeded: word >> UInt64(shift)) & 15
            bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
        }
    }

    /// The finisher of SplitMix64; never zero.
    private static func mixed(_ left: UInt64, _ right: UInt64) -> UInt64 {
        var bits = left &* 0x9e37_79b9_7f4a_7c15 &+ right &* 0xd1b5_4a32_d192_ed03
        bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
        bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
        bits ^= bits >> 31
        return bits == 0 ? 1 : bits
    }
}
