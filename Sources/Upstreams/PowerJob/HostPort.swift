/// An address as this protocol writes it: `host:port` and nothing else. There is no way to write an IPv6 address.
package struct HostPort: Hashable, Sendable, CustomStringConvertible {
    package var host: String
    package var port: Int

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Nil unless the text is a host name or an IPv4 address with a port, or `usually` stands for the missing port.
    package init?(_ text: some StringProtocol, usually: Int? = nil) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 2, let host = parts.first, Self.isHost(host) else { return nil }
        guard let port = parts.count == 2 ? UInt16(parts[1]).map(Int.init) : usually else { return nil }
        self.init(host: String(host), port: port)
    }

    package var description: String { "\(host):\(port)" }

    private static func isHost(_ text: some StringProtocol) -> Bool {
        !text.isEmpty && text.utf8.count <= 253
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }
}
