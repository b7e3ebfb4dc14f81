import GuestPool
import JobModel
import PluginCatalog
import Testing

@testable import JobEngine

/// Components that crash again and again, and versions that crash at once.
struct HotStateCrashTests {
    private let other = HotWorld.component("other/noop", digest: "o1")
    /// A run that crashes is over with it.
    private var once: RunPolicy {
        var policy = RunPolicy.standard
        policy.retry.crashes = 1
        return policy
    }

    @Test func `Runs of a component that crashes in a row wait, others go on`() {
        var world = HotWorld(slots: 1, components: [HotWorld.slow, other])
        crash(&world, 5)
        let waiting = world.add(policy: once)
        #expect(world.running.isEmpty)
        let free = world.add(other)
        #expect(world.running == [free])
        world.end(free)
        world.settle()
        #expect(world.stateOf(waiting) == .pending)
        #expect(world.state.obstacle(HotWorld.slow.name)?.contains("is quarantined until") == true)
        #expect(world.state.obstacle(other.name) == nil)
        #expect(world.rows.streaks.keys.sorted() == ["basic/slow"])
    }

    @Test func `After its time one run is tried, and a success ends the quarantine`() {
        var world = HotWorld(slots: 4)
        crash(&world, 5)
        let runs = (0..<3).map { _ in world.add(policy: once) }
        #expect(world.state.nextTurn(after: world.now) == world.now + .seconds(900))
        world.pass(.seconds(900))
        #expect(world.running == [runs[0]])
        world.end(runs[0])
        world.settle()
        #expect(world.running.sorted() == [runs[1], runs[2]])
        #expect(world.rows.streaks.isEmpty)
        #expect(world.state.obstacle(HotWorld.slow.name) == nil)
    }

    @Test func `A crash on trial is a longer quarantine`() {
        var world = HotWorld(slots: 4)
        crash(&world, 5)
        let runs = (0..<2).map { _ in world.add(policy: once) }
        world.pass(.seconds(900))
        world.end(runs[0], .crashed(.memoryFault), took: .zero)
        world.settle()
        world.pass(.seconds(1799))
        #expect(world.running.isEmpty)
        world.pass(.seconds(1))
        #expect(world.running == [runs[1]])
    }

    @Test func `Another version, or a person, ends a quarantine at once`() {
        var world = HotWorld(slots: 1)
        crash(&world, 5)
        let run = world.add(policy: once)
        let fixed = HotWorld.component("basic/slow", digest: "d2")
        world.send(.catalog(HotWorld.catalog([fixed])))
        world.settle()
        #expect(world.running == [run])
        #expect(world.rows.streaks.isEmpty)
        world.end(run)
        world.settle()
        crash(&world, 5)
        let second = world.add(policy: once)
        #expect(world.running.isEmpty)
        let ticket = world.call(.release(plugin: "basic"))
        world.settle()
        #expect(world.isDone(ticket))
        #expect(world.running == [second])
    }

    @Test func `A quarantine outlives the host and the absence of its plugin`() {
        var world = HotWorld(slots: 1)
        crash(&world, 5)
        let run = world.add(policy: once)
        var next = HotWorld(slots: 1, components: [], rows: world.rows, now: world.now)
        next.send(.catalog(HotWorld.catalog([HotWorld.slow])))
        next.settle()
        #expect(next.running.isEmpty)
        next.pass(.seconds(900))
        #expect(next.running == [run])
    }

    @Test func `A commit that fails does not lose a quarantine`() {
        var world = HotWorld(slots: 1)
        crash(&world, 4)
        let last = world.add(policy: once)
        world.pass(.seconds(60))
        world.end(last, .crashed(.memoryFault), took: .zero)
        world.failCommit()
        world.reload()
        world.settle()
        #expect(world.rows.streaks.keys.sorted() == ["basic/slow"])
    }

    @Test func `Crashes by limits, by the sandbox or from outside count for nobody`() {
        var world = HotWorld(slots: 1)
        for kind in [CrashClass.outOfMemory, .sandboxDenied, .killedExternally, .fileLimit, .noGuest] {
            for _ in 0..<(kind == .killedExternally ? 2 : 3) { crash(&world, 1, kind) }
        }
        let run = world.add(policy: once)
        #expect(world.running == [run])
        #expect(world.state.streaks.isEmpty)
    }

    @Test func `A component whose guests are killed each time is slowed down as one that crashes`() {
        var world = HotWorld(slots: 1)
        crash(&world, 2, .killedExternally)
        #expect(world.state.streaks.isEmpty)
        crash(&world, 1, .killedExternally)
        #expect(world.state.streaks.values.map(\.streak.crashes) == [1])
        crash(&world, 4, .killedExternally)
        #expect(world.rows.streaks.keys.sorted() == ["basic/slow"])
    }

    @Test func `Guests that do not load leave the whole plugin alone`() {
        var world = HotWorld(slots: 1, components: [HotWorld.slow, HotWorld.noop, other])
        crash(&world, 3, .loadFailed)
        _ = world.add(HotWorld.noop)
        let free = world.add(other)
        #expect(world.running == [free])
        #expect(world.rows.streaks.keys.sorted() == ["basic"])
    }

