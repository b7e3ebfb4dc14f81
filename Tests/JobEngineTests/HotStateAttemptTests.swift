import GuestPool
import JobModel
import JobStore
import Testing

@testable import JobEngine

struct HotStateAttemptTests {
    // MARK: What follows an attempt

    @Test func `a success ends the run, told after the commit`() {
        var world = HotWorld()
        let run = world.add()
        world.end(run)
        #expect(!world.told(run, .succeeded))
        world.settle()
        #expect(world.told(run, .succeeded))
        #expect(world.stateOf(run) == .succeeded)
        #expect(world.rows.attempts.map(\.number) == [1])
        #expect(world.state.runs.isEmpty)
    }

    @Test func `a slot is free for the next run before the end is committed`() {
        var world = HotWorld(slots: 1)
        let first = world.add()
        let second = world.add()
        world.end(first)
        let batch = world.takeBatch()
        #expect(batch.mutations.count == 2, "the end of the first and the start of the second")
        world.send(.committed(batch.tags, world.store(batch)))
        #expect(world.running == [second])
    }

    @Test func `a failure that may be retried goes back to its lane for later`() throws {
        var world = HotWorld()
        let run = world.add()
        world.end(run, .failed(retryable: true))
        world.settle()
        #expect(world.stateOf(run) == .pending)
        #expect(world.running.isEmpty)
        let due = try #require(world.rows.runs[run]?.due)
        #expect(due > world.now)
        #expect(world.state.nextTurn(after: world.now) == due)
        world.pass(due - world.now)
        #expect(world.orders.map(\.key) == [AttemptKey(run: run, number: 2)])
        #expect(world.rows.runs[run]?.counters.failures == 1)
    }

    @Test func `a permanent failure ends the run`() {
        var world = HotWorld()
        let run = world.add()
        world.end(run, .failed(retryable: false))
        world.settle()
        #expect(world.stateOf(run) == .failed)
    }

    @Test func `a crash of what cannot be repeated holds the run until somebody retries it`() {
        var world = HotWorld()
        let run = world.add(HotWorld.once)
        world.end(run, .crashed(.memoryFault))
        world.settle()
        #expect(world.stateOf(run) == .held)
        #expect(world.rows.runs[run]?.reason?.isEmpty == false)
        guard let record = world.rows.runs[run] else { return }
        let ticket = world.call(.reopen(record, By(actor: "cli")))
        world.settle()
        #expect(world.isDone(ticket))
        #expect(world.orders.map(\.key) == [AttemptKey(run: run, number: 2)])
        #expect(world.rows.runs[run]?.counters.crashes == 0)
    }

    @Test func `a run that still goes cannot be retried`() throws {
        var world = HotWorld()
        let run = world.add()
        let record = try #require(world.rows.runs[run])
        let ticket = world.call(.reopen(record, By(actor: "cli")))
        guard case .wrongState = world.replies[ticket] else {
            Issue.record("\(String(describing: world.replies[ticket]))")
            return
        }
    }

    @Test func `what the pool says of an attempt that does not run is ignored and complained about`() {
        var world = HotWorld()
        let run = world.add()
        let stray = AttemptKey(run: run, number: 7)
        let end = AttemptEnd(outcome: .succeeded, startedAt: world.now, finishedAt: world.now)
        world.send(.guests([.ended(stray, end), .neverStarted(stray)]))
        #expect(world.complaints.count == 2)
        #expect(world.running == [run])
        #expect(world.stateOf(run) == .running)
    }

    @Test func `attempts, crashes and the latency of starts are counted`() {
        var world = HotWorld()
        for outcome in [Outcome.succeeded, .crashed(.abort)] {
            let run = world.add()
            world.now = world.now + .milliseconds(3)
            world.end(run, outcome)
            world.settle()
        }
        let ticket = world.call(.figures)
        guard case .figures(let figures) = world.replies[ticket] else { return }
        #expect(figures.attempts == 2)
        #expect(figures.crashes == 1)
        #expect(figures.accepted == 2)
        #expect(figures.startLatency == .milliseconds(3))
    }

    // MARK: Cancelling

    @Test func `a waiting run is cancelled at once, told after the commit`() {
        var world = HotWorld(slots: 1)
        let first = world.add()
        let run = world.add()
        let ticket = world.cancel(run)
        #expect(world.replies[ticket] == nil)
        world.settle()
        #expect(world.isDone(ticket))
        #expect(world.stateOf(run) == .cancelled)
        world.end(first)
        world.settle()
        #expect(world.running.isEmpty)
        #expect(world.state.runs.isEmpty)
    }

    @Test func `a run whose start is on its way is cancelled without an attempt`() {
        var world = HotWorld()
        world.enqueue()
        let batch = world.takeBatch()
        let ticket = world.call(.cancel(1, By(actor: "cli")))
        world.send(.committed(batch.tags, world.store(batch)))
        #expect(world.orders.isEmpty)
        world.settle()
        #expect(world.isDone(ticket))
        #expect(world.stateOf(1) == .cancelled)
        #expect(world.rows.runs[1]?.counters.starts == 0)
    }

