import GuestPool
import JobModel
import JobStore
import PluginCatalog
import Testing

@testable import JobEngine

struct HotStateRunTests {
    // MARK: Accepting and order

    @Test func `accept and start share one batch when a slot is idle`() throws {
        var world = HotWorld()
        let ticket = world.enqueue()
        let batch = world.takeBatch()
        #expect(batch.mutations.count == 2)
        guard case .insert(let record) = batch.mutations.first, case .start(record.id, 1, _) = batch.mutations.last
        else {
            Issue.record("not an insert and its start")
            return
        }
        #expect(world.replies[ticket] == nil, "told before the commit")
        #expect(world.orders.isEmpty, "sent before the commit")
        world.send(.committed(batch.tags, world.store(batch)))
        guard case .accepted(let results) = world.replies[ticket],
            case .created(let made) = try #require(results.first), made.value == record
        else {
            Issue.record("not accepted")
            return
        }
        #expect(world.running == [record.id])
    }

    @Test func `runs go by priority, then due time, then id`() {
        var world = HotWorld(slots: 1)
        let first = world.add()
        let late = world.add(due: world.now + .milliseconds(2))
        let early = world.add(due: world.now + .milliseconds(1))
        let twin = world.add(due: world.now + .milliseconds(1))
        let urgent = world.add(HotWorld.once, priority: 5)
        world.pass(.milliseconds(5))
        var order: [RunID] = []
        while let run = world.running.first {
            order.append(run)
            world.end(run)
            world.settle()
        }
        #expect(order == [first, urgent, early, twin, late])
    }

    @Test func `a run due later waits for its time`() {
        var world = HotWorld()
        let due = world.now + .seconds(10)
        let run = world.add(due: due)
        #expect(world.running.isEmpty)
        #expect(world.state.nextTurn(after: world.now) == due)
        world.pass(.seconds(10))
        #expect(world.running == [run])
    }

    @Test func `an unknown queue is refused and the rest is stored`() {
        var world = HotWorld()
        let ticket = world.call(
            .enqueue([
                RunRequest(component: HotWorld.slow.name, queue: "nowhere"), RunRequest(component: HotWorld.slow.name),
            ]))
        world.settle()
        guard case .accepted(let results) = world.replies[ticket], results.count == 2,
            case .refused(.queueNotFound("nowhere")) = results[0], case .created = results[1]
        else {
            Issue.record("\(String(describing: world.replies[ticket]))")
            return
        }
    }

    @Test func `a unique key that is taken answers with the run that has it`() {
        var world = HotWorld()
        world.enqueue(key: "k")
        world.settle()
        let ticket = world.enqueue(key: "k")
        world.settle()
        guard case .accepted(let results) = world.replies[ticket], case .existing(1) = results.first else {
            Issue.record("\(String(describing: world.replies[ticket]))")
            return
        }
        #expect(world.running == [1])
        #expect(world.state.runs.count == 1)
        #expect(world.state.slots.map(\.held).reduce(0, +) == 1, "a start was tried")
    }

    // MARK: Slots

    @Test func `no more attempts run at once than a queue has slots`() {
        var world = HotWorld(slots: 2)
        for _ in 0..<5 { _ = world.add() }
        #expect(world.orders.count == 2)
        #expect(Set(world.orders.map(\.slot)).count == 2)
        world.end(world.running[0])
        world.settle()
        #expect(world.orders.count == 2)
    }

    @Test func `a wider queue takes more at once, a narrower one lets attempts finish`() {
        var world = HotWorld(slots: 1)
        for _ in 0..<6 { _ = world.add() }
        world.call(.setQueue("default", slots: 3, paused: nil))
        world.settle()
        #expect(world.orders.count == 3)
        world.call(.setQueue("default", slots: 1, paused: nil))
        world.settle()
        #expect(world.orders.count == 3)
        world.end(world.running[0])
        world.settle()
        world.end(world.running[0])
        world.settle()
        #expect(world.orders.count == 1)
        world.end(world.running[0])
        world.settle()
        #expect(world.orders.count == 1)
    }

