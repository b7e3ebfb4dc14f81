import JobModel
import Testing

@testable import Upstreams

/// Which tasks other workers have, and what is done about each.
struct TaskTrackerTests {
    private static let own = "10.0.0.5:27777"
    private static let peer = "10.0.0.6:27777"
    private static let other = "10.0.0.7:27777"

    @Test func `children may be lent to every other worker, as many as a worker has threads`() {
        var tracker = Self.tracker(.map) { $0.threads = 3 }
        #expect(tracker.begin(now: Self.at(0)) == [.lend(Self.terms([Self.peer: 3, Self.other: 3], here: 3))])
        #expect(tracker.begin(now: Self.at(0)).isEmpty)
    }

    @Test func `no more workers take part than the job says`() {
        var tracker = Self.tracker(.map) { $0.mostAddresses = 2 }
        #expect(tracker.begin(now: Self.at(0)) == [.lend(Self.terms([Self.peer: 5], here: 5))])
        var alone = Self.tracker(.map) { $0.mostAddresses = 1 }
        #expect(alone.begin(now: Self.at(0)) == [.lend(Self.terms([:], here: 5))])
    }

    @Test func `a tracker that only directs runs no task, unless it is the only worker`() {
        var tracker = Self.tracker(.mapReduce) { $0.runtimeConfig = "{\"taskTrackerBehavior\":11}" }
        #expect(tracker.begin(now: Self.at(0)) == [.lend(Self.terms([Self.peer: 5, Self.other: 5], here: 0))])
        var alone = Self.tracker(.mapReduce) { order in
            order.runtimeConfig = "{\"taskTrackerBehavior\":11}"
            order.allAddresses = [Self.own]
        }
        #expect(alone.begin(now: Self.at(0)) == [.lend(Self.terms([:], here: 5))])
    }

    @Test func `a task is sent, taken, and ended by its report`() {
        var tracker = Self.begun(.map)
        let loan = Self.loan(3, to: Self.peer)
        #expect(tracker.lent(loan, now: Self.at(1)) == [.send(loan)])
        #expect(tracker.lent(loan, now: Self.at(1)).isEmpty)
        #expect(tracker.taken(loan, now: Self.at(2)).isEmpty)
        #expect(tracker.report(Self.report("0.3", .processing), now: Self.at(3)).isEmpty)
        let end = tracker.report(Self.report("0.3", .succeeded, "ok"), now: Self.at(4))
        #expect(end == [.end(loan, .succeeded(Array("ok".utf8)))])
        #expect(tracker.report(Self.report("0.3", .succeeded, "ok"), now: Self.at(5)).isEmpty)
        #expect(tracker.next == nil)
    }

    @Test func `an output that is no text comes through`() {
        var tracker = Self.begun(.map)
        let loan = Self.loan(0, to: Self.peer)
        _ = tracker.lent(loan, now: Self.at(1))
        var report = Self.report("0.0", .succeeded)
        report.output = [0xFF, 0x00]
        #expect(tracker.report(report, now: Self.at(2)) == [.end(loan, .succeeded([0xFF, 0x00]))])
    }

    @Test func `what a worker does not take is sent again, and goes to others in the end`() {
        var tracker = Self.begun(.map)
        let loan = Self.loan(1, to: Self.peer)
        _ = tracker.lent(loan, now: Self.at(0))
        #expect(tracker.notTaken(loan, now: Self.at(1)) == [.lend(Self.terms([Self.other: 5], here: 5))])
        #expect(tracker.next == Self.at(3))
        #expect(tracker.tick(now: Self.at(3)) == [.send(loan)])
        _ = tracker.notTaken(loan, now: Self.at(14))
        #expect(tracker.tick(now: Self.at(16)) == [.takeBack(loan)])
        #expect(tracker.tick(now: Self.at(29)) == [.lend(Self.terms([Self.peer: 5, Self.other: 5], here: 5))])
    }

