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

    @Test func `The operator's grace caps those of components and of jobs, and lengthens none`() {
        let greedy = HotWorld.component("greedy/one", grace: .seconds(30))
        let limited = PluginSettings(limits: AttemptLimits(grace: .seconds(10)))
        var world = HotWorld(slots: 3, components: [greedy], plugins: ["greedy": limited])
        var (patient, brief) = (RunPolicy.standard, RunPolicy.standard)
        (patient.grace, brief.grace) = (.seconds(3600), .seconds(2))
        let runs = [world.add(greedy), world.add(greedy, policy: patient), world.add(greedy, policy: brief)]
        let graces = runs.map { run in world.orders.first { $0.key.run == run }?.grace }
        #expect(graces == [.seconds(10), .seconds(10), .seconds(2)])
    }
}
