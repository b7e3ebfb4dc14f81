import GuestPool
import JobModel
import PluginCatalog
import Testing

@testable import JobEngine

struct HotStateSuspectTests {
    private static var shared: CatalogComponent {
        HotWorld.component("basic/shared", flags: .concurrent, concurrency: 16)
    }

    @Test func `attempts of a concurrent component may share a guest, as many as there are slots`() {
        var world = HotWorld(slots: 3, components: [Self.shared, HotWorld.slow])
        for _ in 1...5 { _ = world.add(Self.shared) }
        #expect(world.running.count == 3)
        #expect(world.orders.map(\.sharing) == [16, 16, 16])
        #expect(Set(world.orders.map(\.slot)).count == 3)
        world.end(world.running[0])
        world.settle()
        #expect(world.running.count == 3)
    }

    @Test func `attempts of any other component have their guest to themselves`() {
        let bound = HotWorld.component("basic/bound", flags: [.concurrent, .sameThread], concurrency: 16)
        var world = HotWorld(components: [bound, HotWorld.slow])
        _ = world.add(bound)
        _ = world.add(HotWorld.slow)
        #expect(world.orders.map(\.sharing) == [1, 1])
        #expect(world.orders.map(\.isolation) == [.pool, .pool])
    }

    @Test func `runs whose shared guest crashed go again alone, and no attempt is counted`() {
        var world = HotWorld(slots: 3, components: [Self.shared])
        let runs = (1...3).map { _ in world.add(Self.shared) }
        for run in runs { world.end(run, .interrupted(.sharedCrash)) }
        world.settle()
        world.pass(.seconds(1))
        #expect(world.running.sorted() == runs)
        #expect(world.orders.allSatisfy { $0.sharing == 1 && $0.isolation == .oneshot })
        for run in runs {
            #expect(world.rows.runs[run]?.counters.crashes == 0)
            #expect(world.rows.runs[run]?.counters.failures == 0)
            #expect(world.rows.runs[run]?.counters.interruptions == 1)
        }
    }

    @Test func `a suspect that did well alone is one no more`() {
        var world = HotWorld(slots: 1, components: [Self.shared])
        let run = world.add(Self.shared)
        world.end(run, .interrupted(.sharedCrash))
        world.settle()
        world.pass(.seconds(1))
        world.end(run, .failed(retryable: true))
        world.settle()
        world.pass(.seconds(3600))
        #expect(world.orders.map(\.sharing) == [16])
        #expect(world.state.suspects.isEmpty)
    }

    @Test func `the one that crashes alone is charged, and the others of its guest share again`() throws {
        var world = HotWorld(slots: 1, components: [Self.shared])
        let runs = (1...2).map { _ in world.add(Self.shared) }
        world.end(runs[0], .interrupted(.sharedCrash))
        world.settle()
        world.end(world.running[0], .interrupted(.sharedCrash))
        world.settle()
        world.pass(.seconds(1))
        let culprit = try #require(world.running.first)
        #expect(world.orders.first?.isolation == .oneshot)
        world.end(culprit, .crashed(.memoryFault))
        world.settle()
        let other = try #require(runs.first { $0 != culprit })
        #expect(world.running == [other])
        #expect(world.orders.first?.sharing == 16)
        #expect(world.rows.runs[culprit]?.counters.crashes == 1)
        world.end(other)
        world.settle()
        world.pass(.seconds(3600))
        #expect(world.running == [culprit])
        #expect(world.orders.first?.isolation == .oneshot, "one that has crashed never shares")
    }

    @Test func `a suspect that is cancelled while it waits is forgotten`() {
        var world = HotWorld(slots: 1, components: [Self.shared, HotWorld.slow])
        let suspect = world.add(Self.shared)
        world.call(.setQueue("default", slots: nil, paused: true))
        world.end(suspect, .interrupted(.sharedCrash))
        world.settle()
        #expect(world.state.suspects.count == 1)
        _ = world.cancel(suspect)
        world.settle()
        #expect(world.stateOf(suspect) == .cancelled)
        #expect(world.state.suspects.isEmpty)
    }
}