    @Test func `a running run is asked to end, once, and is cancelled when it does`() {
        var world = HotWorld()
        let run = world.add()
        let first = world.cancel(run)
        let second = world.cancel(run)
        #expect(!world.isDone(first) && !world.isDone(second))
        world.settle()
        #expect(world.isDone(first) && world.isDone(second))
        #expect(world.ends.map(\.reason) == [.cancel])
        world.end(run, .timedOut)
        world.settle()
        #expect(world.stateOf(run) == .cancelled)
        #expect(world.rows.runs[run]?.reason == "cancelled by cli: no more")
    }

    @Test func `a running run that was cancelled is not run again when the host dies before it has ended`() {
        var world = HotWorld()
        let run = world.add()
        _ = world.cancel(run)
        world.settle()
        var next = HotWorld(rows: world.rows)
        #expect(next.running.isEmpty)
        #expect(next.stateOf(run) == .cancelled)
        #expect(next.rows.runs[run]?.reason == "cancelled by cli: no more")
        #expect(next.rows.attempts.map(\.end.outcome) == [.interrupted(.hostDied)])
        next.pass(.seconds(60))
        #expect(next.running.isEmpty)
    }

    @Test func `a run that was cancelled and given back is closed when the host dies between the two`() {
        var world = HotWorld(slots: 1)
        world.warmUp(HotWorld.noop)
        _ = world.add(HotWorld.noop)
        let run = world.add(HotWorld.noop)
        _ = world.cancel(run)
        world.settle()
        world.giveBack(run)
        world.commit()
        #expect(world.stateOf(run) == .pending)
        let next = HotWorld(rows: world.rows)
        #expect(next.stateOf(run) == .cancelled)
        #expect(!next.running.contains(run))
    }

    @Test func `a cancel says nothing about the next go of a run`() {
        var world = HotWorld()
        let run = world.add()
        _ = world.cancel(run)
        world.end(run, .cancelled)
        world.settle()
        #expect(world.stateOf(run) == .cancelled)
        if let record = world.rows.runs[run] { world.call(.reopen(record, By(actor: "cli"))) }
        world.settle()
        #expect(world.running == [run])
        let next = HotWorld(rows: world.rows)
        #expect(next.running == [run])
    }

    @Test func `a run that succeeds although it was asked to end has succeeded`() {
        var world = HotWorld()
        let run = world.add()
        _ = world.cancel(run)
        world.end(run)
        world.settle()
        #expect(world.stateOf(run) == .succeeded)
    }

    @Test func `a run that was sent ahead and is taken back is cancelled`() {
        var world = HotWorld(slots: 1)
        world.warmUp(HotWorld.noop)
        _ = world.add(HotWorld.noop)
        let run = world.add(HotWorld.noop)
        _ = world.cancel(run)
        world.giveBack(run)
        world.settle()
        #expect(world.stateOf(run) == .cancelled)
    }

    @Test func `a run whose failed attempt is on its way to the store is not retried once cancelled`() {
        var world = HotWorld()
        let run = world.add()
        world.end(run, .failed(retryable: true))
        let ticket = world.cancel(run)
        world.settle()
        #expect(world.stateOf(run) == .cancelled)
        #expect(world.isDone(ticket))
    }

    @Test func `a run that ends well before the cancel is stored cannot be cancelled`() {
        var world = HotWorld()
        let run = world.add()
        world.end(run)
        let ticket = world.cancel(run)
        world.settle()
        guard case .wrongState = world.replies[ticket] else {
            Issue.record("\(String(describing: world.replies[ticket]))")
            return
        }
    }

    @Test func `a run behind its lane's window is cancelled and never comes back`() {
        var world = HotWorld(slots: 1, capacity: 4)
        var all: [RunID] = []
        for _ in 0..<20 { all.append(world.add()) }
        let ticket = world.cancel(all[15])
        world.settle()
        #expect(world.isDone(ticket))
        var order: [RunID] = []
        while let run = world.running.first {
            order.append(run)
            world.end(run)
            world.settle()
        }
        #expect(order == all.filter { $0 != all[15] })
    }

    @Test func `a cancel that crosses a refill wins`() throws {
        var first = HotWorld()
        first.call(.setQueue("default", slots: nil, paused: true))
        let run = first.add()
        var second = HotWorld(rows: first.rows, settled: false)
        second.call(.setQueue("default", slots: nil, paused: false))
        // The lane is read before the cancel is made, and the answer comes after.
        let refill = second.takeBatch()
        let answers = second.store(refill)
        let ticket = second.cancel(run)
        second.send(.committed(refill.tags, answers))
        second.settle()
        #expect(second.isDone(ticket))
        #expect(second.stateOf(run) == .cancelled)
        #expect(second.state.runs.isEmpty)
        #expect(second.state.slots.allSatisfy { $0.held == 0 }, "a start was tried")
    }

    // MARK: Other ends of a host

