import GuestPool
import JobModel
import PluginCatalog
import Testing

@testable import JobEngine

struct HotStateGuestTests {
    private static let foreign = HotWorld.component("other/noop", digest: "d2")
    private static let shared = HotWorld.component("basic/shared", flags: .concurrent, concurrency: 2)

    private static func settings(_ change: (inout GuestKeeping) -> Void) -> [String: PluginSettings] {
        var settings = PluginSettings()
        change(&settings.keeping)
        return ["basic": settings]
    }

    @Test func `no more attempts start than a plugin may have guests, and others go past them`() {
        let plugins = Self.settings { $0.maximum = 2 }
        var world = HotWorld(slots: 4, components: [HotWorld.noop, HotWorld.slow, Self.foreign], plugins: plugins)
        let ours = [HotWorld.slow, HotWorld.noop, HotWorld.slow].map { world.add($0) }
        let other = world.add(Self.foreign)
        #expect(world.running == [ours[0], ours[1], other])
        world.end(ours[1])
        world.settle()
        #expect(world.running == [ours[0], other, ours[2]])
    }

    @Test func `attempts that share a guest are one guest's`() {
        let plugins = Self.settings { $0.maximum = 2 }
        var world = HotWorld(slots: 8, components: [Self.shared, HotWorld.slow], plugins: plugins)
        for _ in 1...5 { _ = world.add(Self.shared) }
        #expect(world.running.count == 4)
        world.end(world.running[0])
        world.settle()
        #expect(world.running.count == 4)
    }

    @Test func `attempts that could share a guest and wish different ones do not`() {
        let plugins = Self.settings { $0.maximum = 2 }
        var world = HotWorld(slots: 8, components: [Self.shared], plugins: plugins)
        for number in 1...5 {
            var policy = RunPolicy.standard
            policy.access.read = ["/in/\(number)"]
            _ = world.add(Self.shared, policy: policy)
        }
        #expect(world.running.count == 2)
    }

    @Test func `quick attempts are sent ahead where no further guest may be had`() {
        let plugins = Self.settings { $0.maximum = 1 }
        var world = HotWorld(slots: 4, plugins: plugins)
        world.warmUp(HotWorld.noop)
        for _ in 1...3 { _ = world.add(HotWorld.noop) }
        #expect(world.running.count == 3)
        #expect(Set(world.orders.map(\.slot)).count == 1)
    }

    @Test func `each attempt of a plugin that is to have fresh guests asks for one, and none is sent ahead`() {
        let plugins = Self.settings { $0.isolation = .oneshot }
        var world = HotWorld(slots: 1, components: [HotWorld.noop, Self.shared], plugins: plugins)
        world.warmUp(HotWorld.noop)
        for _ in 1...3 { _ = world.add(HotWorld.noop) }
        #expect(world.orders.map(\.isolation) == [.oneshot])
        world.end(world.running[0])
        world.settle()
        _ = world.add(Self.shared)
        #expect(world.orders.allSatisfy { $0.isolation == .oneshot && $0.sharing == 1 })
    }

    @Test func `guests that are to be ready are asked for with the catalog`() {
        var world = HotWorld(components: [HotWorld.noop], plugins: Self.settings { $0.minimum = 1 })
        #expect(world.warmed.count == 1)
        world.send(.catalog(HotWorld.catalog([HotWorld.component("basic/noop", digest: "d9"), Self.foreign])))
        #expect(Set(world.warmed).count == 2)
        #expect(HotWorld().warmed.isEmpty)
    }

    @Test(arguments: [
        (AttemptLimits(), nil, 1), (AttemptLimits(memory: 64 << 20, openFiles: 64), nil, 1),
        (AttemptLimits(memory: 64 << 20), AttemptLimits(memory: 128 << 20, processes: 8), 2),
    ])
    func `the guests that are ready are those of attempts whose jobs wish nothing`(
        ofPlugin: AttemptLimits, ofSlow: AttemptLimits?, kinds: Int
    ) {
        var plugins = Self.settings { $0.minimum = 1 }
        plugins["basic"]?.limits = ofPlugin
        plugins["basic"]?.componentLimits["slow"] = ofSlow
        var world = HotWorld(slots: 3, components: [HotWorld.noop, HotWorld.slow], plugins: plugins)
        for component in [HotWorld.noop, HotWorld.slow] { _ = world.add(component) }
        #expect(world.warmed.count == kinds)
        #expect(world.orders.count == 2 && Set(world.orders.map(\.spec)) == Set(world.warmed))
        var policy = RunPolicy.standard
        policy.limits = AttemptLimits(memory: 32 << 20)
        _ = world.add(HotWorld.slow, policy: policy)
        #expect(world.orders.count == 3 && !world.warmed.contains(world.orders[2].spec))
    }

    @Test func `no guest is ready for what is not run`() {
        var held = HotWorld.slow
        held.hold = "set aside"
        let online = HotWorld.component("basic/online", flags: [.network])
        let world = HotWorld(components: [held, online], plugins: Self.settings { $0.minimum = 1 })
        #expect(world.warmed.isEmpty)
    }

    @Test func `what is held is kept ready no longer, and again once it is released`() {
        var held = HotWorld.noop
        held.hold = "disabled"
        var world = HotWorld(components: [HotWorld.noop], plugins: Self.settings { $0.minimum = 1 })
        let named = world.ready
        #expect(named.count == 1)
        world.send(.catalog(HotWorld.catalog([held])))
        #expect(world.ready.isEmpty)
        world.send(.catalog(HotWorld.catalog([HotWorld.noop])))
        #expect(world.ready == named)
    }
}
