import Foundation

/// A client of `berth serve` that keeps its connection: one request, one answer. As plain as can be, since it shares the
/// machine with what it measures.
final class HTTPCaller {
    private let socket: Int32
    private var bytes = [UInt8](repeating: 0, count: 1 << 16)

    init(_ home: URL) throws {
        socket = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let path = Array((home.path + "/berth.sock").utf8CString)
        guard path.count <= MemoryLayout.size(ofValue: address.sun_path) else {
            throw BenchFailure("\(home.path) is too long for a socket")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { place in path.withUnsafeBytes { place.copyMemory(from: $0) } }
        let code = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard code == 0 else { throw BenchFailure("no connection to \(home.path): error \(errno)") }
    }

    deinit { close(socket) }

    static func request(_ method: String, _ path: String, type: String = "application/json", _ body: String) -> [UInt8]
    {
        Array(
            ("\(method) /api/v1\(path) HTTP/1.1\r\nhost: localhost\r\ncontent-type: \(type)\r\n"
                + "content-length: \(body.utf8.count)\r\n\r\n\(body)").utf8)
    }

    /// Blocks until the whole answer is here.
    func send(_ request: [UInt8], wanted: Int) throws {
        guard write(socket, request, request.count) == request.count else {
            throw BenchFailure("a request was cut off")
        }
        var have = 0
        var whole = Int.max
        while have < whole {
            if have == bytes.count { bytes += [UInt8](repeating: 0, count: bytes.count) }
            let more = bytes.withUnsafeMutableBytes { read(socket, $0.baseAddress.map { $0 + have }, $0.count - have) }
            guard more > 0 else { throw BenchFailure("an answer was cut off") }
            have += more
            if whole == .max { whole = try length(bytes[..<have]) ?? .max }
        }
        guard bytes.starts(with: "HTTP/1.1 \(wanted)".utf8) else {
            throw BenchFailure(String(decoding: bytes[..<have].prefix(500), as: UTF8.self))
        }
    }

    /// Of head and body together; nil while the head is not whole.
    private func length(_ answer: ArraySlice<UInt8>) throws -> Int? {
        let head = String(decoding: answer.prefix(4096), as: UTF8.self)
        guard let end = head.range(of: "\r\n\r\n") else { return nil }
        let field = head[..<end.lowerBound].lowercased().split(separator: "\r\n").first {
            $0.hasPrefix("content-length:")
        }
        guard let body = field.flatMap({ Int($0.dropFirst(15).trimmingCharacters(in: .whitespaces)) }) else {
            throw BenchFailure("an answer without a length")
        }
        return head[..<end.upperBound].utf8.count + body
    }
}
