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
