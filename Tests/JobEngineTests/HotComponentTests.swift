import JobModel
import PluginCatalog
import Testing

@testable import GuestPool
@testable import JobEngine

struct HotComponentTests {
    @Test func `Runs that each open a path of their own leave no spec behind`() throws {
        let table = Table()
        var surroundings = HotWorld().state.surroundings
        surroundings.intern = { table.specs.intern($0) }
        var component = HotComponent(name: HotWorld.noop.name, current: HotWorld.noop, newest: 0)
        for number in 0..<5000 {
            var policy = RunPolicy.standard
            policy.access = FileAccess(read: ["/in/\(number)"])
            #expect(component.spec(policy: policy, surroundings: surroundings)?.spec?.access == policy.access)
        }
        #expect(table.specs.count <= 300)
    }

    private final class Table {
        var specs = SpecTable()
    }
}
