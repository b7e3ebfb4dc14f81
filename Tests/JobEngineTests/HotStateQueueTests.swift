import GuestPool
import JobModel
import JobStore
import PluginCatalog
import Testing

@testable import JobEngine

struct HotStateQueueTests {
    private func accepted(_ world: HotWorld, _ ticket: Ticket) -> [Accepted] {
        guard case .accepted(let results) = world.replies[ticket] else { return [] }
        return results
    }

    // MARK: Unique keys

    @Test func `a duplicate replaces the params of a run that has not started`() throws {
        var world = HotWorld(slots: 1)
        let busy = world.add()
        world.enqueue(key: "k", params: #"{"v":1}"#)
        world.settle()
        let ticket = world.enqueue(key: "k", onDuplicate: .replace, params: #"{"v":2}"#)
        world.settle()
        guard case .replaced(let run) = try #require(accepted(world, ticket).first) else {
            Issue.record("\(String(describing: world.replies[ticket]))")
            return
        }
        #expect(run.params == Array(#"{"v":2}"#.utf8))
        world.end(busy)
        world.settle()
        #expect(world.orders.map(\.params) == [Array(#"{"v":2}"#.utf8)], "the guest gets the new params")
    }

    @Test func `params that were replaced while the start was on its way to the store reach the guest`() throws {
        var world = HotWorld(slots: 1)
        let busy = world.add()
        world.enqueue(key: "k", params: #"{"v":1}"#)
        world.settle()
        // The replacement is at the store, unanswered, when the slot comes free and the start is emitted behind it.
        world.enqueue(key: "k", onDuplicate: .replace, params: #"{"v":2}"#)
        let first = world.takeBatch()
        let answers = world.store(first)
        world.end(busy)
        let second = world.takeBatch()
        let later = world.store(second)
        world.send(.committed(first.tags, answers))
        world.send(.committed(second.tags, later))
        #expect(world.orders.map(\.params) == [Array(#"{"v":2}"#.utf8)])
    }

    @Test(arguments: [DuplicatePolicy.replace, .reject])
    func `a duplicate of a run that has started is refused`(policy: DuplicatePolicy) throws {
        var world = HotWorld()
        world.enqueue(key: "k", params: #"{"v":1}"#)
        world.settle()
        let run = try #require(world.running.first)
        let ticket = world.enqueue(key: "k", onDuplicate: policy, params: #"{"v":2}"#)
        world.settle()
        guard case .refused(.keyTaken("k", by: run)) = try #require(accepted(world, ticket).first) else {
            Issue.record("\(String(describing: world.replies[ticket]))")
            return
        }
        #expect(world.rows.runs.count == 1)
        world.end(run)
        world.settle()
        let again = world.enqueue(key: "k", onDuplicate: policy)
        world.settle()
        guard case .created = try #require(accepted(world, again).first) else {
            Issue.record("the key is free once its run has ended")
            return
        }
    }

    // MARK: Aging

    private func order(_ world: inout HotWorld, _ count: Int, each: Duration) -> [RunID] {
        var order: [RunID] = []
        while order.count < count, let run = world.running.first {
            order.append(run)
            world.now = world.now + each
            world.end(run)
            world.settle()
        }
        return order
    }

    @Test func `a run of low priority that is passed over goes before it starves, once`() {
        var world = HotWorld(slots: 1)
        world.call(.changeQueue("default", QueueChange(aging: .to(.seconds(1)))))
        let first = world.add(priority: 5)
        let low = world.add(HotWorld.once, priority: 0)
        let lower = world.add(HotWorld.once, priority: 0)
        let urgent = (0..<20).map { _ in world.add(priority: 5) }
        let started = order(&world, 23, each: .seconds(1))
        #expect(started.first == first)
        let places = [low, lower].compactMap(started.firstIndex(of:))
        #expect(places.count == 2 && places[0] >= 5 && places[0] <= 7, "\(started)")
        #expect(places[1] - places[0] >= 5, "one that had its turn is young again: \(started)")
        #expect(started.filter(urgent.contains) == urgent, "equals keep their order")
    }

    @Test func `without aging priority is everything`() {
        var world = HotWorld(slots: 1)
        world.call(.changeQueue("default", QueueChange(aging: QueueChange.Setting.none)))
        let first = world.add(priority: 5)
        let low = world.add(priority: 0)
        let urgent = (0..<5).map { _ in world.add(priority: 5) }
        #expect(order(&world, 7, each: .seconds(3600)) == [first] + urgent + [low])
    }

    // MARK: Rate

    @Test func `a rate spreads starts and wakes the engine for the next`() throws {
        var world = HotWorld(slots: 10)
        var rate = try #require(RateLimit(text: "1/s"))
        rate.burst = 2
        world.call(.changeQueue("default", QueueChange(rate: .to(rate))))
        let runs = (0..<4).map { _ in world.add() }
        #expect(world.running == Array(runs.prefix(2)))
        let next = try #require(world.state.nextTurn(after: world.now))
        #expect(next == world.now + .seconds(1))
        world.pass(.seconds(1))
        #expect(world.running == Array(runs.prefix(3)))
        world.call(.changeQueue("default", QueueChange(rate: QueueChange.Setting.none)))
        world.settle()
        #expect(world.running == runs, "taken away at run time, it holds nothing up any more")
    }

    @Test func `a rate begins with hardly anything to spend after a restart`() throws {
        var world = HotWorld(slots: 10)
        var rate = try #require(RateLimit(text: "1/s"))
        rate.burst = 5
        world.call(.changeQueue("default", QueueChange(mode: .paused, rate: .to(rate))))
        world.settle()
        let runs = (0..<5).map { _ in world.add() }
        var next = HotWorld(slots: 10, rows: world.rows, now: world.now)
        next.call(.changeQueue("default", QueueChange(mode: .open)))
        next.settle()
        #expect(next.running == [runs[0]])
    }

    // MARK: Bounds

    @Test func `a full queue refuses what does not fit and takes more when there is room`() throws {
        var world = HotWorld(slots: 1)
        world.call(.changeQueue("default", QueueChange(maxPending: .to(2))))
        let running = world.add()
        let ticket = world.call(.enqueue((0..<4).map { _ in RunRequest(component: HotWorld.slow.name) }))
        world.settle()
        let kinds = accepted(world, ticket).map { result in
            switch result {
            case .created: "created"
            case .refused(.queueFull("default", most: 2, _)): "full"
            default: "\(result)"
            }
        }
        #expect(kinds == ["created", "created", "full", "full"])
        world.end(running)
        world.settle()
        #expect(world.add() > 0, "one started, so there is room for one")
        #expect(world.add() == 0)
    }

    @Test(arguments: [false, true])
    func `a request that makes no run takes no room`(isCounted: Bool) {
        var world = HotWorld(slots: 0)
        world.call(.changeQueue("default", QueueChange(maxPending: .to(10))))
        for _ in 0..<9 { world.enqueue(key: "k") }
        world.settle()
        // A count that is under way looks past the request that makes none.
        if isCounted { world.pass(.seconds(1)) }
        world.enqueue(key: "k")
        if !isCounted { world.settle() }
        world.call(.enqueue((0..<12).map { _ in RunRequest(component: HotWorld.slow.name) }))
        world.settle()
        #expect(world.rows.runs.count == 10)
    }

    @Test func `calls that wait for a count keep their order, and hear when it fails`() throws {
        var world = HotWorld(slots: 1)
        world.call(.changeQueue("default", QueueChange(maxPending: .to(3))))
        world.settle()
        let first = world.enqueue()
        let second = world.enqueue()
        #expect(world.replies[first] == nil)
        world.settle()
        guard case .created(let one) = try #require(accepted(world, first).first),
            case .created(let two) = try #require(accepted(world, second).first)
        else {
            Issue.record("both fit")
            return
        }
        #expect(one.value.id < two.value.id)
        _ = world.add()
        _ = world.add()
        world.pass(.seconds(1))
        let waiting = world.enqueue()
        world.failCommit()
        guard case .failed(.store) = world.replies[waiting] else {
            Issue.record("\(String(describing: world.replies[waiting]))")
            return
        }
        world.reload()
        world.settle()
        #expect(world.add() == 0, "full, as before")
    }

    @Test func `a full queue is not counted for every request, and takes one as soon as one has gone`() throws {
        var world = HotWorld(slots: 1)
        world.call(.changeQueue("default", QueueChange(maxPending: .to(1))))
        let running = world.add()
        let waiting = world.add()
        world.pass(.seconds(1))
        var counts = 0
        for _ in 0..<5 {
            #expect(world.add() == 0)
            world.enqueue()
            counts += world.state.batch.mutations.count { if case .countPending = $0 { true } else { false } }
            world.settle()
        }
        #expect(counts == 0, "one count found it full, and nothing has changed since")
        world.end(running)
        world.settle()
        #expect(world.running == [waiting])
        let next = world.add()
        #expect(next > 0 && world.add() == 0)
        _ = world.cancel(next)
        world.settle()
        #expect(world.add() > 0, "what is cancelled makes room, too")
    }

    @Test func `a full queue answers for a key that is taken as any other, and refuses one that is free`() throws {
        var world = HotWorld(slots: 1)
        world.call(.changeQueue("default", QueueChange(maxPending: .to(1))))
        _ = world.add()
        let keyed = world.enqueue(key: "k", params: #"{"v":1}"#)
        world.settle()
        guard case .created(let holder) = try #require(accepted(world, keyed).first) else {
            Issue.record("it fits")
            return
        }
        func ask(_ key: String, _ policy: DuplicatePolicy, _ value: Int) throws -> String {
            let ticket = world.enqueue(key: key, onDuplicate: policy, params: "{\"v\":\(value)}")
            world.settle()
            return switch try #require(accepted(world, ticket).first) {
            case .existing(holder.value.id): "existing"
            case .replaced(let run): "replaced " + String(decoding: run.params, as: UTF8.self)
            case .refused(.keyTaken("k", by: holder.value.id)): "taken"
            case .refused(.queueFull): "full"
            case let other: "\(other)"
            }
        }
        #expect(try ask("k", .existing, 2) == "existing")
        #expect(try ask("k", .replace, 3) == #"replaced {"v":3}"#)
        #expect(try ask("k", .reject, 4) == "taken")
        #expect(try ask("other", .existing, 5) == "full")
        world.call(.changeQueue("default", QueueChange(mode: .draining)))
        #expect(try ask("k", .existing, 6) == "existing")
        #expect(world.rows.runs.count == 2)
    }

    @Test func `a trigger meets the bound, a schedule and a retry do not`() throws {
        var world = HotWorld(slots: 1)
        let job = JobDefinition(
            name: "tick", component: "basic/slow", schedule: .every(.seconds(10), from: nil), overlap: .allow(nil))
        world.call(.apply([job], source: "api", prune: false))
        world.call(.changeQueue("default", QueueChange(maxPending: .to(1))))
        world.settle()
        _ = world.add()
        _ = world.add()
        let ticket = world.call(.trigger(job: "tick"))
        world.settle()
        guard case .failed(.queueFull) = world.replies[ticket] else {
            Issue.record("\(String(describing: world.replies[ticket]))")
            return
        }
        world.pass(.seconds(10))
        #expect(world.rows.runs.values.count { $0.source == .schedule } == 1)
    }

    /// Fills a queue as far as it lets them, and ends what runs, a number of times; gives the most that ever waited.
    private func mostPending(_ world: inout HotWorld, rounds: Int = 20, policy: RunPolicy = .standard) -> Int {
        var most = 0
        for _ in 0..<rounds {
            while world.add(policy: policy) > 0 {}
            most = max(most, world.rows.runs.values.count { $0.state == .pending && $0.openChildren == 0 })
            if let run = world.running.first { world.end(run) }
            world.pass(.seconds(1))
        }
        return most
    }

    @Test func `the bound holds where runs have steps before them and runs that follow`() {
        var world = HotWorld(slots: 1)
        world.call(.changeQueue("default", QueueChange(maxPending: .to(2))))
        let step = Step(HotWorld.noop.name)
        #expect(mostPending(&world, policy: RunPolicy(preStep: .run(step), postStep: .run(step))) <= 4)
        #expect(world.rows.runs.values.count { $0.state == .succeeded } >= 20)
    }

    @Test func `what comes in beside requests has to go before a request is taken again`() throws {
        var world = HotWorld(slots: 1, components: [HotStateFamilyTests.map, HotWorld.slow])
        world.call(.changeQueue("default", QueueChange(maxPending: .to(2))))
        let parent = world.add(HotStateFamilyTests.map)
        world.emitChildren(5, in: parent)
        world.settle()
        #expect(world.add() == 0)
        for _ in 0..<2 {
            world.end(try #require(world.running.first))
            world.pass(.seconds(2))
            #expect(world.add() == 0, "two or more still wait")
        }
        world.end(try #require(world.running.first))
        world.settle()
        #expect(world.add() > 0, "one waits")
    }

    @Test func `many that are given another go take the room that requests would have`() {
        var world = HotWorld(slots: 1)
        let runs = (0..<6).map { _ in
            let run = world.add()
            world.end(run, .failed(retryable: false))
            world.settle()
            return run
        }
        world.call(.changeQueue("default", QueueChange(maxPending: .to(4))))
        _ = world.add()
        for run in runs { world.rows.runs[run].map { _ = world.call(.reopen($0, By(actor: "cli"))) } }
        world.settle()
        #expect(world.add() == 0)
        world.end(world.running[0])
        world.settle()
        #expect(world.add() == 0, "five wait, and there are to be four")
        #expect(mostPending(&world, rounds: 10) <= 5)
    }

    // MARK: Draining

    @Test func `a draining queue takes nothing in, works off what it has, and says why a fire made no run`() throws {
        var world = HotWorld(slots: 1)
        let job = JobDefinition(name: "tick", component: "basic/slow", schedule: .every(.seconds(10), from: nil))
        world.call(.apply([job], source: "api", prune: false))
        let runs = [world.add(), world.add()]
        world.call(.changeQueue("default", QueueChange(mode: .draining)))
        world.settle()
        let ticket = world.enqueue()
        world.settle()
        guard case .refused(.queueDraining("default")) = try #require(accepted(world, ticket).first) else {
            Issue.record("\(String(describing: world.replies[ticket]))")
            return
        }
        world.pass(.seconds(10))
        #expect(world.running == [runs[0]])
        world.end(runs[0])
        world.settle()
        world.end(runs[1], .failed(retryable: true))
        world.settle()
        world.pass(.seconds(60))
        #expect(world.running == [runs[1]], "a retry belongs to what it has")
        world.end(runs[1])
        world.settle()
        #expect(world.running.isEmpty)
        let fired = world.rows.runs.values.filter { $0.source == .schedule }
        #expect(!fired.isEmpty && fired.allSatisfy { $0.state == .skipped })
    }

    // MARK: Limits

    @Test func `a component runs in all queues together no more often than its limit says`() throws {
        var world = HotWorld(slots: 5)
        world.call(.setQueue("other", slots: 5, paused: nil))
        world.call(.setLimit(HotWorld.slow.name, atOnce: 3))
        let runs = (0..<4).map { _ in world.add() } + (0..<4).map { _ in world.add(queue: "other") }
        let free = world.add(HotWorld.once)
        #expect(world.running.filter(runs.contains).count == 3)
        #expect(world.running.contains(free), "others are not held up")
        var ended = 0
        while let run = world.running.first(where: runs.contains) {
            world.end(run, ended == 0 ? .interrupted(.siblingKilled) : .succeeded)
            world.pass(.seconds(1))
            ended += 1
            #expect(world.running.filter(runs.contains).count <= 3)
        }
        #expect(ended == runs.count + 1)
        var next = HotWorld(rows: world.rows)
        next.call(.limits)
        #expect(next.rows.limits == [HotWorld.slow.name: 3])
        #expect(next.state.limits == [HotWorld.slow.name: 3], "it outlasts the host")
    }

    @Test func `a job runs no more often at once than it says, however its runs were made`() throws {
        var world = HotWorld(slots: 5, capacity: 4)
        let job = JobDefinition(name: "narrow", component: "basic/slow", atOnce: 2)
        world.call(.apply([job], source: "api", prune: false))
        world.settle()
        for _ in 0..<9 { world.call(.trigger(job: "narrow")) }
        world.settle()
        let other = world.add()
        world.settle()
        var most = 0
        var ended = 0
        while let run = world.running.first {
            let narrow = world.running.filter { world.rows.runs[$0]?.jobName == "narrow" }
            most = max(most, narrow.count)
            world.end(run)
            world.settle()
            ended += 1
        }
        #expect(most == 2)
        #expect(ended == 10)
        #expect(world.stateOf(other) == .succeeded)
        #expect(world.complaints.isEmpty)
    }

    @Test func `a retry holds no place of its job while it waits`() {
        var world = HotWorld(slots: 5)
        let job = JobDefinition(name: "narrow", component: "basic/slow", atOnce: 1)
        world.call(.apply([job], source: "api", prune: false))
        world.settle()
        for _ in 0..<2 { world.call(.trigger(job: "narrow")) }
        world.settle()
        #expect(world.running == [1])
        world.end(1, .failed(retryable: true))
        world.settle()
        #expect(world.running == [2])
    }

    @Test func `two who give one run another go at once leave its job no more than its limit`() throws {
        var world = HotWorld(slots: 5)
        let job = JobDefinition(name: "narrow", component: "basic/slow", atOnce: 1)
        world.call(.apply([job], source: "api", prune: false))
        world.call(.trigger(job: "narrow"))
        world.settle()
        world.end(1, .failed(retryable: false))
        world.settle()
        let old = try #require(world.rows.runs[1])
        for _ in 0..<2 { world.call(.reopen(old, By(actor: "cli"))) }
        world.settle()
        for _ in 0..<3 { world.call(.trigger(job: "narrow")) }
        world.settle()
        for _ in 0..<4 {
            #expect(world.running.count == 1)
            world.end(try #require(world.running.first))
            world.settle()
        }
        #expect(world.state.openRuns.isEmpty)
    }

    // MARK: Slots

    @Test func `slots grow with the load up to the most and go back to the least`() throws {
        var world = HotWorld(slots: 1)
        world.call(.changeQueue("default", QueueChange(slots: 4, leastSlots: 1)))
        world.settle()
        #expect(world.state.queues[0].slots.count == 1)
        let runs = (0..<6).map { _ in world.add() }
        #expect(world.running == Array(runs.prefix(4)))
        for run in runs {
            world.end(run)
            world.settle()
        }
        #expect(world.state.queues[0].slots.count == 4, "a short rest gives nothing up")
        let next = try #require(world.state.nextTurn(after: world.now))
        world.pass(next - world.now)
        #expect(world.state.queues[0].slots.count == 1)
        #expect(world.vacated.count == 3, "and their guests go")
        #expect(world.state.nextTurn(after: world.now) == nil, "then nothing wakes the engine")
    }

    @Test func `queues of the configuration are there before the first call`() {
        var rows = SimpleStore()
        _ = rows.apply([.putQueue(QueueRecord(name: "mail", slots: 7, mode: .paused))])
        let world = HotWorld(
            rows: rows, queues: [("mail", QueueChange(maxPending: .to(5))), ("new", QueueChange(slots: 3))])
        #expect(world.rows.queues["mail"]?.slots == 7, "what is left out stays as it was set")
        #expect(world.rows.queues["mail"]?.mode == .paused)
        #expect(world.rows.queues["mail"]?.settings.maxPending == 5)
        #expect(world.rows.queues["new"]?.slots == 3)
    }
}
