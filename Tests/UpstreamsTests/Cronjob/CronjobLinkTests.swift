import NIOCore
import NIOPosix
import TestSupport
import Testing

@testable import Upstreams

/// One connection, with servers that do not keep their side of it.
struct CronjobLinkTests {
    private static let key = "/ws/\(CronjobWorld.worker)"

    private static func client(_ port: Int, patience: Duration) throws -> WebSocketClient {
        let address = try #require(ServerAddress(base: "http://127.0.0.1:\(port)/api/v1"))
        return try WebSocketClient(address, authorities: nil, patience: patience, silence: .seconds(60))
    }

    @Test func `a server that stops reading is given up, however much is to be said`() async throws {
        try await CronjobStandIn.with { server in
            await server.lock(Self.key, as: "v")
            await server.allow(.stopsReading)
            let target = "/api/v1/ws/task/?key=\(CronjobServer.escaped(Self.key))&value=v"
            let socket = try await Self.client(server.port, patience: .seconds(60)).open(target)
            var intervals = CronjobIntervals()
            intervals.write = .milliseconds(200)
            let link = CronjobLink(socket: socket, intervals: intervals)
            let (events, input) = AsyncStream.makeStream(of: [UInt8].self)
            for _ in 0..<64 { input.yield(Array(repeating: 0x20, count: 1 << 20)) }
            let complaint = await Self.complaint { () async throws(CronjobFault) in
                try await link.run(saying: events) { _ in }
            }
            #expect(complaint?.contains("has read nothing") == true)
        }
    }

    /// What is wrong with what was done; nil: nothing.
    private static func complaint(_ deed: () async throws(CronjobFault) -> Void) async -> String? {
        do throws(CronjobFault) {
            try await deed()
            return nil
        } catch {
            return error.description
        }
    }

    private static func complaint(opening client: WebSocketClient) async -> String? {
        await complaint { () async throws(CronjobFault) in
            _ = try await client.open("/")
        }
    }

    @Test func `a connection that nobody answers ends with patience, and with whoever waits for it`() async throws {
        try await withSilentServer { port in
            let short = try Self.client(port, patience: .milliseconds(100))
            #expect(await Self.complaint(opening: short) != nil)
            let long = try Self.client(port, patience: .seconds(3600))
            let opening = Task<String?, Never> { await Self.complaint(opening: long) }
            opening.cancel()
            let complaint = await opening.value
            #expect(complaint?.contains("no longer waited for") == true)
        }
    }

    /// Accepts connections and says nothing.
    private func withSilentServer(_ body: (Int) async throws -> Void) async throws {
        let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .bind(host: "127.0.0.1", port: 0).get()
        let result: Result<Void, any Error>
        do { result = .success(try await body(channel.localAddress?.port ?? 0)) } catch { result = .failure(error) }
        try await channel.close()
        try result.get()
    }
}
