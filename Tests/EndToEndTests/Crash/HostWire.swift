import Foundation
import TestSupport

/// One connection to a host's socket. Asks and waits for the answer on the caller's thread; a host that dies is an error.
final class HostWire {
    struct Answer {
        var status: Int
        var body: Data

        func json<Value: Decodable>(_ type: Value.Type) throws -> Value {
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromSnakeCase
            return try decoder.decode(type, from: body)
        }
    }

    enum WireError: Error {
        case notThere, gone, strange
    }

    private let descriptor: Int32
    private var waiting = Data()

    init(socket path: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { place in
            for (index, byte) in path.utf8.prefix(place.count - 1).enumerated() { place[index] = byte }
        }
        let length = socklen_t(MemoryLayout<sockaddr_un>.size)
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, length) == 0 }
        }
        guard connected else {
            close(descriptor)
            throw WireError.notThere
        }
    }

    deinit {
        close(descriptor)
    }

    func ask(_ method: String, _ path: String, _ body: String = "", type: String = "application/json") throws -> Answer
    {
        let head =
            "\(method) /api/v1\(path) HTTP/1.1\r\nHost: berth\r\nContent-Type: \(type)\r\n"
            + "Content-Length: \(body.utf8.count)\r\n\r\n"
        try send(Data((head + body).utf8))
        let lines = try String(decoding: take(through: Data("\r\n\r\n".utf8)), as: UTF8.self).components(
            separatedBy: "\r\n")
        guard let status = lines.first?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
            throw WireError.strange
        }
        let length = lines.compactMap { line -> Int? in
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, parts[0].lowercased() == "content-length" else { return nil }
            return Int(parts[1].trimmingCharacters(in: .whitespaces))
        }.first
        return Answer(status: status, body: try take(length ?? 0))
    }

    private func send(_ data: Data) throws {
        var rest = data
        while !rest.isEmpty {
            let sent = rest.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard sent > 0 else { throw WireError.gone }
            rest = rest.dropFirst(sent)
        }
    }

    private func take(through end: Data) throws -> Data {
        while true {
            if let range = waiting.range(of: end) { return try take(range.upperBound - waiting.startIndex) }
            try receive()
        }
    }

    private func take(_ count: Int) throws -> Data {
        while waiting.count < count { try receive() }
        defer { waiting = Data(waiting.dropFirst(count)) }
        return waiting.prefix(count)
    }

    private func receive() throws {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &bytes, bytes.count, 0)
        guard count > 0 else { throw WireError.gone }
        waiting.append(contentsOf: bytes[..<count])
    }
}