    @Test func `a paused queue starts nothing and goes on when resumed`() {
        var world = HotWorld()
        world.call(.setQueue("default", slots: nil, paused: true))
        let run = world.add()
        #expect(world.running.isEmpty)
        world.call(.setQueue("default", slots: nil, paused: false))
        world.settle()
        #expect(world.running == [run])
    }

    @Test func `a place without its run does not stop the queue`() {
        var world = HotWorld(slots: 1)
        let first = world.add()
        let lost = world.add()
        let next = world.add()
        world.forget(lost)
        world.end(first)
        world.settle()
        #expect(world.running == [next])
        #expect(world.complaints.count == 1)
    }

    @Test func `queues have slots of their own`() {
        var world = HotWorld(slots: 1)
        world.call(.setQueue("other", slots: 1, paused: nil))
        let first = world.add()
        let second = world.add(queue: "other")
        #expect(world.running == [first, second])
        #expect(Set(world.orders.map(\.slot)).count == 2)
    }

    @Test func `a slot is given to a run whose guest it holds, if it is idle`() {
        var world = HotWorld(slots: 2)
        let slow = world.add(HotWorld.slow)
        let once = world.add(HotWorld.once)
        let slotOfOnce = world.orders.last?.slot
        world.end(slow)
        world.end(once)
        world.settle()
        _ = world.add(HotWorld.once)
        #expect(world.orders.last?.slot == slotOfOnce)
    }

    // MARK: Components

    @Test func `runs of a component that is not there wait until a plugin offers it`() {
        var world = HotWorld(components: [])
        let run = world.add()
        #expect(world.running.isEmpty)
        world.send(.catalog(HotWorld.catalog([HotWorld.slow])))
        world.settle()
        #expect(world.running == [run])
    }

    @Test func `a start that was reserved for a library that went away is taken back`() {
        var world = HotWorld(slots: 1)
        world.enqueue()
        let batch = world.takeBatch()
        world.send(.catalog(HotWorld.catalog([])))
        world.send(.committed(batch.tags, world.store(batch)))
        world.settle()
        #expect(world.orders.isEmpty)
        #expect(world.rows.runs[1]?.counters == RunCounters())
        world.send(.catalog(HotWorld.catalog([HotWorld.component("basic/slow", digest: "d2")])))
        world.settle()
        #expect(world.orders.map(\.key) == [AttemptKey(run: 1, number: 1)])
        #expect(world.rows.runs[1]?.counters == RunCounters(starts: 1))
    }

    // MARK: Sending ahead

    @Test func `quick attempts are sent ahead when no slot is idle`() {
        var world = HotWorld(slots: 1)
        world.warmUp(HotWorld.noop)
        for _ in 0..<10 { _ = world.add(HotWorld.noop) }
        #expect(world.orders.count == 10)
        #expect(Set(world.orders.map(\.slot)).count == 1)
    }

    @Test func `no more is sent ahead than a millisecond of work`() {
        var world = HotWorld(slots: 1)
        world.warmUp(HotWorld.noop)
        for _ in 0..<300 { world.enqueue(HotWorld.noop) }
        world.settle()
        #expect(world.orders.count == 100, "10 µs each")
    }

    @Test func `another component is not sent behind a running attempt`() {
        var world = HotWorld(slots: 1)
        world.warmUp(HotWorld.noop)
        let first = world.add(HotWorld.noop)
        _ = world.add(HotWorld.slow)
        #expect(world.running == [first])
    }

    @Test func `a component that printed is not sent ahead`() {
        var world = HotWorld(slots: 1)
        world.warmUp(HotWorld.noop)
        let run = world.add(HotWorld.noop)
        let key = AttemptKey(run: run, number: 1)
        world.send(
            .guests([
                .ended(key, AttemptEnd(outcome: .succeeded, startedAt: world.now, finishedAt: world.now, printed: true))
            ]))
        world.settle()
        let before = world.orders.count
        for _ in 0..<3 { _ = world.add(HotWorld.noop) }
        #expect(world.orders.count == before + 1)
    }

