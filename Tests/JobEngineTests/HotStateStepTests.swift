import GuestPool
import JobModel
import JobStore
import PluginCatalog
import Testing

@testable import JobEngine

/// Steps before and after a run.
struct HotStateStepTests {
    private static let before = RunPolicy(preStep: .run(Step(HotWorld.noop.name, params: #"{"for":"${run.id}"}"#)))
    private static let after = RunPolicy(postStep: .run(Step(HotWorld.noop.name, params: #"{"end":"${run.state}"}"#)))

    private func steps(_ world: HotWorld, of run: RunID) -> [RunRecord] {
        world.rows.runs.values.filter { $0.source == .step && ($0.parent == run || $0.cause == run) }
            .sorted { $0.id < $1.id }
    }

    private func step(_ world: HotWorld, of run: RunID) throws -> RunRecord {
        try #require(steps(world, of: run).last)
    }

    // MARK: Before

    @Test func `a run starts once its pre-step has succeeded, and takes no slot until then`() throws {
        var world = HotWorld(slots: 1)
        let run = world.add(policy: Self.before)
        let step = try step(world, of: run)
        #expect(world.running == [step.id] && world.rows.runs[run]?.gate == .waiting)
        #expect(step.params == Array(#"{"for":\#(run)}"#.utf8) && step.component == HotWorld.noop.name)
        let others = [world.add(), world.add()]
        #expect(world.running == [step.id])
        world.end(step.id)
        world.settle()
        #expect(world.running == [others[0]], "the slot of the step is for whoever is next")
        world.end(others[0])
        world.settle()
        #expect(world.running == [run], "it has kept its place before what came later")
        world.end(run)
        world.settle()
        #expect(world.stateOf(run) == .succeeded && world.running == [others[1]])
        #expect(steps(world, of: run).count == 1 && world.complaints.isEmpty)
    }

    @Test(arguments: [(StepFailure.fail, RunState.failed), (.skip, .skipped)])
    func `a pre-step that fails ends the run as is said, without an attempt`(
        rule: StepFailure, end: RunState
    ) throws {
        var world = HotWorld()
        let retry = RetryPolicy(attempts: 2, delay: .fixed(.seconds(1)))
        let run = world.add(policy: RunPolicy(preStep: .run(Step(HotWorld.noop.name, retry: retry, ifFails: rule))))
        let step = try step(world, of: run).id
        world.end(step, .failed(retryable: true))
        world.settle()
        #expect(world.stateOf(run) == .pending, "the step has retries of its own")
        world.pass(.seconds(5))
        world.end(step, .failed(retryable: true))
        world.settle()
        #expect(world.stateOf(step) == .failed && world.stateOf(run) == end)
        #expect(world.rows.runs[run]?.counters.starts == 0)
        #expect(world.rows.runs[run]?.reason?.hasPrefix("its pre-step, run \(step), failed") == true)
        #expect(world.state.runs.isEmpty && world.complaints.isEmpty)
    }

    @Test func `retries of the run do not repeat its pre-step, another go by a person does`() throws {
        var world = HotWorld()
        var policy = Self.before
        policy.retry = RetryPolicy(attempts: 2, delay: .fixed(.seconds(1)))
        let run = world.add(policy: policy)
        world.end(try step(world, of: run).id)
        world.settle()
        for _ in 0..<2 {
            world.end(run, .failed(retryable: true))
            world.settle()
            world.pass(.seconds(5))
        }
        #expect(world.stateOf(run) == .failed && steps(world, of: run).count == 1)
        world.call(.reopen(try #require(world.rows.runs[run]), By(actor: "cli")))
        world.settle()
        #expect(steps(world, of: run).count == 2)
        #expect(try world.running == [step(world, of: run).id])
        world.end(try step(world, of: run).id)
        world.settle()
        #expect(world.running == [run])
    }

    @Test(arguments: [false, true])
    func `cancelling a run that waits for its pre-step cancels both`(isStarted: Bool) throws {
        var world = HotWorld(slots: 1)
        let blocker = isStarted ? nil : Optional(world.add(queue: "default"))
        let run = world.add(policy: Self.before)
        if let blocker { #expect(world.running == [blocker]) }
        let ticket = world.cancel(run)
        world.settle()
        #expect(world.isDone(ticket) && world.stateOf(run) == .cancelled)
        if isStarted {
            let step = try step(world, of: run).id
            #expect(world.ends.map(\.key.run) == [step])
            world.end(step, .cancelled)
        }
        if let blocker { world.end(blocker) }
        world.settle()
        #expect(world.running.isEmpty && world.state.runs.isEmpty && world.complaints.isEmpty)
        #expect(!steps(world, of: run).contains { $0.state != .cancelled })
    }

    @Test func `a cancel that comes before the step is on disk ends both`() throws {
        var world = HotWorld()
        world.enqueue(policy: Self.before)
        let run: RunID = 1
        // Read from the store before it knows of the step.
        let record = try #require(
            world.state.batch.mutations.lazy.compactMap { mutation in
                if case .insert(let record) = mutation { record } else { nil }
            }.first)
        world.call(.close(record, By(actor: "cli")))
        world.settle()
        for step in world.running { world.end(step, .cancelled) }
        world.settle()
        #expect(world.stateOf(run) == .cancelled && world.state.runs.isEmpty)
        #expect(!steps(world, of: run).contains { !$0.state.isEnd })
    }

    @Test func `a run that is retried while its old step is being stopped waits for that and then gets a new one`()
        throws
    {
        var world = HotWorld()
        let run = world.add(policy: Self.before)
        let old = try step(world, of: run).id
        _ = world.cancel(run)
        world.settle()
        world.call(.reopen(try #require(world.rows.runs[run]), By(actor: "cli")))
        world.settle()
        #expect(world.stateOf(run) == .pending && world.running == [old])
        world.end(old, .cancelled)
        world.settle()
        let new = try step(world, of: run).id
        #expect(new != old && world.running == [new])
        world.end(new)
        world.settle()
        #expect(world.running == [run])
    }

    @Test func `a host that dies at any point between the steps goes on where it was`() throws {
        var world = HotWorld()
        let run = world.add(policy: Self.before)
        var next = HotWorld(rows: world.rows)
        next.pass(.seconds(1))
        let step = try step(next, of: run).id
        #expect(next.running == [step], "the step was interrupted and goes again")
        next.end(step)
        _ = next.commit()
        var last = HotWorld(rows: next.rows)
        last.pass(.seconds(1))
        #expect(last.running == [run])
        #expect(steps(last, of: run).count == 1)
    }

    @Test func `a host that dies before a failed step has ended its run leaves that to the next`() throws {
        var world = HotWorld()
        let run = world.add(policy: Self.before)
        world.end(try step(world, of: run).id, .failed(retryable: false))
        let batch = world.takeBatch()
        _ = world.store(batch)
        #expect(world.rows.runs[run]?.gate == .failed && world.stateOf(run) == .pending)
        var next = HotWorld(rows: world.rows)
        next.pass(.seconds(1))
        #expect(next.stateOf(run) == .failed && next.state.runs.isEmpty)
    }

    @Test func `a commit that fails takes the step back`() throws {
        var world = HotWorld()
        world.call(.changeQueue("default", QueueChange(paused: true)))
        let run = world.add(policy: Self.before)
        world.call(.changeQueue("default", QueueChange(paused: false)))
        world.failCommit()
        #expect(steps(world, of: run).isEmpty)
        world.reload()
        world.call(.changeQueue("default", QueueChange(paused: false)))
        world.settle()
        #expect(steps(world, of: run).count == 1)
        world.end(try step(world, of: run).id)
        world.settle()
        #expect(world.running == [run])
    }

    @Test func `a step whose component is missing holds up its own run alone`() throws {
        var world = HotWorld(slots: 1)
        let nowhere = try #require(ComponentName("gone/away"))
        let run = world.add(policy: RunPolicy(preStep: .run(Step(nowhere))))
        let other = world.add()
        #expect(world.running == [other])
        #expect(world.stateOf(run) == .pending && world.rows.runs[run]?.openChildren == 1)
    }

    @Test func `of runs that wait as long, the steps come one by one`() throws {
        var world = HotWorld(slots: 1)
        let requests = (0..<3).map { _ in RunRequest(component: HotWorld.slow.name, policy: Self.before) }
        world.call(.enqueue(requests))
        world.settle()
        #expect(world.rows.runs.values.count { $0.source == .step } == 2, "the one that runs, and the next")
        var order: [RunID] = []
        while let run = world.running.first {
            order.append(run)
            world.end(run)
            world.settle()
        }
        #expect(order.filter { $0 <= 3 } == [1, 2, 3])
        #expect(world.rows.runs.values.allSatisfy { $0.state == .succeeded })
    }

    @Test func `a backlog gets its steps one by one also where their component cannot start`() throws {
        var world = HotWorld(slots: 4)
        world.call(.setLimit(HotWorld.noop.name, atOnce: 1))
        let runs = (0..<10).map { _ in world.add(policy: Self.before) }
        #expect(runs.flatMap { steps(world, of: $0) }.count == 2, "one goes, one waits")
        while let run = world.running.first {
            world.end(run)
            world.settle()
            #expect(world.rows.runs.values.count { $0.source == .step && !$0.state.isEnd } <= 2)
        }
        #expect(runs.allSatisfy { world.stateOf($0) == .succeeded })
        // Each the step of the other: neither waits for the other for ever.
        let after = RunPolicy(preStep: .run(Step(HotWorld.slow.name)))
        let crossed = (0..<3).flatMap { _ in
            [world.add(policy: Self.before), world.add(HotWorld.noop, policy: after)]
        }
        while let run = world.running.first {
            world.end(run)
            world.settle()
        }
        #expect(crossed.allSatisfy { world.stateOf($0) == .succeeded })
    }

    @Test func `a processor that goes before a run makes no children`() throws {
        var world = HotWorld(components: [HotStateFamilyTests.map, HotWorld.noop])
        let map = Step(HotStateFamilyTests.map.name)
        _ = world.add(HotWorld.noop, policy: RunPolicy(preStep: .run(map), postStep: .run(map)))
        let before = try #require(world.orders.first)
        #expect(before.stage == nil)
        world.end(before.key.run)
        world.settle()
        world.end(try #require(world.running.first))
        world.settle()
        #expect(world.orders.map(\.stage) == [.root], "the step after it is a run of its own")
    }

    @Test func `a run whose step has to let its component rest wakes the host when that is over`() throws {
        var world = HotWorld(slots: 4)
        var once = RunPolicy.standard
        once.retry.crashes = 1
        let crashing = [world.add(HotWorld.noop, policy: once), world.add(HotWorld.noop, policy: once)]
        for run in crashing { world.end(run, .crashed(.abort)) }
        world.settle()
        _ = world.add(HotWorld.noop, due: world.now + .seconds(86_400))
        let run = world.add(policy: Self.before)
        let turn = try #require(world.state.nextTurn(after: world.now))
        #expect(turn < world.now + .seconds(3_600))
        world.pass(turn - world.now)
        #expect(try world.running == [step(world, of: run).id])
    }

    @Test func `a step that the store refuses leaves its run where the store has it`() throws {
        var world = HotWorld()
        world.call(.setQueue("default", slots: nil, paused: true))
        let run = world.add(policy: Self.before)
        world.call(.setQueue("default", slots: nil, paused: false))
        world.refuseCommit()
        world.settle()
        world.end(try step(world, of: run).id)
        world.settle()
        #expect(world.running == [run])
    }

    @Test func `a run whose step has begun does not expire, and its step does in its place`() throws {
        var world = HotWorld(slots: 1)
        var policy = Self.before
        policy.notAfter = .seconds(10)
        let run = world.add(policy: policy)
        let late = world.add(policy: policy)
        world.pass(.seconds(11))
        #expect(world.stateOf(run) == .pending)
        #expect(world.stateOf(late)?.isEnd == true)
        world.end(try step(world, of: run).id)
        world.settle()
        #expect(world.running == [run])
    }

    @Test func `the next run of a job waits while the one before it is at its pre-step`() throws {
        var world = HotWorld()
        let job = JobDefinition(
            name: "j", component: "basic/slow", schedule: .every(.seconds(10)), policy: Self.before, overlap: .queue(3))
        world.call(.apply([job], source: "api", prune: false))
        world.settle()
        world.pass(.seconds(10))
        world.pass(.seconds(10))
        #expect(world.rows.runs.values.count { $0.jobName == "j" } == 2)
        #expect(world.rows.runs.values.count { $0.source == .step } == 1)
        var next = HotWorld(rows: world.rows)
        next.pass(.seconds(1))
        #expect(next.rows.runs.values.count { $0.source == .step } == 1, "the next host knows it too")
    }

    // MARK: After

    @Test(arguments: [Outcome.succeeded, .failed(retryable: false)])
    func `a post-step runs after the end and is told how it was`(outcome: Outcome) throws {
        var world = HotWorld()
        let run = world.add(policy: Self.after)
        world.end(run, outcome)
        let batch = world.takeBatch()
        #expect(batch.mutations.count == 1, "stored with the end")
        world.send(.committed(batch.tags, world.store(batch)))
        world.settle()
        let step = try step(world, of: run)
        #expect(world.running == [step.id] && step.cause == run && step.parent == nil)
        let end = outcome == .succeeded ? "succeeded" : "failed"
        #expect(step.params == Array(#"{"end":"\#(end)"}"#.utf8))
    }

    @Test func `a post-step that fails leaves the end as it was, and a warning`() throws {
        var world = HotWorld()
        let run = world.add(policy: Self.after)
        world.end(run)
        world.settle()
        let step = try step(world, of: run).id
        world.end(step, .failed(retryable: false))
        world.settle()
        #expect(world.stateOf(run) == .succeeded && world.stateOf(step) == .failed)
        #expect(world.rows.warnings.map(\.run) == [run])
        #expect(world.rows.warnings.first?.words.hasPrefix("its post-step, run \(step), failed") == true)
    }

    @Test func `every end without an attempt is followed by the post-step too`() throws {
        var world = HotWorld()
        world.call(.changeQueue("default", QueueChange(paused: true)))
        var expiring = Self.after
        expiring.notAfter = .seconds(5)
        let cancelled = world.add(policy: Self.after)
        let expired = world.add(policy: expiring)
        _ = world.cancel(cancelled)
        world.pass(.seconds(6))
        #expect(world.stateOf(cancelled) == .cancelled && world.stateOf(expired) == .expired)
        #expect(steps(world, of: cancelled).count == 1 && steps(world, of: expired).count == 1)
    }

    @Test func `a run that a later one of its job replaces has its post-step, also where memory has lost sight of it`()
        throws
    {
        var world = HotWorld()
        var policy = Self.after
        policy.onUnknown = .hold
        let job = JobDefinition(
            name: "j", component: "basic/slow", schedule: .every(.seconds(10)), policy: policy, overlap: .replace)
        world.call(.apply([job], source: "api", prune: false))
        world.settle()
        world.pass(.seconds(10))
        let first = try #require(world.running.first)
        world.end(first, .crashed(.abort))
        world.settle()
        #expect(world.stateOf(first) == .held)
        world.pass(.seconds(10))
        #expect(world.stateOf(first) == .cancelled && steps(world, of: first).count == 1)
    }

    // MARK: What cannot work

    @Test func `a job is warned of steps and follow-ups that are not there, or whose params do not fit`() throws {
        var strict = HotWorld.component("basic/strict")
        strict.schema = try ParamsSchema(#"{"properties":{"run":{"type":"integer"}},"additionalProperties":false}"#)
        var world = HotWorld(components: [HotWorld.slow, strict])
        let policy = RunPolicy(
            onSuccess: FollowUp(.component("basic/strict"), params: #"{"run":"${run.id}"}"#),
            onFailure: FollowUp(.job("second")), preStep: .run(Step(strict.name, params: #"{"run":"x"}"#)),
            postStep: .run(Step(HotWorld.noop.name)))
        let jobs = [
            JobDefinition(name: "first", component: "basic/slow", policy: policy),
            JobDefinition(name: "second", component: "basic/slow"),
        ]
        let ticket = world.call(.apply(jobs, source: "api", prune: false))
        world.settle()
        guard case .report(let report) = world.replies[ticket] else {
            Issue.record("\(String(describing: world.replies[ticket]))")
            return
        }
        #expect(report.warnings.count == 2)
        #expect(report.warnings.first?.contains("its params do not fit basic/strict") == true, "\(report.warnings)")
        #expect(report.warnings.last?.contains("no plugin offers basic/noop") == true)
    }

    // MARK: Whose

    @Test func `a queue's steps are for runs that say nothing, and for no children, steps or runs that want none`()
        throws
    {
        var world = HotWorld()
        let step = Step(HotWorld.noop.name)
        world.call(.changeQueue("default", QueueChange(preStep: .to(step), postStep: .to(step))))
        world.settle()
        let none = world.add(policy: RunPolicy(preStep: .nothing, postStep: .nothing))
        #expect(world.running == [none])
        let run = world.add()
        let first = try self.step(world, of: run).id
        #expect(world.running == [none, first])
        world.end(first)
        world.settle()
        world.end(run)
        world.settle()
        world.end(try self.step(world, of: run).id)
        world.settle()
        #expect(world.rows.runs.values.count { $0.source == .step } == 2, "steps have no steps")
        world.call(.changeQueue("default", QueueChange(preStep: QueueChange.Setting.none)))
        let later = world.add()
        #expect(world.running.contains(later))
    }
}
