import CGuestWire.Shims

/// The line that tells the host where in a log pipe one attempt ended and the next began.
struct Boundary {
    private static let name: StaticString = "BERTH_BOUNDARY"
    private static let nonceLength = 32

    private let prefix: [UInt8]

    /// Reads the nonce and takes it out of the environment, so that no plugin finds it there.
    static func takeFromEnvironment() -> Boundary? {
        let name = UnsafeRawPointer(Self.name.utf8Start).assumingMemoryBound(to: CChar.self)
        guard let nonce = Text.terminated(getenv(name), limit: nonceLength), nonce.count == nonceLength else {
            unsetenv(name)
            return nil
        }
        var words = Sentence("\u{1E}berth ")
        words.append(nonce)
        words.append(" ")
        let bytes = UnsafeMutableRawBufferPointer(mutating: nonce)
        bytes.initializeMemory(as: UInt8.self, repeating: 0)
        unsetenv(name)
        return Boundary(prefix: words.bytes)
    }

    private init(prefix: [UInt8]) {
        self.prefix = prefix
    }

    /// Marks the pipes that still hold bytes of `call`.
    func mark(endOf call: UInt64) {
        for pipe: Int32 in 1...2 where guest_unread(pipe) > 0 {
            record(call).withUnsafeBytes { _ = write(pipe, $0.baseAddress, $0.count) }
        }
    }

    private func record(_ call: UInt64) -> [UInt8] {
        var bytes = prefix
        for shift in stride(from: 60, through: 0, by: -4) {
            let digit = UInt8(truncatingIfNeeded: call >> UInt64(shift)) & 15
            bytes.append(digit < 10 ? 0x30 + digit : 0x57 + digit)
        }
        bytes.append(0x0A)
        return bytes
    }
}
