import GuestPool
import JobModel
import JobStore
import PluginCatalog
import Testing

@testable import JobEngine

/// Runs of one job that meet.
struct HotStateOverlapTests {
    private func world(
        _ overlap: OverlapPolicy, missed: MissedPolicy = MissedPolicy(), slots: Int = 4, rows: SimpleStore? = nil
    ) -> HotWorld {
        var world = HotWorld(slots: slots)
        let job = JobDefinition(
            name: "tick", component: "basic/slow", schedule: .every(.seconds(10)), overlap: overlap, missed: missed)
        world.call(.apply([job], source: "file", prune: false))
        world.settle()
        return world
    }

    private func states(_ world: HotWorld) -> [RunState] {
        world.rows.runs.values.sorted { $0.id < $1.id }.map(\.state)
    }

    private func end(_ run: RunID, in world: inout HotWorld, _ outcome: Outcome = .succeeded) {
        world.end(run, outcome)
        world.settle()
    }

    @Test func `allow(2) runs two at once and skips a third with its reason`() {
        var world = world(.allow(2))
        for _ in 0..<3 { world.pass(.seconds(10)) }
        #expect(states(world) == [.running, .running, .skipped])
        #expect(
            world.rows.runs[3]?.reason == "2 runs of the job had not ended, and it allows 2 at a time")
        #expect(world.rows.runs[3]?.fireAt != nil)
    }

    @Test func `queue(2) lets two wait, skips the next, and starts them one after another`() {
        var world = world(.queue(2))
        for _ in 0..<4 { world.pass(.seconds(10)) }
        #expect(states(world) == [.running, .pending, .pending, .skipped])
        #expect(world.running == [1])
        end(1, in: &world)
        #expect(world.running == [2])
        end(2, in: &world)
        #expect(world.running == [3])
        end(3, in: &world)
        #expect(world.running.isEmpty)
        #expect(world.state.openRuns.isEmpty && world.state.parked.isEmpty && world.state.runs.isEmpty)
    }

    @Test func `an interval from the end counts from the end also where that was stored later`() throws {
        var world = HotWorld(slots: 1)
        let job = JobDefinition(name: "tick", component: "basic/slow", schedule: .every(.seconds(10), from: .end))
        world.call(.apply([job], source: "file", prune: false))
        world.settle()
        world.pass(.seconds(10))
        world.pass(.seconds(8))
        let end = world.now
        world.end(1, took: .zero)
        world.failCommit()
        world.reload()
        world.settle()
        #expect(world.stateOf(1) == .succeeded)
        #expect(world.rows.jobs.values.first?.watermark == end)
        world.pass(.seconds(9))
        #expect(world.running.isEmpty)
        world.pass(.seconds(1))
        #expect(world.running == [2])
    }

    @Test func `a waiting run keeps nobody else in its lane`() {
        var world = world(.queue(1))
        for _ in 0..<2 { world.pass(.seconds(10)) }
        let other = world.add()
        #expect(world.running == [1, other])
    }

    @Test func `a run that is to be tried again still comes before those that wait`() {
        var world = world(.queue(1))
        for _ in 0..<2 { world.pass(.seconds(10)) }
        end(1, in: &world, .failed(retryable: true))
        #expect(world.running.isEmpty, "the first waits for its next attempt, the second for the first")
        world.pass(.seconds(7))
        #expect(world.running == [1])
        end(1, in: &world)
        #expect(world.running == [2])
    }

    @Test func `an attempt that was not made after all frees its place`() {
        var world = world(.queue(1))
        for _ in 0..<2 { world.pass(.seconds(10)) }
        world.giveBack(1)
        world.settle()
        #expect(world.running == [1], "the older one goes first again")
    }

    @Test func `cancelling a waiting run takes it out, and the next one moves up`() {
        var world = world(.queue(2))
        for _ in 0..<3 { world.pass(.seconds(10)) }
        _ = world.cancel(2)
        world.settle()
        end(1, in: &world)
        #expect(world.running == [3])
        #expect(world.stateOf(2) == .cancelled)
    }

    @Test func `a waiting run expires where it waits`() {
        var world = HotWorld()
        let job = JobDefinition(
            name: "tick", component: "basic/slow", schedule: .every(.seconds(10)),
            policy: RunPolicy(notAfter: .seconds(15)), overlap: .queue(1))
        world.call(.apply([job], source: "file", prune: false))
        world.settle()
        for _ in 0..<2 { world.pass(.seconds(10)) }
        world.pass(.seconds(15))
        #expect(world.stateOf(2) == .expired)
        end(1, in: &world)
        #expect(world.running.isEmpty)
        world.pass(.seconds(5))
        #expect(world.running.count == 1)
    }

    @Test func `a held run keeps the next one waiting until a person decides`() {
        var world = HotWorld()
        let job = JobDefinition(
            name: "tick", component: "basic/once", schedule: .every(.seconds(10)), overlap: .queue(1))
        world.call(.apply([job], source: "file", prune: false))
        world.settle()
        for _ in 0..<2 { world.pass(.seconds(10)) }
        end(1, in: &world, .crashed(.memoryFault))
        #expect(world.stateOf(1) == .held)
        #expect(world.running.isEmpty)
        _ = world.cancel(1)
        world.settle()
        #expect(world.running == [2])
    }

    @Test func `a trigger starts at once, whatever waits`() {
        var world = world(.queue(1))
        for _ in 0..<2 { world.pass(.seconds(10)) }
        world.call(.trigger(job: "tick"))
        world.settle()
        #expect(world.running == [1, 3])
        end(1, in: &world)
        #expect(world.running == [3], "the run that was triggered counts")
        end(3, in: &world)
        #expect(world.running == [2])
    }

    @Test func `a wider policy and a deleted job let waiting runs go`() {
        var wider = world(.queue(2))
        for _ in 0..<3 { wider.pass(.seconds(10)) }
        let job = JobDefinition(
            name: "tick", component: "basic/slow", schedule: .every(.seconds(10)), overlap: .allow(2))
        wider.call(.apply([job], source: "file", prune: false))
        wider.settle()
        #expect(wider.running == [1, 2])
        wider.call(.delete(job: "tick"))
        wider.settle()
        #expect(wider.running == [1, 2, 3])
    }

    @Test func `replace cancels the running one and starts the new one when it has ended`() {
        var world = world(.replace)
        world.pass(.seconds(10))
        world.pass(.seconds(10))
        #expect(world.ends.map(\.key.run) == [1])
        #expect(world.running == [1], "the old one is still ending")
        end(1, in: &world, .cancelled)
        #expect(world.stateOf(1) == .cancelled)
        #expect(world.running == [2])
        let planned = world.rows.runs[2]?.fireAt?.rfc3339 ?? ""
        #expect(
            world.rows.runs[1]?.reason == "cancelled by schedule: the run planned for \(planned) takes its place")
    }

    @Test func `replace ends those that wait too, so that only the newest is left`() {
        var world = world(.replace)
        for _ in 0..<3 { world.pass(.seconds(10)) }
        #expect(states(world) == [.running, .cancelled, .pending])
        end(1, in: &world, .cancelled)
        #expect(world.running == [3])
    }

    @Test func `what is made up for waits its turn instead of being skipped`() {
        var world = world(.skip, missed: MissedPolicy(.all(3)))
        world.pass(.seconds(600))
        #expect(world.running.count == 1)
        #expect(states(world) == [.skipped, .running, .pending, .pending])
        for run in 2...4 as ClosedRange<RunID> {
            #expect(world.running == [run])
            end(run, in: &world)
        }
        #expect(world.rows.runs.values.compactMap(\.fireAt).count == 3)
    }

    @Test(arguments: [OverlapPolicy.queue(2), .replace, .skip, .allow(1)])
    func `a new host goes on where the old one died`(policy: OverlapPolicy) {
        var world = world(policy, missed: MissedPolicy(.all(2)))
        world.pass(.seconds(10))
        world.pass(.seconds(10), settling: false)
        var next = HotWorld(rows: world.rows, now: world.now)
        next.pass(.seconds(1))
        var fires: [Instant] = []
        for _ in 0..<6 {
            while let run = next.running.first { end(run, in: &next) }
            next.pass(.seconds(10))
        }
        fires = next.rows.runs.values.compactMap(\.fireAt).sorted()
        #expect(Set(fires).count == fires.count)
        #expect(fires.count >= 7, "\(policy): \(fires.count)")
        #expect(next.complaints.isEmpty, "\(next.complaints)")
    }

    @Test func `runs that wait are still in order after a failed commit`() {
        var world = world(.queue(3))
        for _ in 0..<3 { world.pass(.seconds(10)) }
        world.pass(.seconds(10), settling: false)
        world.failCommit()
        world.reload()
        world.settle()
        var order: [RunID] = []
        while let run = world.running.first {
            #expect(world.running.count == 1)
            order.append(run)
            end(run, in: &world)
        }
        #expect(order.count == 4)
        #expect(order == order.sorted())
    }
}
