import GuestPool
import JobModel
import PluginCatalog
import Testing

@testable import JobEngine

/// Runs that emit runs: the parent takes no slot while it waits, and goes on when the last of them has ended.
struct HotStateFamilyTests {
    @Test func `children run and then their parent goes on with its reduce stage`() throws {
        var world = HotWorld(slots: 2, components: [Self.map])
        let parent = world.addRoot()
        world.emitChildren(3, in: parent)
        world.settle()
        #expect(world.stateOf(parent) == .pending)
        #expect(world.running.count == 2 && !world.running.contains(parent))
        #expect(world.orders.allSatisfy { $0.stage == .child && $0.rootRun == parent })
        #expect(world.orders.map(\.childIndex) == [0, 1])
        for _ in 0..<3 {
            world.end(try #require(world.running.first))
            world.settle()
        }
        let order = try #require(world.orders.first)
        #expect(order.key.run == parent && order.key.number == 2)
        #expect(order.stage == .reduce && order.childCount == 3)
        world.end(parent)
        world.settle()
        #expect(world.stateOf(parent) == .succeeded)
        #expect(world.state.runs.isEmpty && world.complaints.isEmpty)
    }

    @Test func `a child may make siblings, and the reduce stage waits for them too`() throws {
        var world = HotWorld(slots: 2, components: [Self.map])
        let parent = world.addRoot()
        world.emitChildren(2, in: parent)
        world.settle()
        world.emitChildren(3, in: try #require(world.running.min()))
        world.settle()
        #expect(world.rows.runs[parent]?.children == 5 && world.rows.runs[parent]?.openChildren == 4)
        var indexes: [Int64] = []
        while let order = world.orders.first(where: { $0.stage == .child }) {
            #expect(order.rootRun == parent)
            indexes.append(order.childIndex)
            world.end(order.key.run)
            world.settle()
        }
        #expect(indexes.sorted() == [1, 2, 3, 4])
        let order = try #require(world.orders.first)
        #expect(order.key.run == parent && order.stage == .reduce && order.childCount == 5)
        #expect(world.complaints.isEmpty)
    }

    @Test func `siblings that are made while their parent is cancelled end with it`() throws {
        var world = HotWorld(slots: 2, components: [Self.map])
        let parent = world.addRoot()
        world.emitChildren(2, in: parent)
        world.settle()
        let maker = try #require(world.running.min())
        world.emitChildren(3, in: maker)
        _ = world.cancel(parent)
        world.settle()
        for run in world.running { world.end(run, .cancelled) }
        world.settle()
        #expect(world.rows.runs.values.allSatisfy { $0.id == maker || $0.state == .cancelled })
        #expect(world.rows.runs.values.allSatisfy { $0.state.isEnd })
        #expect(world.state.runs.isEmpty && world.complaints.isEmpty)
    }

    @Test func `what a part of another host's family makes is kept for that host`() throws {
        var world = HotWorld(slots: 1, components: [Self.map])
        var request = RunRequest(component: Self.map.name)
        request.part = ChildPlace(index: 7, label: "seven", hasOwnParams: true)
        request.dispatch = Dispatch(upstream: "cluster", instance: "9/0.7#0@b:1")
        world.call(.enqueue([request]))
        world.settle()
        let run = try #require(world.running.first)
        world.emitChildren(2, in: run)
        world.settle()
        #expect(world.stateOf(run) == .succeeded)
        #expect(world.rows.runs.count == 1 && world.rows.handedOn[run]?.map(\.label) == ["part 0", "part 1"])
    }

    @Test func `an attempt that does not succeed makes no children`() throws {
        var world = HotWorld(components: [Self.map])
        let parent = world.addRoot()
        let order = try #require(world.orders.first)
        var end = AttemptEnd(outcome: .crashed(.abort), startedAt: world.now, finishedAt: world.now)
        end.children = [ChildOrder(params: Array("{}".utf8))]
        world.send(.guests([.ended(order.key, end)]))
        world.settle()
        #expect(world.rows.runs.count == 1)
        #expect(world.stateOf(parent) == .pending)
    }

    @Test func `cancelling a waiting parent closes what waits and stops what runs`() throws {
        var world = HotWorld(slots: 1, components: [Self.map])
        let parent = world.addRoot()
        world.emitChildren(3, in: parent)
        world.settle()
        let running = try #require(world.running.first)
        let ticket = world.cancel(parent)
        world.settle()
        #expect(world.isDone(ticket))
        #expect(world.stateOf(parent) == .cancelled)
        #expect(world.ends.map(\.key.run) == [running])
        world.end(running, .cancelled)
        world.settle()
        #expect(world.rows.runs.values.allSatisfy { $0.state == .cancelled })
        #expect(world.running.isEmpty && world.state.runs.isEmpty && world.complaints.isEmpty)
    }

    @Test func `a parent that is cancelled while its children are on their way to the store has none that run`() {
        var world = HotWorld(slots: 2, components: [Self.map])
        let parent = world.addRoot()
        world.emitChildren(3, in: parent)
        let ticket = world.cancel(parent)
        world.settle()
        #expect(world.isDone(ticket))
        #expect(world.running.isEmpty)
        #expect(world.rows.runs.values.allSatisfy { $0.state == .cancelled })
    }

    @Test func `a child that is cancelled counts as ended`() throws {
        var world = HotWorld(slots: 1, components: [Self.map])
        let parent = world.addRoot()
        world.emitChildren(2, in: parent)
        world.settle()
        world.end(try #require(world.running.first))
        world.settle()
        let last = try #require(world.running.first)
        _ = world.cancel(last)
        world.end(last, .cancelled)
        world.settle()
        #expect(world.orders.map(\.key.run) == [parent])
    }

    @Test func `a family outlives the host, wherever it stands`() throws {
        var world = HotWorld(slots: 1, components: [Self.map])
        let parent = world.addRoot()
        world.emitChildren(2, in: parent)
        world.settle()
        world.end(try #require(world.running.first))
        world.settle()
        // The second child runs when the host dies.
        var next = HotWorld(slots: 1, components: [Self.map], rows: world.rows)
        #expect(next.running.count == 1 && next.running.first != parent)
        next.end(try #require(next.running.first))
        next.settle()
        #expect(next.running == [parent])
        #expect(next.rows.runs.count == 3)
    }

    @Test func `a retried parent waits for the children that go again`() throws {
        var world = HotWorld(slots: 1, components: [Self.map])
        let parent = world.addRoot()
        world.emitChildren(2, in: parent)
        world.settle()
        world.end(try #require(world.running.first), .failed(retryable: false))
        world.settle()
        world.end(try #require(world.running.first))
        world.settle()
        world.end(parent, .failed(retryable: false))
        world.settle()
        let record = try #require(world.rows.runs[parent])
        #expect(record.state == .failed)
        world.call(.reopen(record, By(actor: "cli", reason: nil)))
        world.settle()
        #expect(world.running.count == 1 && world.running.first != parent)
        world.end(try #require(world.running.first))
        world.settle()
        #expect(world.running == [parent])
    }

    @Test func `a family that fills many windows is run to its end`() throws {
        var world = HotWorld(slots: 4, capacity: 8, components: [Self.map])
        let parent = world.addRoot()
        world.emitChildren(100, in: parent)
        world.settle()
        var turns = 0
        while world.stateOf(parent) == .pending, turns < 1000 {
            turns += 1
            for run in world.running { world.end(run) }
            world.settle()
        }
        #expect(world.running == [parent])
        #expect(world.rows.runs.values.count { $0.state == .succeeded } == 100)
        #expect(world.complaints.isEmpty)
    }

    @Test func `results are read for a running attempt and for no other`() throws {
        var world = HotWorld(components: [Self.map])
        let parent = world.addRoot()
        let key = try #require(world.orders.first).key
        world.send(.guests([.asked(key, .results(from: 4))]))
        guard case .results(let asker, let index) = try #require(world.reads.first), asker == key, index == 4 else {
            Issue.record("\(world.reads)")
            return
        }
        let stale = AttemptKey(run: parent, number: 9)
        world.send(.guests([.asked(stale, .results(from: 0))]))
        #expect(world.reads.count == 1)
        #expect(world.answers[stale] == .badCall)
    }

    static let map: CatalogComponent = {
        var component = HotWorld.component("basic/map")
        component.descriptor.kind = .processor
        return component
    }()
}

extension HotWorld {
    fileprivate mutating func addRoot() -> RunID { add(HotStateFamilyTests.map) }
}
