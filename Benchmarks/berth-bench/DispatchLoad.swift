import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// Instances that a PowerJob server dispatches to a real `berth serve`, so many a second, and what becomes of them: each has to
/// be reported to its end, once. The server is a stand-in on the same machine, whose work counts too.
enum DispatchLoad {
    private static let connections = 32
    private static let firstInstance: Int64 = 745_847_914_496_000_000

    static func report(_ options: BenchOptions) async throws {
        let (rate, seconds) = (options.rate, options.seconds)
        let cluster = try await StandInCluster()
        defer { cluster.close() }
        let home = options.scratch.appendingPathComponent("load-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: home) }
        let settings = """
            upstreams:
              load: {kind: powerjob, app: load, servers: ["127.0.0.1:\(cluster.port)"], listen: "127.0.0.1:0"}

            """
        try Data(settings.utf8).write(to: home.appendingPathComponent("berth.yaml"))
        let host = try ServedHost(options, home: home)
        defer { host.stop() }
        let worker = try await worker(of: cluster)
        let before = try host.usage()
        let sent = try await dispatch(rate * seconds, rate: rate, to: worker)
        let dispatched = Stopwatch.nanoseconds()
        try await settled(cluster, sent.count)
        let lag = Double(Stopwatch.nanoseconds() - dispatched) / 1e9
        let used = try host.usage()
        let what = "\(sent.count) instances at \(rate)/s for \(seconds) s"
        try tell(sent, cluster, what, lag: lag, cpu: used.cpuSeconds - before.cpuSeconds, used)
    }

    private static func worker(of cluster: StandInCluster) async throws -> (host: String, port: Int) {
        for _ in 0..<600 {
            if let parts = cluster.worker?.split(separator: ":"), parts.count == 2, let port = Int(parts[1]) {
                return (String(parts[0]), port)
            }
            try await Task.sleep(for: .milliseconds(100))
        }
        throw BenchFailure("the host did not register with the stand-in server within a minute")
    }

    /// When each instance was sent. Throws when one was not taken.
    private static func dispatch(
        _ count: Int, rate: Int, to worker: (host: String, port: Int)
    ) async throws -> [Int64: Int64] {
        let start = ContinuousClock.now
        return try await withThrowingTaskGroup(of: [(Int64, Int64)].self) { group in
            for connection in 0..<connections {
                group.addTask {
                    let caller = try await LoadCaller(worker)
                    return try await caller.send(
                        stride(from: connection, to: count, by: connections).map { index in
                            (firstInstance + Int64(index), start + .seconds(Double(index) / Double(rate)))
                        })
                }
            }
            var sent: [Int64: Int64] = [:]
            sent.reserveCapacity(count)
            for try await some in group { for (instance, at) in some { sent[instance] = at } }
            return sent
        }
    }

    private static func settled(_ cluster: StandInCluster, _ count: Int) async throws {
        let deadline = ContinuousClock.now + .seconds(180)
        while cluster.ended < count {
            guard ContinuousClock.now < deadline else {
                throw BenchFailure("\(count - cluster.ended) of \(count) instances were not reported to their end")
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    private static func tell(
        _ sent: [Int64: Int64], _ cluster: StandInCluster, _ what: String, lag: Double, cpu: Double,
        _ usage: ServedHost.Usage
    ) throws {
        let ends = cluster.ends
        let failed = ends.values.count { !$0.succeeded }, twice = ends.values.count { $0.reports > 1 }
        guard Set(ends.keys) == Set(sent.keys), failed == 0 else {
            throw BenchFailure("\(failed) instances failed, \(ends.count) of \(sent.count) ended")
        }
        let times = Readings(values: sent.map { Double((ends[$0.key]?.at ?? 0) - $0.value) / 1e6 })
        Bench.line("\(what): lost", "0", floor: "0")
        Bench.line("reported twice", "\(twice)", floor: "0")
        Bench.row("dispatch → final report, ms", times)
        Bench.line("dispatch → final report, p99 ms", Bench.text(times.percentile(0.99), 0))
        Bench.line("last dispatch → all reported, s", Bench.text(lag, 2))
        Bench.line("CPU seconds of the host per 1,000 dispatches", Bench.text(cpu / Double(sent.count) * 1_000, 3))
        Bench.line("memory of the host then, MB", Bench.text(usage.residentMegabytes, 0))
    }
}

/// One connection on which instances are dispatched, one after the other.
private struct LoadCaller {
    private typealias Channel = NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>

    private let channel: Channel
    private let address: String

    init(_ worker: (host: String, port: Int)) async throws {
        address = "\(worker.host):\(worker.port)"
        channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connect(host: worker.host, port: worker.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    return try Channel(wrappingChannelSynchronously: channel)
                }
            }
    }

    /// Sends each not before its time; when each was sent.
    func send(_ orders: [(instance: Int64, at: ContinuousClock.Instant)]) async throws -> [(Int64, Int64)] {
        try await channel.executeThenClose { inbound, outbound in
            var answers = inbound.makeAsyncIterator()
            var sent: [(Int64, Int64)] = []
            for (instance, at) in orders {
                if at > .now { try await Task.sleep(until: at) }
                sent.append((instance, Stopwatch.nanoseconds()))
                let body = ByteBuffer(string: order(instance))
                let headers = HTTPHeaders([
                    ("host", address), ("content-type", "application/json"),
                    ("content-length", "\(body.readableBytes)"),
                ])
                try await outbound.write(
                    contentsOf: [
                        .head(
                            HTTPRequestHead(version: .http1_1, method: .POST, uri: "/worker/runJob", headers: headers)),
                        .body(.byteBuffer(body)), .end(nil),
                    ])
                try await answered(&answers, instance)
            }
            return sent
        }
    }

    private func answered(
        _ answers: inout NIOAsyncChannelInboundStream<HTTPClientResponsePart>.AsyncIterator, _ instance: Int64
    ) async throws {
        while let part = try await answers.next() {
            switch part {
            case .head(let head) where head.status != .ok:
                throw BenchFailure("instance \(instance) was answered with status \(head.status.code)")
            case .end: return
            default: continue
            }
        }
        throw BenchFailure("the host closed the connection on which instance \(instance) was dispatched")
    }

    private func order(_ instance: Int64) -> String {
        """
        {"allWorkerAddress":["\(address)"],"maxWorkerCount":0,"jobId":501,"instanceId":\(instance),\
        "executeType":"STANDALONE","processorType":"BUILT_IN","processorInfo":"chaos/noop","instanceTimeoutMS":60000,\
        "threadConcurrency":5,"taskRetryNum":0,"timeExpressionType":"API","maxInstanceNum":0}
        """
    }
}
