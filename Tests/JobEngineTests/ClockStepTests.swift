import GuestPool
import JobModel
import JobStore
import Testing

@testable import JobEngine

/// The clock may be set at any time; it may not silence a job, hold up a run, or make anything happen twice.
struct ClockStepTests {
    private func apply(_ world: inout HotWorld, _ name: String, _ schedule: ScheduleSpec) {
        let job = JobDefinition(name: name, component: "basic/slow", schedule: schedule, overlap: .allow(nil))
        world.call(.apply([job], source: "file", prune: false))
        world.settle()
    }

    @Test func `a clock set back fires nothing twice`() {
        var world = HotWorld()
        apply(&world, "tick", .every(.seconds(10)))
        world.pass(.seconds(10))
        world.end(1)
        world.settle()
        world.now = world.now + .seconds(-20)
        for _ in 0..<2 { world.pass(.seconds(10)) }
        #expect(world.rows.runs.count == 1)
    }

    @Test(arguments: [ScheduleSpec.every(.seconds(10)), .cron("* * * * *", zone: nil)])
    func `a clock set ahead and back again does not silence a job`(schedule: ScheduleSpec) {
        var world = HotWorld()
        apply(&world, "before", schedule)
        world.pass(.seconds(86_400))
        apply(&world, "while", schedule)
        world.pass(.seconds(60))
        world.now = world.now + .seconds(-86_400)
        world.pass(.zero)
        let before = world.rows.runs.count
        world.pass(.seconds(60))
        #expect(Set(fired(world, before).compactMap(\.jobName)) == ["before", "while"])
        #expect(fired(world, before).allSatisfy { world.now - ($0.fireAt ?? .distantPast) <= .seconds(60) })
        #expect(world.rows.jobs.values.allSatisfy { $0.watermark ?? .distantFuture <= world.now })
    }

