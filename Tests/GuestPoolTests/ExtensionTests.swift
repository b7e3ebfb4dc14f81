import JobModel
import Testing

@testable import GuestPool

@Suite(.serialized) struct ExtensionTests {
    @Test func `Numbers that an attempt reports are kept with it, up to as many as may be`() async throws {
        try await PoolFixture.with { fixture in
            let end = try await fixture.end(of: fixture.extended(1, "measures"))
            #expect(end.outcome == .succeeded, "code \(end.code)")
            #expect(end.metrics.count == 32)
            #expect(end.metrics["rows.read"] == 42)
            #expect(end.metrics["queue_depth"] == -7)
            #expect(end.metrics["most"] == .max)
            #expect(end.metrics["n28"] == 28)
        }
    }

    @Test func `The next attempt begins without the numbers of the one before`() async throws {
        try await PoolFixture.with { fixture in
            let runs = [try fixture.extended(1, "measures"), try fixture.extended(2, "nothing")]
            fixture.run(runs)
            let (first, second) = (try await fixture.events.end(of: 1), try await fixture.events.end(of: 2))
            #expect(first.guest == second.guest)
            #expect(!first.metrics.isEmpty && second.metrics.isEmpty)
        }
    }

    @Test func `A code of the plugin's own is told in its component's words, where it has some`() async throws {
        try await PoolFixture.with { fixture in
            let explained = try await fixture.end(of: fixture.extended(1, "explained"))
            #expect(explained.message == "the drawer of the printer is open")
            #expect(explained.code == 142)
            let unknown = try await fixture.end(of: fixture.extended(2, "explained", params: "{\"a\":1}"))
            #expect(unknown.message == "returned 143")
            #expect(try await fixture.end(of: fixture.extended(3, "unexplained")).message == "returned 142")
            #expect(try await fixture.end(of: fixture.extended(4, "says")).message == "its own words")
        }
    }
}

extension PoolFixture {
    fileprivate func extended(_ run: RunID, _ component: String, params: String = "{}") throws -> AttemptOrder {
        let ids = ["measures", "nothing", "explained", "unexplained", "says"]
        return AttemptOrder(
            key: AttemptKey(run: run, number: 1), slot: 0, spec: pool.intern(try spec("extensions")),
            component: UInt32(try #require(ids.firstIndex(of: component))), rootRun: run, params: Array(params.utf8),
            limit: .seconds(60))
    }
}
