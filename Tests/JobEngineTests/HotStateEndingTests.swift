import GuestPool
import JobModel
import PluginCatalog
import Testing

@testable import JobEngine

/// How long an attempt may take to end.
struct HotStateEndingTests {
    @Test func `A component that declares a grace of weeks gets a minute, a job may give it more`() {
        let greedy = HotWorld.component("greedy/one", grace: .milliseconds(Int64(UInt32.max)))
        var world = HotWorld(slots: 2, components: [greedy])
        let plain = world.add(greedy)
        var policy = RunPolicy.standard
        policy.grace = .seconds(3600)
        let patient = world.add(greedy, policy: policy)
        #expect(world.orders.first { $0.key.run == plain }?.grace == .seconds(60))
        #expect(world.orders.first { $0.key.run == patient }?.grace == .seconds(3600))
    }
}