    @Test func `what was sent ahead and never started is pending at its old place with no counter touched`() {
        var world = HotWorld(slots: 1)
        world.warmUp(HotWorld.noop)
        let first = world.add(HotWorld.noop)
        let second = world.add(HotWorld.noop)
        let due = world.rows.runs[second]?.due
        world.call(.setQueue("default", slots: nil, paused: true))
        world.giveBack(second)
        world.settle()
        #expect(world.rows.runs[second]?.state == .pending)
        #expect(world.rows.runs[second]?.counters == RunCounters())
        #expect(world.rows.runs[second]?.due == due)
        world.call(.setQueue("default", slots: nil, paused: false))
        world.settle()
        #expect(world.running == [first, second])
        #expect(world.orders.last?.key.number == 1)
    }

    // MARK: Expiry

    @Test func `a run that did not start in time expires`() {
        var world = HotWorld(slots: 1)
        _ = world.add()
        var policy = RunPolicy.standard
        policy.notAfter = .seconds(5)
        let run = world.add(policy: policy)
        #expect(world.state.nextTurn(after: world.now) == world.now + .seconds(5))
        world.pass(.seconds(4))
        #expect(world.stateOf(run) == .pending)
        world.pass(.seconds(1))
        #expect(world.stateOf(run) == .expired)
        #expect(world.rows.runs[run]?.reason == "did not start within 5s after it was due")
    }

    // MARK: Windows

    @Test func `a run that was put off does not start before that is stored`() {
        var world = HotWorld(slots: 1)
        let first = world.add()
        let run = world.add()
        let ticket = world.call(.edit(run, RunEdit(due: world.now + .seconds(7200)), By(actor: "cli")))
        world.end(first)
        world.settle()
        #expect(world.isDone(ticket) && world.running.isEmpty && world.stateOf(run) == .pending)
        world.pass(.seconds(7200))
        #expect(world.running == [run] && world.complaints.isEmpty)
    }

    @Test func `a run that could not be put off, or is cancelled meanwhile, is where the store has it`() {
        var world = HotWorld(slots: 1)
        let first = world.add()
        let runs = [world.add(), world.add()]
        let ticket = world.call(.edit(runs[0], RunEdit(due: world.now + .seconds(7200)), By(actor: "cli")))
        world.refuseCommit()
        guard case .wrongState = world.replies[ticket] else {
            Issue.record("\(String(describing: world.replies[ticket]))")
            return
        }
        world.settle()
        world.call(.edit(runs[1], RunEdit(due: world.now + .seconds(7200)), By(actor: "cli")))
        _ = world.cancel(runs[1])
        world.settle()
        world.end(first)
        world.settle()
        #expect(world.running == [runs[0]] && world.stateOf(runs[1]) == .cancelled)
        #expect(world.complaints.isEmpty)
    }

    @Test func `a run that was given another go from an old record goes all the same`() throws {
        var world = HotWorld(slots: 1, capacity: 4)
        let run = world.add()
        world.end(run, .failed(retryable: false))
        world.settle()
        let old = try #require(world.rows.runs[run])
        let by = By(actor: "cli")
        world.call(.reopen(old, by))
        world.settle()
        world.end(run, .failed(retryable: false))
        world.settle()
        let others = (0..<6).map { _ in world.add() }
        world.call(.reopen(old, by))
        world.settle()
        var order: [RunID] = []
        while let next = world.running.first {
            order.append(next)
            world.end(next)
            world.settle()
        }
        #expect(order.sorted() == [run] + others)
        #expect(world.rows.runs[run]?.counters.starts == 3)
        #expect(world.complaints.isEmpty, "the store says what it is like now")
    }

