import AsyncHTTPClient
import Foundation
import HostHTTP
import JobModel
import NIOCore
import NIOHTTP1

/// Speaks to a host.
struct HostClient {
    private let client: HTTPClient
    private let address: HostAddress

    /// Connects to nothing yet.
    static func with<Result>(
        _ address: HostAddress, _ body: (HostClient) async throws -> Result
    ) async throws -> Result {
        var configuration = HTTPClient.Configuration()
        // A host that is not there is not waited for.
        configuration.connectionPool.retryConnectionEstablishment = false
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        do {
            let result = try await body(HostClient(client: client, address: address))
            try? await client.shutdown()
            return result
        } catch {
            try? await client.shutdown()
            throw error
        }
    }

    func get(_ path: String, _ query: KeyValuePairs<String, String?> = [:]) async throws(Failure) -> JSONValue {
        try await send(.GET, path, query: query)
    }

    func post(
        _ path: String, _ body: JSONValue? = nil, query: KeyValuePairs<String, String?> = [:]
    ) async throws(Failure) -> JSONValue {
        try await send(.POST, path, query: query, body: body)
    }

    /// `null` for an answer without a body. The host may take `patience` to answer.
    func send(
        _ method: HTTPMethod, _ path: String, query: KeyValuePairs<String, String?> = [:], body: JSONValue? = nil,
        patience: TimeAmount = .seconds(60)
    ) async throws(Failure) -> JSONValue {
        let response = try await execute(request(method, path, query, body), patience: patience)
        let bytes: ByteBuffer
        do { bytes = try await response.body.collect(upTo: 256 << 20) } catch { throw unreachable(error) }
        guard bytes.readableBytes > 0 else { return .null }
        guard let json = try? JSONParser.parse(bytes.readableBytesView) else {
            throw Failure(.unreachable, "What answers at \(address.description) is not a berth host.")
        }
        return json
    }

    /// Calls `body` with each line of a streamed answer.
    func lines(
        _ path: String, _ query: KeyValuePairs<String, String?>, _ body: (JSONValue) -> Void
    ) async throws(Failure) {
        let response = try await execute(request(.GET, path, query, nil), patience: .hours(24 * 365))
        var rest = ByteBuffer()
        do {
            for try await var part in response.body {
                rest.writeBuffer(&part)
                while let end = rest.readableBytesView.firstIndex(of: UInt8(ascii: "\n")) {
                    let line = rest.readBytes(length: end - rest.readerIndex) ?? []
                    rest.moveReaderIndex(forwardBy: 1)
                    if let json = try? JSONParser.parse(line) { body(json) }
                }
                rest.discardReadBytes()
            }
        } catch {
            throw unreachable(error)
        }
    }

    private func request(
        _ method: HTTPMethod, _ path: String, _ query: KeyValuePairs<String, String?>, _ body: JSONValue?
    ) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: url(path, query))
        request.method = method
        request.headers.add(name: "user-agent", value: "berth/\(berthVersion)")
        if case .url(_, let token?) = address { request.headers.add(name: "authorization", value: "Bearer \(token)") }
        if let body {
            request.headers.add(name: "content-type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: body.bytes))
        }
        return request
    }

    private func url(_ path: String, _ query: KeyValuePairs<String, String?>) -> String {
        let pairs = query.compactMap { name, value in value.map { "\(name)=\(Self.escape($0))" } }
        let uri = "/api/v1\(path)" + (pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&"))
        switch address {
        case .socket(let socket): return "http+unix://\(Self.escape(socket))\(uri)"
        case .url(let url, _): return url + uri
        }
    }

    /// For a part of a path or query.
    static func escape(_ text: String) -> String {
        let plain = CharacterSet(
            charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")
        return text.addingPercentEncoding(withAllowedCharacters: plain) ?? text
    }

    private func execute(
        _ request: HTTPClientRequest, patience: TimeAmount
    ) async throws(Failure) -> HTTPClientResponse {
        let response: HTTPClientResponse
        do { response = try await client.execute(request, timeout: patience) } catch { throw unreachable(error) }
        guard response.status.code >= 400 else { return response }
        guard let bytes = try? await response.body.collect(upTo: 1 << 20),
            let json = try? JSONParser.parse(bytes.readableBytesView), let problem = Problem(json: json)
        else {
            throw Failure(
                .unreachable,
                "What answers at \(address.description) is not a berth host (status \(response.status.code)).")
        }
        var failure = Failure(problem)
        if problem.code == .unauthorized {
            failure.message =
                "The host wants its token: set BERTH_TOKEN to what HOME/token holds, HOME being the host's home folder."
        }
        throw failure
    }

    private func unreachable(_ error: any Error) -> Failure {
        if (error as? HTTPClientError) == .deadlineExceeded {
            return Failure(
                .unreachable, "The host at \(address.description) did not answer in time; its log may say why.")
        }
        if case .socket(let path) = address, access(path, W_OK) != 0, errno == EACCES {
            return Failure(
                .unreachable,
                "The host at \(path) is another user's: \(HomeFolder.reason); be that user, or use --host and BERTH_TOKEN."
            )
        }
        let hint =
            switch address {
            case .socket: "start one with `berth serve`, or name its home with --home or BERTH_HOME"
            case .url: "check the address, or start one there with `berth serve --listen`"
            }
        return Failure(.unreachable, "No host answers at \(address.description); \(hint).")
    }
}

extension HostClient {
    func whole(_ run: String) async throws(Failure) -> RunView {
        RunView(json: try await get("/runs/\(Self.escape(run))"))
    }

    /// The run once it has ended or is held. A host that starts again meanwhile is waited for: the run is stored.
    func waitForEnd(of run: RunID) async throws(Failure) -> RunView {
        var lastHeard = ContinuousClock.now
        while true {
            do throws(Failure) {
                let view = RunView(json: try await get("/runs/\(run)/wait", ["timeout": "30s"]))
                if view.isOver { return view }
                lastHeard = .now
            } catch {
                guard error.exit == .unreachable || error.exit == .unavailable else { throw error }
                guard ContinuousClock.now - lastHeard < Self.restart else {
                    throw Failure(
                        error.exit, "\(error.message) Run \(run) is stored; `berth runs show \(run)` tells of it.")
                }
                try? await Task.sleep(for: .milliseconds(200))
            }
        }
    }

    /// What a host that is started again may take to answer, its longest wait for an answer included.
    private static let restart = Duration.seconds(45)
}

extension RunView {
    var isOver: Bool { state.map { $0.isEnd || $0 == .held } ?? true }
}
