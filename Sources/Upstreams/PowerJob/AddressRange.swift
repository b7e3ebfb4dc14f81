import Glibc

/// Addresses from which something may come: one, or a network such as `10.0.0.0/8`.
package struct AddressRange: Hashable, Sendable {
    /// 4 or 16.
    private let bytes: [UInt8]
    private let bits: Int

    /// Nil when the text is no address, or has no such network.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let address = parts.first, let bytes = Self.bytes(String(address)) else { return nil }
        self.bytes = bytes
        guard parts.count == 2 else {
            bits = bytes.count * 8
            return
        }
        guard let bits = UInt8(parts[1]), bits <= bytes.count * 8 else { return nil }
        self.bits = Int(bits)
    }

    /// Whether an address, as the system writes it, is among them.
    package func holds(_ address: String) -> Bool {
        guard let other = Self.bytes(address), other.count == bytes.count else { return false }
        let whole = bits / 8
        guard bytes[..<whole] == other[..<whole] else { return false }
        let rest = bits % 8
        guard rest > 0 else { return true }
        return (bytes[whole] ^ other[whole]) >> UInt8(8 - rest) == 0
    }

    /// An IPv4 address that comes in through IPv6 is the IPv4 address.
    private static func bytes(_ text: String) -> [UInt8]? {
        let text = String(text.prefix { $0 != "%" })
        if let four = parsed(text, AF_INET, count: 4) { return four }
        guard let all = parsed(text, AF_INET6, count: 16) else { return nil }
        let isMapped = all[..<10].allSatisfy { $0 == 0 } && all[10] == 0xFF && all[11] == 0xFF
        return isMapped ? Array(all[12...]) : all
    }

    private static func parsed(_ text: String, _ family: Int32, count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        return inet_pton(family, text, &bytes) == 1 ? bytes : nil
    }
}
