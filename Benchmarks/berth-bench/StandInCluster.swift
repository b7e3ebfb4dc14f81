import Foundation
import JobModel
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// What a PowerJob server is to its worker, as far as a load needs it: finds, hears of instances, and counts their ends.
final class StandInCluster: Sendable {
    private struct State {
        var worker: String?
        /// By instance: when its first final report came, and how many came.
        var ends: [Int64: (at: Int64, reports: Int, succeeded: Bool)] = [:]
        var open: (@Sendable () -> Void)?
    }

    private typealias Connection = NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>

    let port: Int
    private let state = Mutex(State())
    private let serving = Mutex<Task<Void, Never>?>(nil)

    init() async throws {
        let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .bind(host: "127.0.0.1", port: 0) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    return try Connection(wrappingChannelSynchronously: channel)
                }
            }
        port = server.channel.localAddress?.port ?? 0
        let task = Task { [weak self] in
            _ = try? await server.executeThenClose { connections in
                try await withThrowingDiscardingTaskGroup { group in
                    for try await connection in connections {
                        group.addTask { try? await self?.serve(connection) }
                    }
                }
            }
        }
        serving.withLock { $0 = task }
    }

    func close() { serving.withLock { $0?.cancel() } }

    /// `host:port` of the worker once it was heard of.
    var worker: String? { state.withLock { $0.worker } }
    var ended: Int { state.withLock { $0.ends.count } }
    var ends: [Int64: (at: Int64, reports: Int, succeeded: Bool)] { state.withLock { $0.ends } }

    private func serve(_ connection: Connection) async throws {
        try await connection.executeThenClose { inbound, outbound in
            var path = ""
            var body: [UInt8] = []
            for try await part in inbound {
                switch part {
                case .head(let head): (path, body) = (String(head.uri.prefix { $0 != "?" }), [])
                case .body(let bytes): body += bytes.readableBytesView
                case .end:
                    let answer = ByteBuffer(string: answer(path, body))
                    let headers = HTTPHeaders([("content-length", "\(answer.readableBytes)")])
                    try await outbound.write(
                        contentsOf: [
                            .head(HTTPResponseHead(version: .http1_1, status: .ok, headers: headers)),
                            .body(.byteBuffer(answer)), .end(nil),
                        ])
                }
            }
        }
    }

    private func answer(_ path: String, _ body: [UInt8]) -> String {
        switch path {
        case "/server/assert": return "{\"success\":true,\"data\":12}"
        case "/server/acquire": return "{\"success\":true,\"data\":\"127.0.0.1:\(port)\"}"
        case "/server/workerHeartbeat":
            let worker = (try? JSONParser.parse(body))?["workerAddress"]?.string
            state.withLock { $0.worker = worker }
            return ""
        case "/server/reportInstanceStatus": return reported((try? JSONParser.parse(body)) ?? .null)
        default: return ""
        }
    }

    private func reported(_ report: JSONValue) -> String {
        guard let instance = report["instanceId"]?.integer, let status = report["instanceStatus"]?.integer,
            status == 4 || status == 5
        else { return "" }
        let now = Stopwatch.nanoseconds()
        state.withLock { state in
            let before = state.ends[instance]
            state.ends[instance] = (before?.at ?? now, (before?.reports ?? 0) + 1, status == 5)
        }
        return "{\"success\":true}"
    }
}
