import GuestPool
import JobModel
import JobStore
import PluginCatalog
import Testing

@testable import JobEngine

/// What becomes of starts on their way to the store when another version of their plugin takes over.
struct HotStateReloadTests {
    private static let name = HotWorld.noop.name.description
    private static let next = HotWorld.component(name, digest: "d2")

    /// One slot, three starts of the version d1 that the store has not answered.
    private static func world() -> (world: HotWorld, batch: Batch, spec: GuestSpecID?) {
        var world = HotWorld(slots: 1, components: [HotWorld.noop])
        world.warmUp(HotWorld.noop)
        let spec = world.state.slots.first?.fitting?.spec
        for _ in 0..<3 { world.enqueue(HotWorld.noop) }
        let batch = world.takeBatch()
        return (world, batch, spec)
    }

    @Test func `starts that were reserved for the old version are made there, and then it ends`() {
        var (world, batch, spec) = Self.world()
        world.send(.catalog(HotWorld.catalog([Self.next])))
        #expect(world.retired.isEmpty)
        world.send(.committed(batch.tags, world.store(batch)))
        #expect(world.orders.map(\.spec) == [spec, spec, spec])
        #expect(world.retired == ["d1"])
        world.settle()
        #expect(world.rows.runs.values.count { $0.state == .running } == 3)
    }

    @Test func `a first start of the new version stands behind short attempts of the old one`() {
        var (world, batch, spec) = Self.world()
        world.send(.catalog(HotWorld.catalog([Self.next])))
        for _ in 0..<3 { world.enqueue(HotWorld.noop) }
        world.send(.committed(batch.tags, world.store(batch)))
        world.settle()
        #expect(world.orders.count == 4)
        #expect(world.orders.last?.spec != spec)
        for order in world.orders.dropLast() { world.end(order.key.run, took: .microseconds(10)) }
        world.settle()
        #expect(world.orders.count == 1, "what was learned about the old version says nothing about the new one")
    }

    @Test func `nothing of the new version waits behind long attempts of the old one`() {
        var world = HotWorld(slots: 1, components: [HotWorld.noop])
        _ = world.add(HotWorld.noop)
        world.send(.catalog(HotWorld.catalog([Self.next])))
        #expect(world.retired == ["d1"])
        _ = world.add(HotWorld.noop)
        #expect(world.orders.count == 1)
    }

    @Test func `a version that was set aside is not started any more`() {
        var (world, batch, _) = Self.world()
        var snapshot = HotWorld.catalog([Self.next])
        let ruling = Ruling(by: "cli", at: world.now)
        snapshot.standings["basic"] = PluginStanding(
            lineage: Lineage(), setAside: ["d1": SetAside(plugin: "basic", version: "1.0.0", ruling: ruling)])
        world.send(.catalog(snapshot))
        world.send(.committed(batch.tags, world.store(batch)))
        #expect(world.orders.isEmpty)
        #expect(world.retired == ["d1"])
        world.settle()
        #expect(world.orders.count == 1)
        #expect(world.rows.runs.values.count { $0.state == .pending } == 2)
    }

    @Test func `a version that comes back before it ended goes on`() {
        var (world, batch, _) = Self.world()
        world.send(.catalog(HotWorld.catalog([Self.next])))
        world.send(.catalog(HotWorld.catalog([HotWorld.noop])))
        world.send(.committed(batch.tags, world.store(batch)))
        #expect(world.retired == ["d2"])
        world.settle()
        #expect(world.rows.runs.values.count { $0.state == .running } == 1)
    }

    @Test func `the old version ends even if the store fails meanwhile`() {
        var (world, batch, _) = Self.world()
        world.send(.catalog(HotWorld.catalog([Self.next])))
        world.send(.commitFailed(batch.tags, .failed(reason: "disk full")))
        world.reload()
        #expect(world.retired == ["d1"])
    }
}
