import GuestPool
import JobModel
import JobStore
import PluginCatalog
import Testing

@testable import JobEngine

/// Runs that other hosts make the attempts of.
struct HotStateLoanTests {
    @Test func `children for which no slot is free are lent, and end as the borrower says`() throws {
        var world = HotWorld(slots: 1, components: [HotStateFamilyTests.map])
        let parent = world.family(of: 4, lendingTo: ["b": 2], here: 5)
        #expect(world.running.count == 1)
        #expect(world.loans.map(\.host) == ["b", "b"])
        #expect(world.loans.map(\.run.childIndex) == [1, 2])
        let (one, none) = (world.call(.loan(of: world.loans[1].run.id)), world.call(.loan(of: parent)))
        guard case .loans(let known) = world.replies[one], case .loans(let unknown) = world.replies[none] else {
            Issue.record("no answer")
            return
        }
        #expect(known.map(\.run.childIndex) == [2] && unknown.isEmpty)
        let ticket = world.endLoan(try #require(world.loans.first), output: "one")
        world.settle()
        #expect(world.isDone(ticket))
        #expect(world.loans.map(\.run.childIndex) == [2, 3])
        #expect(world.rows.runs.values.first { $0.childIndex == 1 }?.state == .succeeded)
        for loan in world.loans { world.endLoan(loan) }
        world.end(try #require(world.running.first))
        world.settle()
        #expect(world.running == [parent])
        #expect(world.rows.loans.isEmpty && world.complaints.isEmpty)
    }

    @Test func `no more children run here than the terms say, and none where they say none`() throws {
        var world = HotWorld(slots: 8, components: [HotStateFamilyTests.map])
        world.family(of: 6, lendingTo: ["b": 1], here: 2)
        #expect(world.running.count == 2 && world.loans.count == 1)
        world.end(try #require(world.running.first))
        world.settle()
        #expect(world.running.count == 2)
        var other = HotWorld(slots: 8, components: [HotStateFamilyTests.map])
        other.family(of: 6, lendingTo: ["b": 3], here: 0)
        #expect(other.running.isEmpty && other.loans.count == 3)
    }

    @Test func `a family at its limit holds back nothing else in its lane`() throws {
        var world = HotWorld(slots: 4, components: [HotStateFamilyTests.map])
        let first = world.family(of: 6, lendingTo: [:], here: 1)
        #expect(world.running.count == 1)
        let other = world.add(HotStateFamilyTests.map)
        #expect(world.running.contains(other))
        let second = world.add(HotStateFamilyTests.map)
        world.call(.setLending(of: second, LendingTerms(hosts: [:], here: 2)))
        world.emitChildren(5, in: second)
        world.end(other)
        world.settle()
        #expect(world.count(of: first) == 1 && world.count(of: second) == 2)
        world.call(.setLending(of: first, LendingTerms(hosts: [:], here: 2)))
        world.settle()
        #expect(world.count(of: first) == 2)
        world.runAll()
        #expect(world.stateOf(first) == .succeeded && world.stateOf(second) == .succeeded)
        #expect(world.state.runs.isEmpty && world.state.parked.isEmpty && world.complaints.isEmpty)
    }

    @Test func `of a family that is larger than memory shall hold, the store alone knows the rest`() throws {
        var world = HotWorld(slots: 4, capacity: 8, components: [HotStateFamilyTests.map])
        let parent = world.family(of: 60, lendingTo: ["b": 1], here: 1)
        let other = world.add(HotStateFamilyTests.map)
        #expect(world.running.contains(other) && world.count(of: parent) == 1 && world.loans.count == 1)
        #expect(world.state.runs.count < 24)
        world.end(other)
        world.call(.setLending(of: parent, LendingTerms(hosts: [:], here: 1)))
        for loan in world.loans { world.endLoan(loan) }
        world.runAll()
        #expect(world.stateOf(parent) == .succeeded && world.rows.runs.count == 62)
        #expect(world.state.runs.isEmpty && world.state.parked.isEmpty && world.complaints.isEmpty)
    }

    @Test func `what the store alone knows of a large family is read once, and not anew for every few`() throws {
        var world = HotWorld(slots: 4, capacity: 8, components: [HotStateFamilyTests.map])
        let parent = world.family(of: 200, lendingTo: [:], here: 1)
        #expect(world.state.parked[.family(parent)]?.count == 8)
        world.runAll()
        #expect(world.stateOf(parent) == .succeeded && world.rows.rowsRead < 3 * 200)
        #expect(world.state.runs.isEmpty && world.state.parked.isEmpty && world.complaints.isEmpty)
    }

    @Test func `a family whose parked children were all cancelled goes on with the rest`() throws {
        var world = HotWorld(slots: 4, capacity: 8, components: [HotStateFamilyTests.map])
        let parent = world.family(of: 30, lendingTo: [:], here: 1)
        for place in try #require(world.state.parked[.family(parent)]) { _ = world.cancel(place.id) }
        world.settle()
        #expect(world.state.parked.isEmpty && world.count(of: parent) == 1)
        world.runAll()
        #expect(world.stateOf(parent) == .succeeded)
        #expect(world.rows.runs.values.count { $0.state == .cancelled } == 8 && world.complaints.isEmpty)
    }

    @Test func `children whose read the store refused are asked for again`() throws {
        var world = HotWorld(slots: 4, capacity: 8, components: [HotStateFamilyTests.map])
        let parent = world.family(of: 30, lendingTo: [:], here: 1)
        var isRefused = false
        while let order = world.orders.first {
            world.end(order.key.run)
            while !world.state.batch.isEmpty {
                let batch = world.takeBatch()
                let answers = zip(batch.tags, world.store(batch)).map { tag, answer -> Answer in
                    guard case .readRest = tag, !isRefused else { return answer }
                    isRefused = true
                    return .refused("not so")
                }
                world.send(.committed(batch.tags, answers))
            }
        }
        #expect(isRefused && world.complaints.count == 1)
        #expect(world.stateOf(parent) == .succeeded)
    }

    @Test func `terms that are taken back free what waited for them`() throws {
        var world = HotWorld(slots: 4, capacity: 8, components: [HotStateFamilyTests.map])
        let parent = world.family(of: 30, lendingTo: [:], here: 0)
        #expect(world.running.isEmpty)
        world.call(.setLending(of: parent, nil))
        world.settle()
        #expect(world.count(of: parent) == 4)
        world.runAll()
        #expect(world.stateOf(parent) == .succeeded)
    }

    @Test func `a step before a run whose children run elsewhere is made here`() throws {
        var world = HotWorld(slots: 1, components: [HotStateFamilyTests.map, HotWorld.noop])
        world.enqueue(
            HotStateFamilyTests.map, policy: RunPolicy(preStep: .run(Step(HotWorld.noop.name, params: "{}"))))
        let parent: RunID = 1
        world.call(.setLending(of: parent, LendingTerms(hosts: ["b": 1], here: 0)))
        world.settle()
        #expect(world.running.count == 1 && world.running != [parent])
        #expect(world.loans.isEmpty)
    }

    @Test func `the borrower with the smallest part of its room in use is next`() {
        var lending = Lending(LendingTerms(hosts: ["a": 2, "b": 4], here: 0))
        var order: [String] = []
        while let host = lending.nextHost {
            lending.lend(to: host)
            order.append(host)
        }
        #expect(order == ["a", "b", "b", "a", "b", "b"])
    }

    @Test func `a lent child that failed goes again as its policy says`() throws {
        var world = HotWorld(slots: 1, components: [HotStateFamilyTests.map])
        let policy = RunPolicy(retry: RetryPolicy(attempts: 2, delay: .fixed(.zero)))
        world.family(of: 2, lendingTo: ["b": 1], here: 5, policy: policy)
        for _ in 0..<2 { world.endLoan(try #require(world.loans.first), .failed(retryable: true)) }
        world.settle()
        let child = try #require(world.rows.runs.values.first { $0.childIndex == 1 })
        #expect(child.state == .failed && child.counters.failures == 2)
        #expect(world.rows.attempts.allSatisfy { $0.run != child.id || $0.end.evidence?.host == "b" })
    }

    @Test func `what a borrower never had goes back to its place`() throws {
        var world = HotWorld(slots: 1, components: [HotStateFamilyTests.map])
        let parent = world.family(of: 3, lendingTo: ["b": 1], here: 5)
        let loan = try #require(world.loans.first)
        world.call(.setLending(of: parent, nil))
        let ticket = world.call(.takeBack(loan.run.id, number: loan.number))
        world.settle()
        #expect(world.isDone(ticket))
        #expect(world.rows.runs[loan.run.id]?.state == .pending)
        #expect(world.rows.runs[loan.run.id]?.counters == RunCounters())
        world.end(try #require(world.running.first))
        world.settle()
        #expect(world.running == [loan.run.id])
    }

    @Test func `a loan outlives the host and a failing store`() throws {
        var world = HotWorld(slots: 1, components: [HotStateFamilyTests.map])
        let parent = world.family(of: 3, lendingTo: ["b": 2], here: 5)
        let before = world.loans
        world.enqueue(HotStateFamilyTests.map)
        world.failCommit()
        world.reload()
        world.settle()
        #expect(world.loans.map(\.run.id) == before.map(\.run.id))
        var next = HotWorld(slots: 1, components: [HotStateFamilyTests.map], rows: world.rows)
        #expect(next.loans.map(\.run.id) == before.map(\.run.id))
        for loan in next.loans { next.endLoan(loan) }
        next.settle()
        next.end(try #require(next.running.first))
        next.settle()
        #expect(next.running == [parent])
    }

    @Test func `an end that the store did not take is stored when it works again`() throws {
        var world = HotWorld(slots: 1, components: [HotStateFamilyTests.map])
        world.family(of: 2, lendingTo: ["b": 1], here: 5)
        let loan = try #require(world.loans.first)
        world.endLoan(loan)
        world.failCommit()
        world.reload()
        world.settle()
        #expect(world.rows.runs[loan.run.id]?.state == .succeeded)
        #expect(world.loans.isEmpty && world.rows.loans.isEmpty)
    }

    @Test func `a loan that a failing store had taken is told of when it is read again`() throws {
        var world = HotWorld(slots: 1, components: [HotStateFamilyTests.map])
        world.family(of: 2, lendingTo: [:], here: 5)
        world.call(.setLending(of: 1, LendingTerms(hosts: ["b": 1], here: 5)))
        let batch = world.takeBatch()
        _ = world.store(batch)
        world.send(.commitFailed(batch.tags, .failed(reason: "disk full")))
        world.reload()
        world.settle()
        let told = world.announcements.compactMap { if case .lent(let loan) = $0 { loan.host } else { nil } }
        #expect(told == ["b"] && world.loans.count == 1)
    }

    @Test func `a cancelled parent ends what is lent, and a later word of the borrower is refused`() throws {
        var world = HotWorld(slots: 1, components: [HotStateFamilyTests.map])
        let parent = world.family(of: 3, lendingTo: ["b": 2], here: 5)
        let loan = try #require(world.loans.first)
        _ = world.cancel(parent)
        world.end(try #require(world.running.first), .cancelled)
        world.settle()
        #expect(world.rows.runs.values.allSatisfy { $0.state == .cancelled })
        #expect(world.rows.attempts.contains { $0.run == loan.run.id && $0.end.evidence?.host == "b" })
        let ticket = world.endLoan(loan)
        guard case .wrongState = world.replies[ticket] else {
            Issue.record("the end was taken")
            return
        }
        #expect(world.state.runs.isEmpty && world.complaints.isEmpty)
    }

    @Test func `a parent that is cancelled while a child is being lent leaves no loan behind`() throws {
        var world = HotWorld(slots: 1, components: [HotStateFamilyTests.map])
        let parent = world.family(of: 2, lendingTo: [:], here: 5)
        world.call(.setLending(of: parent, LendingTerms(hosts: ["b": 1], here: 5)))
        #expect(world.state.batch.tags.contains { if case .lend = $0 { true } else { false } })
        _ = world.cancel(parent)
        world.end(try #require(world.running.first), .cancelled)
        world.settle()
        #expect(world.rows.runs.values.allSatisfy { $0.state == .cancelled })
        #expect(world.rows.loans.isEmpty && world.state.runs.isEmpty && world.complaints.isEmpty)
    }

    @Test func `a run that another host alone may run is lent without a slot`() {
        var world = HotWorld(slots: 0, components: [HotWorld.slow])
        let run = world.add(HotWorld.slow, policy: RunPolicy(placement: .on("b")))
        #expect(world.loans.map(\.run.id) == [run])
        #expect(world.stateOf(run) == .running)
    }

    // MARK: One child for each host

    @Test func `a handler is run once for each host, and the host counts`() throws {
        var world = HotWorld(slots: 4, components: [HotWorld.slow])
        let policy = RunPolicy(placement: .eachOf(["a", "b", "c"], here: "b"), reducing: .count)
        let parent = world.add(HotWorld.slow, policy: policy)
        #expect(world.loans.map(\.host) == ["a", "c"])
        #expect(world.orders.map(\.childIndex) == [1] || world.orders.count == 1)
        world.end(try #require(world.running.first))
        for loan in world.loans { world.endLoan(loan) }
        world.settle()
        #expect(world.stateOf(parent) == .succeeded)
        #expect(world.rows.runs[parent]?.children == 3)
        #expect(world.state.runs.isEmpty && world.complaints.isEmpty)
    }

    @Test func `a family that is counted fails when one of it has failed`() throws {
        var world = HotWorld(slots: 4, components: [HotWorld.slow])
        let policy = RunPolicy(
            retry: RetryPolicy(attempts: 1), placement: .eachOf(["a", "b"], here: "b"), reducing: .count)
        let parent = world.add(HotWorld.slow, policy: policy)
        world.endLoan(try #require(world.loans.first), .failed(retryable: false))
        world.end(try #require(world.running.first))
        world.settle()
        #expect(world.stateOf(parent) == .failed)
        #expect(world.rows.runs[parent]?.reason == "1 of its 2 children did not succeed")
    }

    @Test func `a processor runs before and after, and what it emits makes way`() throws {
        var world = HotWorld(slots: 4, components: [HotStateFamilyTests.map])
        let policy = RunPolicy(placement: .eachOf(["a", "b"], here: "b"))
        let parent = world.add(HotStateFamilyTests.map, policy: policy)
        #expect(world.orders.first?.stage == .root)
        world.emitChildren(7, in: parent)
        world.settle()
        #expect(world.rows.runs[parent]?.children == 2)
        #expect(world.loans.map(\.run.label) == ["a"])
        world.endLoan(try #require(world.loans.first))
        world.end(try #require(world.running.first))
        world.settle()
        #expect(world.orders.first?.stage == .reduce)
    }

    @Test func `a child for another host goes there again when it is to go again`() throws {
        var world = HotWorld(slots: 4, components: [HotWorld.slow])
        let policy = RunPolicy(
            retry: RetryPolicy(attempts: 2, delay: .fixed(.zero)), placement: .eachOf(["a"], here: "b"),
            reducing: .count)
        _ = world.add(HotWorld.slow, policy: policy)
        world.endLoan(try #require(world.loans.first), .failed(retryable: true))
        world.settle()
        #expect(world.loans.map(\.number) == [2])
        #expect(world.running.isEmpty)
    }

    @Test func `a mapped family that is counted ends without another stage`() throws {
        var world = HotWorld(slots: 2, components: [HotStateFamilyTests.map])
        let parent = world.add(HotStateFamilyTests.map, policy: RunPolicy(reducing: .count))
        world.emitChildren(3, in: parent)
        world.settle()
        for _ in 0..<3 {
            world.end(try #require(world.running.first))
            world.settle()
        }
        #expect(world.stateOf(parent) == .succeeded)
        #expect(world.running.isEmpty && world.complaints.isEmpty)
    }

    @Test func `a part of another host's family runs as its child stage`() throws {
        var world = HotWorld(slots: 1, components: [HotStateFamilyTests.map])
        var request = RunRequest(component: HotStateFamilyTests.map.name)
        request.part = ChildPlace(index: 7, label: "seven", hasOwnParams: true)
        world.call(.enqueue([request]))
        world.settle()
        let order = try #require(world.orders.first)
        #expect(order.stage == .child && order.childIndex == 7)
    }
}

extension HotWorld {
    fileprivate var loans: [Loan] { state.loans }

    /// Children of a run that run here.
    fileprivate func count(of parent: RunID) -> Int { orders.count { $0.stage == .child && $0.rootRun == parent } }

    fileprivate mutating func runAll() {
        while let order = orders.first {
            end(order.key.run)
            settle()
        }
    }

    @discardableResult
    fileprivate mutating func family(
        of count: Int, lendingTo hosts: [String: Int], here: Int, policy: RunPolicy = .standard
    ) -> RunID {
        let parent = add(HotStateFamilyTests.map, policy: policy)
        call(.setLending(of: parent, LendingTerms(hosts: hosts, here: here)))
        emitChildren(count, in: parent)
        settle()
        return parent
    }

    @discardableResult
    fileprivate mutating func endLoan(
        _ loan: Loan, _ outcome: Outcome = .succeeded, output: String = ""
    ) -> Ticket {
        let end = AttemptEnd(outcome: outcome, output: Array(output.utf8), startedAt: now, finishedAt: now)
        let ticket = call(.endLoan(loan.run.id, number: loan.number, end))
        settle()
        return ticket
    }
}
