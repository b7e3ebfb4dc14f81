import Foundation

/// The secret that TCP clients show. Made at first start; whoever can read the file may use the host.
enum Token {
    private static let bytes = 32

    static func readOrMake(_ home: HomeFolder) throws(Failure) -> String {
        if let token = read(home) { return token }
        var generator = SystemRandomNumberGenerator()
        let token = (0..<bytes).map { _ in hex(UInt8.random(in: .min ... .max, using: &generator)) }.joined()
        let draft = home.tokenFile + ".new"
        unlink(draft)
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure(home) }
        defer { close(descriptor) }
        let line = token + "\n"
        guard write(descriptor, line, line.utf8.count) == line.utf8.count, fsync(descriptor) == 0,
            rename(draft, home.tokenFile) == 0
        else { throw failure(home) }
        return token
    }

    /// Nil when there is none.
    static func read(_ home: HomeFolder) -> String? {
        guard let data = TextFile.bytes(home.tokenFile) else { return nil }
        let token = String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        return token.isEmpty ? nil : token
    }

    private static func hex(_ byte: UInt8) -> String {
        (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }

    private static func failure(_ home: HomeFolder) -> Failure {
        Failure(.unavailable, "The token \(home.tokenFile) cannot be written: \(HomeFolder.reason).")
    }
}
