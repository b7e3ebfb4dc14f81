import GuestPool
import JobModel
import JobStore
import PluginCatalog
import Testing

@testable import JobEngine

struct FollowUpTests {
    private static let policy = RunPolicy(
        retry: RetryPolicy(attempts: 2, delay: .fixed(.seconds(1))),
        onSuccess: FollowUp(.component("basic/noop"), params: #"{"good":true}"#),
        onFailure: FollowUp(.job("repair")))

    private static func world() -> HotWorld {
        var world = HotWorld()
        let repair = JobDefinition(name: "repair", component: "basic/once", params: #"{"fix":1}"#)
        world.call(.apply([repair], source: "api", prune: false))
        world.settle()
        return world
    }

    private func followers(_ world: HotWorld, of run: RunID) -> [RunRecord] {
        world.rows.runs.values.filter { $0.cause == run }
    }

    @Test func `a success is followed by its component, in the transaction that ends it`() throws {
        var world = Self.world()
        let run = world.add(policy: Self.policy)
        world.end(run)
        let batch = world.takeBatch()
        guard case .finish(let finish) = try #require(batch.mutations.first) else {
            Issue.record("\(batch.mutations)")
            return
        }
        #expect(finish.followUps.count == 1)
        #expect(followers(world, of: run).isEmpty, "told before the commit")
        world.send(.committed(batch.tags, world.store(batch)))
        world.settle()
        let next = try #require(followers(world, of: run).first)
        #expect(next.component == HotWorld.noop.name && next.source == .followUp && next.depth == 1)
        #expect(next.params == Array(#"{"good":true}"#.utf8))
        #expect(world.running == [next.id])
        world.end(next.id)
        world.settle()
        #expect(world.rows.runs.count == 2, "what follows is followed by nothing")
    }

    @Test func `a failure is followed by its job once there are no more attempts`() throws {
        var world = Self.world()
        let run = world.add(policy: Self.policy)
        world.end(run, .failed(retryable: true))
        world.settle()
        #expect(followers(world, of: run).isEmpty, "there is another attempt")
        world.pass(.seconds(5))
        world.end(run, .failed(retryable: true))
        world.settle()
        let next = try #require(followers(world, of: run).first)
        #expect(next.jobName == "repair" && next.params == Array(#"{"fix":1}"#.utf8))
        #expect(world.running == [next.id])
    }

    @Test func `a cancelled run is followed by nothing`() {
        var world = Self.world()
        let run = world.add(policy: Self.policy)
        _ = world.cancel(run)
        world.end(run, .cancelled)
        world.settle()
        #expect(world.stateOf(run) == .cancelled)
        #expect(followers(world, of: run).isEmpty)
    }

    @Test func `a commit that fails loses and doubles nothing`() throws {
        var world = Self.world()
        let run = world.add(policy: Self.policy)
        world.end(run)
        world.failCommit()
        #expect(followers(world, of: run).isEmpty)
        world.reload()
        world.settle()
        #expect(world.stateOf(run) == .succeeded)
        #expect(followers(world, of: run).count == 1)
    }

    @Test func `a host that dies before the end is stored follows the attempt that then ends it`() {
        var world = Self.world()
        let run = world.add(policy: Self.policy)
        world.end(run)
        var next = HotWorld(rows: world.rows)
        next.pass(.seconds(1))
        #expect(next.running == [run])
        next.end(run)
        next.settle()
        #expect(followers(next, of: run).count == 1)
    }

    @Test func `a follow-up that names nothing is complained about and the run ends all the same`() {
        var world = Self.world()
        let run = world.add(policy: RunPolicy(onSuccess: FollowUp(.job("nobody"))))
        world.end(run)
        world.settle()
        #expect(world.stateOf(run) == .succeeded)
        #expect(world.complaints.count == 1)
    }

    @Test func `jobs that follow each other end after a hundred`() {
        var world = Self.world()
        let ring = JobDefinition(
            name: "ring", component: "basic/noop", policy: RunPolicy(onSuccess: FollowUp(.job("ring"))))
        world.call(.apply([ring], source: "api", prune: false))
        world.settle()
        world.call(.trigger(job: "ring"))
        world.settle()
        while let run = world.running.first {
            world.end(run)
            world.settle()
        }
        #expect(world.rows.runs.count == FollowUp.mostInARow + 1)
        #expect(world.complaints.count == 1)
    }
}
