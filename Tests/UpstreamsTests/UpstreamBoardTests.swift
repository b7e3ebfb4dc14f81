import JobEngine
import JobModel
import Testing

@testable import Upstreams

@Suite struct UpstreamBoardTests {
    /// An upstream that says what it was told to say.
    private struct Told: Upstream {
        let name: String

        func run() async {}
        func drain() async {}
        func status() async -> UpstreamStatus { UpstreamStatus(name: name, kind: "told", state: .connected) }
    }

    @Test func `what is owed to an upstream that was removed stays to be seen, with what to do`() async throws {
        try await WorkingEngine.with { host in
            let old = DispatchLedger(upstream: "old", engine: host.engine)
            try await old.recover()
            let component = try #require(ComponentName("basic/noop"))
            _ = try await old.take(
                RunRequest(component: component, dispatch: Dispatch(upstream: "old", instance: "1")))
            let board = UpstreamBoard([Told(name: "b"), Told(name: "a")], engine: host.engine)
            let states = await board.states()
            #expect(states.map(\.name) == ["b", "a", "old"])
            #expect(states.map(\.state) == [.connected, .connected, .removed])
            #expect(states.last?.owed == 1 && states.last?.remedy?.contains("berth upstream forget old") == true)
            try await host.engine.settle(host.engine.owed(to: "old").map(\.run))
            #expect(await board.states().count == 2)
        }
    }
}