    @Test func `A new version that crashes at once makes way for the one before`() {
        var world = HotWorld(slots: 1)
        world.send(.catalog(catalog("d2", after: ["d1"])))
        crash(&world, 2)
        #expect(world.withdrawals.map(\.digest) == ["d2"])
        #expect(world.withdrawals.first?.reason.contains("2 of its first 2 attempts") == true)
        // The version before, used again, is not new.
        world.send(.catalog(catalog("d1", after: ["d2", "d1"])))
        crash(&world, 2)
        #expect(world.withdrawals.count == 1)
    }

    @Test func `A version that was released, or came again in a file, is watched as a new one`() {
        for isReleased in [true, false] {
            var world = HotWorld(slots: 1)
            world.send(.catalog(catalog("d2", after: ["d1"])))
            crash(&world, 2)
            world.send(.catalog(catalog("d1", after: ["d1", "d2"], aside: isReleased ? ["d2"] : [])))
            crash(&world, 2)
            #expect(world.withdrawals.map(\.digest) == ["d2"])
            let arrival = Instant(microseconds: isReleased ? -1 : 1)
            world.send(.catalog(catalog("d2", after: ["d2", "d1"], arrivedAt: arrival)))
            crash(&world, 2)
            #expect(world.withdrawals.map(\.digest) == ["d2", "d2"], "released: \(isReleased)")
        }
    }

    @Test func `A version that is used again because the other lost its file is not watched`() {
        var world = HotWorld(slots: 1)
        world.send(.catalog(catalog("d2", after: ["d1"])))
        world.send(.catalog(catalog("d1", after: ["d1", "d2"], arrivedAt: Instant(microseconds: -1))))
        crash(&world, 4)
        #expect(world.withdrawals.isEmpty)
    }

    @Test func `A new version whose guests are killed each time makes way as well`() {
        var world = HotWorld(slots: 1)
        world.send(.catalog(catalog("d2", after: ["d1"])))
        crash(&world, 3, .killedExternally)
        #expect(world.withdrawals.isEmpty)
        crash(&world, 1, .killedExternally)
        #expect(world.withdrawals.map(\.digest) == ["d2"])
    }

    @Test func `A version that has shown itself, or that is the first, stays`() {
        var world = HotWorld(slots: 1)
        world.send(.catalog(catalog("d2", after: ["d1"])))
        for _ in 0..<FirstRuns.attempts {
            let run = world.add()
            world.end(run)
            world.settle()
        }
        crash(&world, 4)
        var young = HotWorld(slots: 1)
        young.send(.catalog(catalog("d2", after: [])))
        crash(&young, 4)
        #expect(world.withdrawals.isEmpty && young.withdrawals.isEmpty)
    }

    @Test func `Attempts of the version before count for nobody`() {
        var world = HotWorld(slots: 1)
        let old = world.add(policy: once)
        world.send(.catalog(catalog("d2", after: ["d1"])))
        world.end(old, .crashed(.memoryFault))
        world.settle()
        #expect(world.state.streaks.isEmpty)
        #expect(world.retired == ["d1"])
    }

    @Test func `A disabled plugin's runs wait and say why; new ones are taken`() {
        var held = HotWorld.slow
        held.hold = "disabled by cli"
        var world = HotWorld(slots: 1, components: [held])
        let run = world.add(held)
        #expect(world.stateOf(run) == .pending)
        #expect(world.running.isEmpty)
        #expect(world.state.obstacle(held.name)?.hasPrefix("basic is disabled by cli") == true)
        world.send(.catalog(HotWorld.catalog([HotWorld.slow])))
        world.settle()
        #expect(world.running == [run])
    }

    /// Different runs of `slow` crash one after the other, as soon as they may.
    private func crash(_ world: inout HotWorld, _ count: Int, _ kind: CrashClass = .memoryFault) {
        for _ in 0..<count {
            let run = world.add(policy: once)
            if world.running.isEmpty { world.pass(.seconds(60)) }
            world.end(run, .crashed(kind), took: .zero)
            world.settle()
        }
    }

    private func catalog(
        _ digest: String, after before: [String], aside: [String] = [], arrivedAt: Instant = .distantPast
    ) -> CatalogSnapshot {
        var snapshot = HotWorld.catalog([HotWorld.component("basic/slow", digest: digest)])
        snapshot.plugins = [PluginRecord(path: "/p/a.so", digest: digest, state: .active, arrivedAt: arrivedAt)]
        var lineage = Lineage()
        for each in before + [digest] {
            lineage.activate(digest: each, version: each, file: "a.so", at: Instant(microseconds: 0))
        }
        let ruling = Ruling(by: "host", at: Instant(microseconds: 0))
        let left = aside.map { ($0, SetAside(plugin: "basic", version: $0, ruling: ruling)) }
        snapshot.standings["basic"] = PluginStanding(
            lineage: lineage, setAside: Dictionary(uniqueKeysWithValues: left))
        return snapshot
    }
}