    @Test func `runs found running are interrupted and go again`() {
        var first = HotWorld()
        let run = first.add()
        var second = HotWorld(rows: first.rows)
        #expect(second.rows.attempts.map(\.end.outcome) == [.interrupted(.hostDied)])
        #expect(second.orders.map(\.key) == [AttemptKey(run: run, number: 2)])
        second.end(run)
        second.settle()
        #expect(second.stateOf(run) == .succeeded)
        #expect(second.rows.runs[run]?.counters == RunCounters(starts: 2, interruptions: 1))
    }

    @Test func `runs found running whose effect cannot be known are held`() {
        var first = HotWorld()
        let run = first.add(HotWorld.once)
        let second = HotWorld(rows: first.rows)
        #expect(second.stateOf(run) == .held)
        #expect(second.orders.isEmpty)
    }

    @Test func `ids go on after the highest ever used`() {
        var first = HotWorld()
        let run = first.add()
        var second = HotWorld(rows: first.rows)
        #expect(second.add() == run + 1)
    }

    @Test func `shutdown lets attempts finish, starts nothing, and refuses what comes`() {
        var world = HotWorld(slots: 1)
        let first = world.add()
        let second = world.add()
        world.send(.shutdown)
        #expect(!world.state.isDrained)
        let ticket = world.enqueue()
        guard case .failed(.stopping) = world.replies[ticket] else {
            Issue.record("not refused")
            return
        }
        world.end(first)
        world.settle()
        #expect(world.state.isDrained)
        #expect(world.stateOf(first) == .succeeded)
        #expect(world.stateOf(second) == .pending)
    }

    @Test func `attempts that outlast the drain are ended and their runs wait for the next host`() {
        var world = HotWorld()
        let run = world.add()
        world.send(.shutdown)
        #expect(world.state.nextTurn(after: world.now) == world.now + .seconds(30))
        world.pass(.seconds(30))
        #expect(world.ends.map(\.reason) == [.shutdown])
        #expect(world.state.nextTurn(after: world.now) == nil)
        world.end(run, .interrupted(.shutdown))
        world.settle()
        #expect(world.state.isDrained)
        #expect(world.stateOf(run) == .pending)
        #expect(world.rows.runs[run]?.counters.interruptions == 1)
    }

    // MARK: A store that fails

    @Test func `a failed commit answers everybody who waits and keeps nothing`() {
        var world = HotWorld()
        let accepted = world.enqueue()
        let applied = world.call(.setQueue("other", slots: 1, paused: nil))
        world.failCommit()
        for ticket in [accepted, applied] {
            guard case .failed(.store(.failed)) = world.replies[ticket] else {
                Issue.record("\(String(describing: world.replies[ticket]))")
                return
            }
        }
        #expect(world.orders.isEmpty)
        let refused = world.enqueue()
        guard case .failed(.store) = world.replies[refused] else {
            Issue.record("taken on while the store fails")
            return
        }
        world.reload()
        world.settle()
        #expect(world.rows.runs.isEmpty)
        #expect(world.add() == 2, "an id that was given out is not used again")
        #expect(world.orders.count == 1)
    }

    @Test func `an attempt that ends while the store fails is stored when it answers again`() {
        var world = HotWorld(slots: 1)
        let run = world.add()
        let next = world.add()
        world.enqueue()
        world.failCommit()
        world.end(run)
        #expect(world.stateOf(run) == .running)
        world.reload()
        world.settle()
        #expect(world.stateOf(run) == .succeeded)
        #expect(world.running == [next])
    }

    @Test func `an attempt goes on through a failed commit and keeps its slot`() {
        var world = HotWorld(slots: 1)
        let run = world.add()
        let next = world.add()
        world.enqueue()
        world.failCommit()
        world.reload()
        world.settle()
        #expect(world.running == [run])
        world.end(run)
        world.settle()
        #expect(world.running == [next])
    }

    @Test func `a queue that was made narrower keeps its busy slots through a failed commit`() {
        var world = HotWorld(slots: 2)
        let runs = [world.add(), world.add(), world.add()]
        world.call(.setQueue("default", slots: 1, paused: nil))
        world.settle()
        world.enqueue()
        world.failCommit()
        world.reload()
        world.settle()
        #expect(world.running == [runs[0], runs[1]])
        world.end(runs[0])
        world.settle()
        #expect(world.running == [runs[1]])
        world.end(runs[1])
        world.settle()
        #expect(world.running == [runs[2]])
        world.end(runs[2])
        world.settle()
        #expect(world.state.slots.allSatisfy { $0.held == 0 })
    }

    @Test func `a start that was stored and never sent is taken back after a reload`() {
        var world = HotWorld(slots: 1)
        world.enqueue()
        let start = world.takeBatch()
        _ = world.store(start)
        // The start was stored, but its answer is lost with the store.
        world.send(.commitFailed(start.tags, .failed(reason: "gone")))
        world.reload()
        world.settle()
        #expect(world.orders.map(\.key) == [AttemptKey(run: 1, number: 1)])
        #expect(world.rows.attempts.isEmpty)
    }
}

extension HotWorld {
    fileprivate func told(_ run: RunID, _ state: RunState) -> Bool {
        announcements.contains { announcement in
            if case .run(run, state, _, _) = announcement { true } else { false }
        }
    }
}
