import GuestPool
import JobModel
import Testing

@testable import JobEngine

/// Network and programs need the component's flag and the operator's grant.
struct HotStateGrantTests {
    private static let program = HotWorld.component("tool/program", flags: .subprocess)
    private static let words =
        "tool/program starts programs, which is not granted: "
        + "write \"tool: {grants: [subprocess]}\" under \"plugins:\" in /etc/berth.yaml and start the host again"

    @Test func `a run that needs what is not granted is refused with what to write where`() throws {
        var world = HotWorld(components: [Self.program])
        let ticket = world.call(.enqueue([try RealHost.request("tool/program")]))
        guard case .accepted(let results) = world.replies[ticket], case .refused(.notGranted(let refusal)) = results[0]
        else {
            Issue.record("\(String(describing: world.replies[ticket]))")
            return
        }
        #expect("\(refusal)" == Self.words)
    }

    @Test func `a run that was made before its component was there fails when it could start`() throws {
        var world = HotWorld(components: [])
        let job = JobDefinition(name: "j", component: "tool/program", schedule: .every(.seconds(10)))
        world.call(.apply([job], source: "file", prune: false))
        world.settle()
        world.pass(.seconds(10))
        let id = try #require(world.rows.runs.keys.first)
        world.send(.catalog(HotWorld.catalog([Self.program])))
        world.settle()
        #expect(world.stateOf(id) == .failed)
        #expect(world.rows.runs[id]?.reason == Self.words)
        let ticket = world.call(.job("j"))
        guard case .jobs(let outlooks) = world.replies[ticket] else {
            Issue.record("no job")
            return
        }
        #expect(outlooks.first?.obstacle == Self.words)
    }

    @Test func `a component gets what it has a use for and no more; programs may have the network`() throws {
        let all: Grants = [.network, .subprocess]
        var world = HotWorld(
            components: [Self.program, HotWorld.noop], plugins: ["tool": PluginSettings(grants: all)])
        for name in ["tool/program", "basic/noop"] {
            world.call(.enqueue([try RealHost.request(name)]))
            world.settle()
        }
        #expect(world.orders.count == 2)
        let surroundings = world.state.surroundings
        let specs = [Self.program, HotWorld.noop].map {
            $0.guestSpec(for: .standard, surroundings)
        }
        #expect(specs.map(\.grants) == [all, []])
    }

    @Test func `the remedy keeps what is granted already and speaks to whoever can follow it`() throws {
        let name = try #require(ComponentName("tool/program"))
        let flags: ComponentFlags = [.network, .subprocess]
        let some = GrantRefusal(name, flags: flags, granted: .network, settingsFile: "/b")
        #expect("\(try #require(some))".contains("starts programs, which is not granted: write "))
        #expect("\(try #require(some))".contains("{grants: [network, subprocess]}"))
        let once = GrantRefusal(name, flags: flags, granted: [], settingsFile: nil)
        #expect(
            "\(try #require(once))" == "tool/program uses the network and starts programs, which is not granted: "
                + "give --grant network --grant subprocess")
        #expect(GrantRefusal(name, flags: flags, granted: [.network, .subprocess], settingsFile: nil) == nil)
    }
}
