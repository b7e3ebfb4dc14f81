package import AsyncHTTPClient
import Foundation
package import JobModel
import NIOCore
import NIOHTTP1

/// Calls to the servers: HTTP with JSON both ways, in which the status 200 alone means that something arrived.
package struct ServerCalls: Sendable {
    private let client: HTTPClient
    private let patience: Duration

    /// `patience`: for an answer, the connection included. The client is its maker's to end.
    package init(client: HTTPClient, patience: Duration) {
        self.client = client
        self.patience = patience
    }

    /// For any number of calls at once to a few servers.
    package static func makeClient(patience: Duration) -> HTTPClient {
        var configuration = HTTPClient.Configuration()
        configuration.timeout.read = .nanoseconds(patience.microseconds * 1000)
        configuration.redirectConfiguration = .disallow
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 64
        configuration.timeout.connect = .seconds(3)
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    /// Asks a web address: the `data` of its answer, or why there is none.
    package func find(
        _ server: HostPort, _ path: String, _ query: KeyValuePairs<String, String?> = [:]
    ) async throws(CallFault) -> JSONValue {
        let pairs = query.compactMap { name, value in value.map { "\(name)=\(Self.escape($0))" } }
        let request = HTTPClientRequest(
            url: "http://\(server)\(path)" + (pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&")))
        let bytes = try await answer(request, of: server, most: 1 << 20)
        guard let json = try? JSONParser.parse(bytes), let isSuccess = json["success"]?.looseBool else {
            throw .nonsense(server, path)
        }
        guard isSuccess else { throw .refused(json["message"]?.looseText ?? "without a reason") }
        return json["data"] ?? .null
    }

    /// Tells something that is not answered.
    package func tell(_ server: HostPort, _ path: String, _ message: JSONValue) async throws(CallFault) {
        _ = try await answer(post(server, path, message), of: server, most: 1 << 20)
    }

    /// Tells something whose arrival has to be confirmed, and gives the data of the confirmation.
    @discardableResult
    package func ask(_ server: HostPort, _ path: String, _ message: JSONValue) async throws(CallFault) -> [UInt8]? {
        let bytes = try await answer(post(server, path, message), of: server, most: 8 << 20)
        guard let reply = AskReply(bytes: bytes) else { throw .nonsense(server, path) }
        guard reply.isSuccess else { throw .refused(reply.message ?? "without a reason") }
        return reply.data
    }

    /// Fetches a file of at most so many bytes, for a minute at most.
    package func download(_ url: String, most: Int) async throws(CallFault) -> [UInt8] {
        let answer: WholeAnswer
        do {
            answer = try await client.exchange(HTTPClientRequest(url: url), within: .seconds(60), most: most)
        } catch is NIOTooManyBytesError {
            throw .refused("the file has more than \(most) bytes")
        } catch {
            throw .refused("\(error)")
        }
        guard answer.status == 200 else { throw .refused("status \(answer.status)") }
        return Array(answer.body.readableBytesView)
    }

    private func post(_ server: HostPort, _ path: String, _ message: JSONValue) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: "http://\(server)\(path)")
        request.method = .POST
        request.headers.add(name: "content-type", value: "application/json")
        request.body = .bytes(ByteBuffer(bytes: message.bytes))
        return request
    }

    private func answer(
        _ request: HTTPClientRequest, of server: HostPort, most: Int
    ) async throws(CallFault) -> [UInt8] {
        let answer: WholeAnswer
        do {
            answer = try await client.exchange(request, within: patience, most: most)
        } catch { throw .unreachable(server, "\(error)") }
        guard answer.status == 200 else { throw .status(server, answer.status, Self.excerpt(answer.body)) }
        return Array(answer.body.readableBytesView)
    }

    private static func excerpt(_ bytes: ByteBuffer) -> String {
        String(decoding: bytes.readableBytesView.prefix(200), as: UTF8.self)
    }

    /// For a value in a query.
    private static func escape(_ text: String) -> String {
        let plain = CharacterSet(
            charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")
        return text.addingPercentEncoding(withAllowedCharacters: plain) ?? text
    }
}

/// Why a call to a server did not do what it was for.
package enum CallFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// No connection, or no answer in time.
    case unreachable(HostPort, String)
    case status(HostPort, Int, String)
    /// The answer is none of this protocol.
    case nonsense(HostPort, String)
    /// The server understood, and said no.
    case refused(String)
    /// No server has been found yet.
    case nowhere

    package var description: String {
        switch self {
        case .unreachable(let server, let reason): "\(server) does not answer: \(reason)"
        case .status(let server, let status, let text):
            "\(server) answered with status \(status)" + (text.isEmpty ? "" : ": \(text.excerpt)")
        case .nonsense(let server, let path): "\(server)\(path) gave an answer that is none of this protocol"
        case .refused(let text): "the server refused: \(text)"
        case .nowhere: "no server has been found yet"
        }
    }

    /// The server judged what it was told, so that telling it again changes nothing.
    package var isJudgement: Bool { if case .refused = self { true } else { false } }
}