    @Test func `a clock set back lets the rate of a queue go on`() throws {
        var world = HotWorld()
        let change = QueueChange(rate: .to(try #require(RateLimit(text: "1/s"))))
        world.call(.changeQueue("default", change))
        world.settle()
        world.end(world.add())
        world.settle()
        let second = world.add()
        #expect(world.running.isEmpty)
        world.now = world.now + .seconds(-86_400)
        world.pass(.zero)
        world.pass(.seconds(2))
        #expect(world.running == [second])
    }

    @Test func `a host that starts after the clock was set back plans from now`() {
        var first = HotWorld()
        let start = first.now
        first.now = start + .seconds(86_400)
        apply(&first, "tick", .every(.seconds(10)))
        first.pass(.seconds(10))
        first.end(1)
        first.settle()
        var second = HotWorld(rows: first.rows)
        #expect(second.now == start)
        second.pass(.seconds(10))
        #expect(fired(second, 1).count == 1)
    }

    @Test func `what was fired before the clock was set back is not fired again`() {
        var world = HotWorld()
        apply(&world, "minutely", .cron("* * * * *", zone: nil))
        for _ in 0..<5 { world.pass(.seconds(60)) }
        let before = world.rows.runs.count
        world.now = world.now + .seconds(-240)
        for _ in 0..<4 { world.pass(.seconds(60)) }
        #expect(world.rows.runs.count == before)
        world.pass(.seconds(60))
        #expect(world.rows.runs.count == before + 1)
    }

    @Test func `a run that was due at once does not wait out a clock that was ahead`() {
        var world = HotWorld(slots: 1)
        let first = world.add()
        let second = world.add()
        let later = world.add(due: world.now + .seconds(5))
        world.now = world.now + .seconds(-3600)
        world.end(first)
        world.settle()
        #expect(world.running == [second])
        world.end(second)
        world.settle()
        #expect(world.running.isEmpty)
        world.pass(.seconds(3605))
        #expect(world.running == [later])
    }

    @Test func `a retry that was planned while the clock was ahead does not wait for it`() {
        var world = HotWorld(slots: 1)
        world.now = world.now + .seconds(5 * 3600)
        let run = world.add()
        world.end(run, .failed(retryable: true))
        world.settle()
        world.now = world.now + .seconds(-5 * 3600)
        world.pass(.zero)
        #expect(world.running.isEmpty)
        world.pass(.seconds(10))
        #expect(world.running == [run])
    }

    @Test func `a retry whose attempt ended by the old clock does not wait for it either`() {
        var world = HotWorld(slots: 1)
        world.now = world.now + .seconds(5 * 3600)
        let run = world.add()
        world.end(run, .failed(retryable: true))
        world.now = world.now + .seconds(-5 * 3600)
        world.settle()
        world.pass(.seconds(10))
        #expect(world.running == [run])
    }

    @Test func `a host that starts after the clock was set back recalls what was put off`() {
        var first = HotWorld(slots: 2)
        let start = first.now
        first.now = start + .seconds(5 * 3600)
        let retried = first.add()
        first.end(retried, .failed(retryable: true))
        first.settle()
        let waiting = first.add()
        first.settle()
        var second = HotWorld(rows: first.rows, now: start)
        second.pass(.seconds(10))
        second.settle()
        #expect(Set(second.running) == [retried, waiting])
    }

    @Test func `a run that waits behind a later one after the clock was set back goes first`() {
        var world = HotWorld(slots: 1)
        world.now = world.now + .seconds(5 * 3600)
        let blocker = world.add()
        let atOnce = world.add()
        world.now = world.now + .seconds(-5 * 3600)
        world.pass(.zero)
        _ = world.add(due: world.now + .seconds(3600))
        world.end(blocker)
        world.settle()
        #expect(world.running == [atOnce])
    }

    /// The clock jumps hours ahead, work is done there, and it is set right again.
    @Test(arguments: [MissedPolicy(.skip), MissedPolicy(.once), MissedPolicy(.all(3))])
    func `a clock that was hours ahead loses no planned instant and fires none twice`(missed: MissedPolicy) {
        var world = HotWorld()
        let start = world.now
        let job = JobDefinition(
            name: "tick", component: "basic/slow", schedule: .every(.seconds(600)), overlap: .allow(nil),
            missed: missed)
        world.call(.apply([job], source: "file", prune: false))
        world.settle()
        world.pass(.seconds(5 * 3600))
        let ahead = Set(world.rows.runs.values.compactMap(\.fireAt))
        world.now = start
        world.pass(.zero)
        for _ in 0..<60 { world.pass(.seconds(300)) }
        let fires = world.rows.runs.values.filter { $0.state != .skipped }.compactMap(\.fireAt)
        #expect(
            fires.count == 30, "every ten minutes of five hours, whether it ran by the wrong clock or by the right one")
        #expect(Set(fires).count == fires.count)
        #expect(ahead.isSubset(of: fires))
    }

    @Test(arguments: [MissedPolicy(.skip), MissedPolicy(.once), MissedPolicy(.all(3))])
    func `a clock put forward for good is an outage`(missed: MissedPolicy) {
        var world = HotWorld()
        let job = JobDefinition(
            name: "tick", component: "basic/slow", schedule: .every(.seconds(600)), overlap: .allow(nil),
            missed: missed)
        world.call(.apply([job], source: "file", prune: false))
        world.settle()
        world.pass(.seconds(3 * 3600 + 300))
        let made = world.rows.runs.values.filter { $0.state != .skipped }.count
        let passed = world.rows.runs.values.compactMap(\.passedOver)
        #expect(made == (missed.rule == .skip ? 0 : missed.rule == .once ? 1 : 3))
        #expect(passed.map(\.count) == [18 - made])
    }

    @Test func `a clock set back does not make a job replace the run it has made already`() {
        var world = HotWorld()
        let job = JobDefinition(
            name: "tick", component: "basic/slow", schedule: .every(.seconds(600)), overlap: .replace)
        world.call(.apply([job], source: "file", prune: false))
        world.settle()
        world.pass(.seconds(1200))
        #expect(world.running.count == 1)
        world.now = world.now + .seconds(-900)
        world.pass(.zero)
        world.pass(.seconds(900))
        #expect(world.ends.isEmpty, "the instant has its run, which goes on")
    }

    @Test func `a clock set back does not prolong the drain`() {
        var world = HotWorld()
        let run = world.add()
        world.send(.shutdown)
        world.now = world.now + .seconds(-3600)
        world.pass(.zero)
        #expect(world.state.nextTurn(after: world.now) == world.now + .seconds(30))
        world.pass(.seconds(30))
        #expect(world.ends.map(\.key.run) == [run])
    }

    /// The runs made after the first few.
    private func fired(_ world: HotWorld, _ first: Int) -> [RunRecord] {
        world.rows.runs.values.filter { $0.id > Int64(first) && $0.state != .skipped }
    }
}
