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
        #expect(finish.aftermath.runs.count == 1)
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

    @Test func `a cancelled run is followed by nothing, whether it ran or waited`() {
        var world = Self.world()
        let run = world.add(policy: Self.policy)
        let waiting = world.add(due: world.now + .seconds(60), policy: Self.policy)
        _ = world.cancel(run)
        _ = world.cancel(waiting)
        world.end(run, .cancelled)
        world.settle()
        #expect(world.stateOf(run) == .cancelled && world.stateOf(waiting) == .cancelled)
        #expect(followers(world, of: run).isEmpty && followers(world, of: waiting).isEmpty)
    }

    @Test func `a run that expires is followed as one that failed`() throws {
        var world = Self.world()
        var policy = Self.policy
        policy.notAfter = .seconds(10)
        world.call(.changeQueue("default", QueueChange(paused: true)))
        let run = world.add(policy: policy)
        world.pass(.seconds(11))
        #expect(world.stateOf(run) == .expired)
        #expect(try #require(followers(world, of: run).first).jobName == "repair")
        #expect(followers(world, of: run).count == 1)
    }

    @Test(arguments: [(RunState.succeeded, HotWorld.noop.name), (.failed, HotWorld.once.name)])
    func `what a person says of a held run is followed as if an attempt had said it`(
        end: RunState, next: ComponentName
    ) throws {
        var world = Self.world()
        var policy = Self.policy
        policy.onUnknown = .hold
        let run = world.add(policy: policy)
        world.end(run, .crashed(.abort))
        world.settle()
        #expect(world.stateOf(run) == .held && followers(world, of: run).isEmpty)
        world.call(.resolve(try #require(world.rows.runs[run]), as: end, By(actor: "cli")))
        let batch = world.takeBatch()
        #expect(batch.mutations.count == 1, "the end and what follows are one mutation")
        world.send(.committed(batch.tags, world.store(batch)))
        world.settle()
        #expect(followers(world, of: run).map(\.component) == [next])
        #expect(world.running == followers(world, of: run).map(\.id))
    }

    @Test func `a job that fires with params that do not fit is followed as one that failed`() throws {
        var strict = HotWorld.component("basic/strict")
        strict.schema = try ParamsSchema(#"{"additionalProperties":false}"#)
        var world = HotWorld(components: [HotWorld.noop])
        let job = JobDefinition(
            name: "nightly", component: "basic/strict", params: #"{"wrong":1}"#, schedule: .every(.seconds(10)),
            policy: RunPolicy(onFailure: FollowUp(.component("basic/noop"), params: #"{"of":"${run.id}"}"#)))
        world.call(.apply([job], source: "api", prune: false))
        world.settle()
        world.send(.catalog(HotWorld.catalog([HotWorld.noop, strict])))
        world.pass(.seconds(11))
        let run = try #require(world.rows.runs.values.first { $0.jobName == "nightly" })
        #expect(run.state == .failed)
        let next = try #require(followers(world, of: run.id).first)
        #expect(next.params == Array(#"{"of":\#(run.id)}"#.utf8), "facts about the cause take the place of their words")
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

    @Test func `a follow-up that names nothing leaves a warning on the run, which ends all the same`() {
        var world = Self.world()
        let run = world.add(policy: RunPolicy(onSuccess: FollowUp(.job("nobody"))))
        world.end(run)
        world.settle()
        #expect(world.stateOf(run) == .succeeded)
        #expect(world.rows.warnings.map(\.run) == [run])
        #expect(world.rows.warnings.first?.words == "nothing follows it: there is no job \"nobody\"")
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
        #expect(world.rows.warnings.count == 1)
    }
}
