import GuestPool
import JobModel
import PluginCatalog
import Testing

@testable import JobEngine

/// What the hot state knows about a run that waits.
struct HotStateExplainTests {
    @Test func `a run behind others sees how many, and that all slots are taken`() {
        var world = HotWorld(slots: 1)
        _ = world.add()
        let older = world.add()
        let urgent = world.add(priority: 5)
        let last = world.add()
        let facts = facts(last, &world)
        #expect(facts.ahead == 2 && !facts.mayBeMoreAhead)
        #expect(facts.slots == 1 && facts.running == 1)
        #expect(self.facts(urgent, &world).ahead == 0)
        #expect(self.facts(older, &world).ahead == 1)
    }

    @Test func `a paused queue, a rate and a component's limit are seen`() {
        var world = HotWorld(slots: 4)
        world.call(.setLimit(HotWorld.slow.name, atOnce: 1))
        world.settle()
        _ = world.add()
        let second = world.add()
        #expect(facts(second, &world).componentLimit == 1)
        world.call(.setQueue("default", slots: nil, paused: true))
        world.settle()
        #expect(facts(second, &world).queueIsPaused)
    }

    @Test func `a component that no plugin offers is missing, and one that is offered is not`() {
        var world = HotWorld(components: [HotWorld.noop])
        let lost = world.add(HotWorld.slow)
        #expect(facts(lost, &world).offer == .missing("no plugin offers basic/slow; its runs wait until one does"))
        world.send(.catalog(HotWorld.catalog([HotWorld.noop, HotWorld.slow])))
        #expect(facts(lost, &world).offer == .offered)
    }

    @Test func `a run that lets others of its job end first names them`() {
        var world = HotWorld(slots: 4)
        let job = JobDefinition(
            name: "tick", component: "basic/slow", schedule: .every(.seconds(10)), overlap: .queue(2))
        world.call(.apply([job], source: "file", prune: false))
        world.settle()
        for _ in 0..<2 { world.pass(.seconds(10)) }
        #expect(facts(2, &world).behind == [1])
        #expect(facts(1, &world).behind.isEmpty)
    }

    @Test func `the limit of its job is seen by a run behind the window, too`() {
        var world = HotWorld(slots: 4, capacity: 2)
        world.call(
            .apply([JobDefinition(name: "narrow", component: "basic/slow", atOnce: 1)], source: "api", prune: false))
        world.settle()
        for _ in 0..<12 { world.call(.trigger(job: "narrow")) }
        world.settle()
        #expect(world.state.runs[12] == nil)
        #expect(facts(12, &world).behind == [1])
    }

    @Test func `a pause after crashes is seen before it is a quarantine`() throws {
        var world = HotWorld(slots: 1)
        let policy = RunPolicy(retry: RetryPolicy(delay: .fixed(.zero), crashes: 9))
        let run = world.add(policy: policy)
        for _ in 0..<2 {
            world.pass(.milliseconds(50))
            world.end(run, .crashed(.abort))
            world.settle()
        }
        let facts = facts(run, &world)
        #expect(facts.quarantine == nil)
        #expect(facts.crashPause?.hasPrefix("basic/slow crashed 2 times in a row") == true)
        world.pass(.seconds(1))
        #expect(world.running == [run])
    }

    @Test func `guests that the plugin may not have, and grants that it has not got`() throws {
        var settings = PluginSettings()
        settings.keeping.maximum = 1
        let online = HotWorld.component("basic/online", flags: [.network])
        var world = HotWorld(slots: 4, components: [HotWorld.slow, online], plugins: ["basic": settings])
        _ = world.add()
        let second = world.add()
        #expect(facts(second, &world).mostGuests == 1)
        let record = RunRecord(
            id: 90, component: online.name, queue: "default", due: world.now + .seconds(60), createdAt: world.now,
            params: Array("{}".utf8))
        let isThere = world.insert(record)
        #expect(isThere)
        #expect(facts(90, &world).missingGrant?.contains("network") == true)
    }

    @Test func `a family that has no room left, and a run for another host, which needs no slot here`() throws {
        var world = HotWorld(slots: 4, components: [HotStateFamilyTests.map, HotWorld.slow])
        let parent = world.add(HotStateFamilyTests.map)
        world.call(.setLending(of: parent, LendingTerms(hosts: ["b": 1], here: 1)))
        world.emitChildren(3, in: parent)
        world.settle()
        let last = try #require(world.rows.runs.values.first { $0.childIndex == 2 })
        let facts = facts(last.id, &world)
        #expect(last.state == .pending && facts.familyIsFull)
        for _ in 0..<4 { _ = world.add() }
        let record = RunRecord(
            id: 90, component: HotWorld.slow.name, queue: "default", due: world.now + .seconds(60),
            createdAt: world.now, params: Array("{}".utf8), policy: RunPolicy(placement: .on("b")))
        let isThere = world.insert(record)
        #expect(isThere)
        #expect(self.facts(90, &world).running == 0)
    }

    @Test func `what has aged goes first, and is said to`() {
        var world = HotWorld(slots: 1)
        world.call(.changeQueue("default", QueueChange(aging: .to(.seconds(10)))))
        _ = world.add()
        let low = world.add()
        world.pass(.seconds(60))
        let high = world.add(priority: 5)
        #expect(facts(high, &world).ahead == 1)
        #expect(facts(low, &world).ahead == 0)
        world.end(world.running[0])
        world.settle()
        #expect(world.running == [low])
    }

    @Test func `a run that is due later is made due now by an edit, also behind the window`() {
        var world = HotWorld(slots: 1, capacity: 2)
        let runs = (0..<8).map { number in world.add(due: world.now + .seconds(3600 + number)) }
        let last = runs[7]
        #expect(world.state.runs[last] == nil)
        let ticket = world.call(.edit(last, RunEdit(due: world.now), By(actor: "cli")))
        world.settle()
        #expect(world.isDone(ticket) && world.running == [last])
        world.end(last)
        _ = world.call(.edit(runs[0], RunEdit(due: world.now), By(actor: "cli")))
        _ = world.call(.edit(runs[1], RunEdit(due: world.now + .seconds(7200)), By(actor: "cli")))
        world.settle()
        #expect(world.running == [runs[0]])
        world.end(runs[0])
        world.pass(.seconds(3602))
        #expect(world.running == [runs[2]], "the other one has been put off")
    }

    @Test func `a store that fails is trouble`() {
        var world = HotWorld()
        let run = world.add(due: world.now + .seconds(60))
        world.enqueue()
        world.failCommit()
        #expect(facts(run, &world).trouble?.contains("disk full") == true)
    }

    private func facts(_ id: RunID, _ world: inout HotWorld) -> RunFacts {
        guard let record = world.rows.runs[id] else { preconditionFailure("no run \(id)") }
        let ticket = world.call(.facts(record))
        guard case .facts(let facts) = world.replies[ticket] else { preconditionFailure("no facts") }
        return facts
    }
}
