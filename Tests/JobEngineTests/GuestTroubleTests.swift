import GuestPool
import JobModel
import JobStore
import Testing

@testable import JobEngine

/// The system has no processes for guests: what was to run waits, and nobody is charged for it.
struct GuestTroubleTests {
    @Test func `runs wait while there are no processes, at no cost`() throws {
        var world = HotWorld()
        let run = world.add()
        world.giveBack(run)
        world.send(.guests([.noProcess("fork: no more processes")]))
        world.settle()
        #expect(world.stateOf(run) == .pending)
        #expect(world.running.isEmpty, "not tried again at once")
        #expect(world.trouble == .guests("fork: no more processes"))
        let next = try #require(world.state.nextTurn(after: world.now))
        world.now = next
        world.send()
        world.settle()
        #expect(world.orders.map(\.key) == [AttemptKey(run: run, number: 1)], "its first start")
        #expect(world.trouble != nil, "until an attempt has ended")
        world.end(run)
        world.settle()
        #expect(world.stateOf(run) == .succeeded)
        #expect(world.rows.runs[run]?.counters == RunCounters(starts: 1))
        #expect(world.trouble == nil)
    }

    @Test func `A disk that is nearly full is told, and what was to run waits`() {
        var world = HotWorld()
        let run = world.add()
        world.giveBack(run)
        world.send(.guests([.noRoom("12 MiB are free")]))
        world.settle()
        #expect(world.stateOf(run) == .pending && world.running.isEmpty)
        #expect(world.trouble == .room("12 MiB are free"))
        world.pass(GuestTrouble.rest)
        world.end(run)
        world.settle()
        #expect(world.stateOf(run) == .succeeded && world.trouble == nil)
    }

    @Test func `while the trouble lasts one run is tried at a time, and then ever more`() {
        var world = HotWorld(slots: 20)
        let runs = (0..<20).map { _ in world.add() }
        for run in runs { world.giveBack(run) }
        for _ in 0..<2 {
            world.send(.guests([.noProcess("fork")]))
            world.settle()
            #expect(world.running.isEmpty)
            world.pass(GuestTrouble.rest)
            #expect(world.running == [runs[0]])
            world.giveBack(runs[0])
        }
        world.send(.guests([.noProcess("fork")]))
        world.settle()
        for count in [1, 3, 7, 15, 20] {
            world.pass(GuestTrouble.rest)
            #expect(world.running.count == count)
        }
        #expect(world.trouble != nil)
    }

    @Test func `after one that found no guest, other components are tried first`() {
        var world = HotWorld(slots: 4)
        let (first, second) = (world.add(HotWorld.slow), world.add(HotWorld.once))
        for run in [first, second] { world.giveBack(run) }
        world.send(.guests([.noProcess("fork")]))
        world.settle()
        world.pass(GuestTrouble.rest)
        var tried = world.running
        for _ in 0..<3 {
            for run in world.running { world.giveBack(run) }
            world.send(.guests([.noProcess("fork")]))
            world.settle()
            world.pass(GuestTrouble.rest)
            tried += world.running
        }
        #expect(tried == [first, second, first, second] || tried == [second, first, second, first])
    }

    @Test func `runs whose guests are there are no trials`() {
        var world = HotWorld(slots: 3, queues: [(name: "cold", change: QueueChange(slots: 3))])
        let first = (0..<3).map { _ in world.add(HotWorld.once) }
        for run in first { world.end(run) }
        world.settle()
        let cold = (0..<3).map { _ in world.add(HotWorld.slow, queue: "cold") }
        for run in cold { world.giveBack(run) }
        world.send(.guests([.noProcess("fork")]))
        world.settle()
        let warm = (0..<3).map { _ in world.add(HotWorld.once) }
        #expect(world.running == warm)
        world.pass(GuestTrouble.rest)
        #expect(world.running == warm + [cold[0]])
    }

    @Test func `once an attempt has ended all go`() {
        var world = HotWorld(slots: 20)
        let runs = (0..<20).map { _ in world.add() }
        for run in runs { world.giveBack(run) }
        world.send(.guests([.noRoom("12 MiB are free")]))
        world.settle()
        world.pass(GuestTrouble.rest)
        world.end(runs[0])
        world.settle()
        #expect(world.running == Array(runs.dropFirst()))
    }

    @Test func `runs are taken on meanwhile`() {
        var world = HotWorld()
        world.send(.guests([.noProcess("fork")]))
        let run = world.add()
        #expect(run > 0 && world.running.isEmpty)
        world.pass(GuestTrouble.rest)
        #expect(world.running == [run])
    }

    @Test func `a trouble that nobody meets any more is over`() {
        var world = HotWorld()
        let run = world.add()
        world.giveBack(run)
        world.send(.guests([.noProcess("fork")]))
        world.settle()
        let ticket = world.cancel(run)
        world.settle()
        #expect(world.isDone(ticket))
        world.pass(GuestTrouble.rest)
        #expect(world.trouble == nil)
    }
}

extension HotWorld {
    fileprivate var trouble: Trouble? {
        var world = self
        let ticket = world.call(.figures)
        guard case .figures(let figures)? = world.replies[ticket] else { return .stopping }
        return figures.trouble
    }
}