    @Test func `a silent worker is lost with all it had, and what it had goes again`() {
        var tracker = Self.begun(.map)
        let loans = [Self.loan(1, to: Self.peer), Self.loan(2, to: Self.peer), Self.loan(3, to: Self.other)]
        for loan in loans {
            _ = tracker.lent(loan, now: Self.at(0))
            _ = tracker.taken(loan, now: Self.at(0))
        }
        let alive = BorrowerReport(instance: 9, address: Self.other, tasks: 1, time: 0)
        _ = tracker.alive(alive, now: Self.at(50))
        #expect(tracker.tick(now: Self.at(59)).isEmpty)
        let effects = tracker.tick(now: Self.at(60))
        let words = "maybe worker down (\(Self.peer))"
        #expect(
            effects == [
                .end(loans[0], .lost(words)), .end(loans[1], .lost(words)), .lend(Self.terms([Self.other: 5], here: 5)),
            ])
        // It comes back when its time is over, or when it is heard of.
        #expect(
            tracker.alive(BorrowerReport(instance: 9, address: Self.peer, tasks: 0, time: 0), now: Self.at(61)).count
                == 1)
    }

    @Test func `a broadcast task of a lost worker has failed, and is never given to another`() {
        var tracker = Self.begun(.broadcast)
        let loan = Self.loan(1, to: Self.peer)
        _ = tracker.lent(loan, now: Self.at(0))
        #expect(tracker.notTaken(loan, now: Self.at(1)).isEmpty)
        #expect(tracker.tick(now: Self.at(20)) == [.send(loan)])
        #expect(tracker.tick(now: Self.at(60)) == [.end(loan, .failedForGood("maybe worker down"))])
    }

    @Test func `a worker that forgets the instance ends what it had`() {
        var tracker = Self.begun(.broadcast)
        let loan = Self.loan(1, to: Self.peer)
        _ = tracker.lent(loan, now: Self.at(0))
        _ = tracker.taken(loan, now: Self.at(0))
        let idle = BorrowerReport(instance: 9, address: Self.peer, tasks: 0, isIdle: true, time: 0)
        #expect(
            tracker.alive(idle, now: Self.at(1)) == [.end(loan, .failedForGood("SYSTEM: unreceived process result"))])
    }

    @Test func `workers that come up later take part`() {
        var tracker = Self.begun(.map) { $0.allAddresses = [Self.own] }
        #expect(
            tracker.found([Self.own, Self.peer, "nonsense"], now: Self.at(1)) == [
                .lend(Self.terms([Self.peer: 5], here: 5))
            ])
        #expect(tracker.found([Self.own], now: Self.at(2)).isEmpty)
    }

    @Test func `the tasks of a launch are named after it`() {
        let order = Self.order(.map)
        let tracker = TaskTracker(order, own: Self.own, root: "12", pace: TaskPace(), now: Self.at(0))
        #expect(tracker.taskID(of: Self.loan(4, to: Self.peer)) == "12.4")
    }

    // MARK: Shorthands

    private static func at(_ second: Int64) -> Instant { Instant(microseconds: (1_000 + second) * 1_000_000) }

    private static func order(_ type: ExecuteType, _ change: (inout InstanceOrder) -> Void = { _ in }) -> InstanceOrder
    {
        var order = InstanceOrder(job: 5, instance: 9, processor: "p")
        order.executeType = type
        order.allAddresses = [own, peer, other]
        change(&order)
        return order
    }

    private static func tracker(
        _ type: ExecuteType, _ change: (inout InstanceOrder) -> Void = { _ in }
    ) -> TaskTracker {
        TaskTracker(order(type, change), own: own, pace: TaskPace(), now: at(0))
    }

    private static func begun(_ type: ExecuteType, _ change: (inout InstanceOrder) -> Void = { _ in }) -> TaskTracker {
        var tracker = tracker(type, change)
        _ = tracker.begin(now: at(0))
        return tracker
    }

    private static func terms(_ hosts: [String: Int], here: Int) -> LendingTerms {
        LendingTerms(hosts: hosts, here: here)
    }

    private static let component: ComponentName = {
        guard let name = ComponentName("plugin/component") else { preconditionFailure("the name is wrong") }
        return name
    }()

    private static func loan(_ index: Int64, to host: String) -> Loan {
        let run = RunRecord(
            id: 100 + index, component: component, queue: "default",
            due: at(0), createdAt: at(0), params: [], parent: 7, stage: .child, childIndex: index)
        return Loan(run: run, number: 1, host: host)
    }

    private static func report(_ taskID: String, _ status: TaskStatus, _ result: String? = nil) -> TaskReport {
        TaskReport(instance: 9, launch: 9, taskID: taskID, status: status, result: result, reportTime: 1)
    }
}