    @Test(arguments: [false, true])
    func `a run that was edited after it was read goes again as it was edited`(isPaused: Bool) throws {
        var world = HotWorld(slots: 1)
        let blocker = isPaused ? world.add() : 0
        let run = world.add()
        let by = By(actor: "cli")
        if isPaused {
            world.call(.pause(run, by))
        } else {
            world.end(run, .failed(retryable: false))
        }
        world.settle()
        let old = try #require(world.rows.runs[run])
        let policy = RunPolicy(timeout: .seconds(7))
        world.call(.edit(run, RunEdit(params: Array(#"{"new":1}"#.utf8), policy: policy), by))
        world.settle()
        world.call(isPaused ? .resume(old, by) : .reopen(old, by))
        world.settle()
        if isPaused {
            world.end(blocker)
            world.settle()
        }
        let order = try #require(world.orders.first)
        #expect(order.key.run == run && order.params == Array(#"{"new":1}"#.utf8))
        #expect(order.limit == .seconds(7))
    }

    @Test func `what a run brought before is not kept while it waits to go again`() throws {
        var world = HotWorld(slots: 1)
        let blocker = world.add()
        var old = RunRecord(
            id: 90, component: HotWorld.slow.name, queue: "default", due: world.now, createdAt: world.now, params: [])
        old.state = .failed
        old.output = [1, 2, 3]
        world.call(.reopen(old, By(actor: "cli")))
        guard case .reopen(let known, _) = try #require(world.state.batch.tags.first) else {
            Issue.record("\(world.state.batch.tags)")
            return
        }
        #expect(known.output.isEmpty && world.running == [blocker])
    }

    // MARK: A store of another mind

    @Test func `an end that the store refuses leaves nothing that could hold up its job`() throws {
        var world = HotWorld(slots: 1)
        let job = JobDefinition(name: "narrow", component: "basic/slow", atOnce: 1)
        world.call(.apply([job], source: "api", prune: false))
        world.call(.trigger(job: "narrow"))
        world.settle()
        world.end(try #require(world.running.first))
        world.refuseCommit()
        #expect(world.state.openRuns.isEmpty && world.state.runs.isEmpty && world.complaints.count == 1)
    }

    @Test func `a start that the store does not take back keeps no host from ending`() throws {
        var world = HotWorld(slots: 1)
        let run = world.add()
        world.giveBack(run)
        world.refuseCommit()
        world.send(.drain)
        world.settle()
        #expect(world.state.isDrained && world.complaints.count == 1)
    }

    @Test func `a lane the store would not read is asked for again`() {
        var first = HotWorld(slots: 1)
        first.call(.setQueue("default", slots: nil, paused: true))
        let old = first.add()
        var world = HotWorld(slots: 1, rows: first.rows, settled: false)
        let refused = world.takeBatch()
        #expect(refused.mutations.count == 1)
        world.enqueue()
        world.send(.committed(refused.tags, [.refused("no")]))
        #expect(world.complaints == ["the store refused to read on in queue default: no"])
        world.call(.setQueue("default", slots: 2, paused: false))
        world.settle()
        #expect(world.running == [old, old + 1])
    }

    @Test func `more runs than a window holds are all run, in order`() {
        var world = HotWorld(slots: 1, capacity: 8)
        var expected: [RunID] = []
        for _ in 0..<100 { expected.append(world.add()) }
        #expect(world.state.runs.count <= 10)
        var order: [RunID] = []
        while let run = world.running.first {
            order.append(run)
            world.end(run)
            world.settle()
        }
        #expect(order == expected)
        #expect(world.rows.runs.values.allSatisfy { $0.state == .succeeded })
    }

    @Test func `runs left by an earlier host are taken up in order`() {
        var first = HotWorld(slots: 1, capacity: 8)
        first.call(.setQueue("default", slots: nil, paused: true))
        var expected: [RunID] = []
        for _ in 0..<50 { expected.append(first.add()) }
        var second = HotWorld(slots: 1, capacity: 8, rows: first.rows)
        second.call(.setQueue("default", slots: nil, paused: false))
        second.settle()
        var order: [RunID] = []
        while let run = second.running.first {
            order.append(run)
            second.end(run)
            second.settle()
        }
        #expect(order == expected)
    }
}
