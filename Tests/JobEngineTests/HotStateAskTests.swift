import GuestPool
import JobModel
import JobStore
import Testing

@testable import JobEngine

/// State that attempts put and get.
struct HotStateAskTests {
    private static let key = Array("cursor".utf8)

    @Test func `a put is answered when it is on disk and not before`() throws {
        var world = HotWorld()
        _ = world.add()
        let attempt = try #require(world.orders.first).key
        world.send(.guests([.asked(attempt, .put(key: Self.key, value: [1], ifVersion: 0))]))
        #expect(world.answers[attempt] == nil)
        world.settle()
        #expect(world.answers[attempt] == GuestAnswer(status: 0, number: 1))
        world.send(.guests([.asked(attempt, .put(key: Self.key, value: [2], ifVersion: 0))]))
        world.settle()
        #expect(world.answers[attempt] == .conflict)
        let place = StatePlace(plugin: "basic", owner: .component("slow"), key: Self.key)
        #expect(world.rows.state[place]?.value == [1])
    }

    @Test func `a put that cannot be stored is answered all the same`() throws {
        var world = HotWorld()
        _ = world.add()
        let attempt = try #require(world.orders.first).key
        world.send(.guests([.asked(attempt, .put(key: Self.key, value: [1], ifVersion: 0))]))
        world.failCommit()
        #expect(world.answers[attempt] == .again)
        world.send(.guests([.asked(attempt, .put(key: [2], value: [1], ifVersion: 0))]))
        #expect(world.answers[attempt] == .again)
    }

    @Test func `a get is read beside the batches`() throws {
        var world = HotWorld()
        _ = world.add()
        let attempt = try #require(world.orders.first).key
        world.send(.guests([.asked(attempt, .get(key: Self.key))]))
        guard case .state(let asker, let place) = try #require(world.reads.first), asker == attempt else {
            Issue.record("\(world.reads)")
            return
        }
        #expect(place == StatePlace(plugin: "basic", owner: .component("slow"), key: Self.key))
        #expect(world.state.batch.isEmpty)
    }
}
