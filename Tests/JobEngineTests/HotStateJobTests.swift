import JobModel
import JobStore
import PluginCatalog
import Testing

@testable import JobEngine

struct HotStateJobTests {
    private func job(
        _ name: String = "tick", _ schedule: ScheduleSpec = .every(.seconds(10)), overlap: OverlapPolicy = .skip,
        enabled: Bool = true, component: String = "basic/slow", queue: String = "default"
    ) -> JobDefinition {
        JobDefinition(
            name: name, component: component, schedule: schedule, queue: queue, enabled: enabled, overlap: overlap)
    }

    private func report(_ world: HotWorld, _ ticket: Ticket) -> ApplyReport? {
        guard case .report(let report) = world.replies[ticket] else { return nil }
        return report
    }

    private func outlook(_ world: inout HotWorld, _ name: String) -> JobOutlook? {
        let ticket = world.call(.job(name))
        guard case .jobs(let outlooks) = world.replies[ticket] else { return nil }
        return outlooks.first
    }

    private func failure(_ world: HotWorld, _ ticket: Ticket) -> EngineError? {
        guard case .failed(let error) = world.replies[ticket] else { return nil }
        return error
    }

    private func apply(_ world: inout HotWorld, _ jobs: [JobDefinition], prune: Bool = false) -> Ticket {
        defer { world.settle() }
        return world.call(.apply(jobs, source: "file", prune: prune))
    }

    // MARK: Applying

    @Test func `jobs are added, changed, left and pruned`() {
        var world = HotWorld()
        let first = apply(&world, [job("a"), job("b"), job("c")])
        #expect(report(world, first)?.added == ["a", "b", "c"])
        let second = apply(&world, [job("a"), job("b", .every(.seconds(20)))], prune: true)
        #expect(report(world, second) == ApplyReport(changed: ["b"], unchanged: ["a"], removed: ["c"]))
        #expect(world.rows.jobs.values.map(\.definition.name).sorted() == ["a", "b"])
    }

    @Test func `a call that changes nothing is answered after what it rests on`() {
        let calls: [Call] = [
            .apply([job()], source: "file", prune: true), .setPaused(true, job: "tick"),
            .setQueue("other", slots: 3, paused: nil), .apply([], source: "file", prune: true),
        ]
        var stored = HotWorld()
        var broken = HotWorld()
        for call in calls {
            let tickets = (0..<2).map { _ in stored.call(call) }
            #expect(tickets.allSatisfy { stored.replies[$0] == nil }, "\(call) was answered before the commit")
            stored.settle()
            #expect(tickets.allSatisfy { stored.replies[$0] != nil && failure(stored, $0) == nil })
            broken.call(call)
        }
        for call in calls.suffix(2) {
            let ticket = broken.call(call)
            #expect(broken.replies[ticket] == nil)
        }
        broken.failCommit()
        #expect(broken.replies.values.allSatisfy { if case .failed(.store) = $0 { true } else { false } })
        #expect(stored.announcements.count == 4)
    }

    @Test func `a set of jobs with one bad one is refused whole`() {
        var world = HotWorld()
        let cases: [JobDefinition] = [
            job("Bad Name"), job("b", component: "nothing"), job("b", queue: "nowhere"), job("a"),
            job("b", .cron("61 * * * *", zone: nil)), job("b", .cron("* * * * *", zone: "No/Where")),
        ]
        for bad in cases {
            let ticket = apply(&world, [job("a"), bad])
            #expect(failure(world, ticket) != nil, "\(bad)")
        }
        #expect(world.rows.jobs.isEmpty)
    }

    @Test(arguments: [-101, 101]) func `a priority out of range is refused with the range`(priority: Int) throws {
        let expected = EngineError.invalid(
            field: "priority", value: "\(priority)", reason: "job \"a\": must be -100 to 100")
        var world = HotWorld()
        var wrong = job("a")
        wrong.priority = priority
        let ticket = apply(&world, [wrong])
        #expect(failure(world, ticket) == expected)
        wrong.priority = priority.signum() * 100
        #expect(failure(world, apply(&world, [wrong])) == nil)
    }

    @Test(arguments: [-101, -100, 100, 101]) func `requests have priorities in range`(priority: Int) {
        let request = RunRequest(component: HotWorld.slow.name, priority: priority)
        let checked = JobEngine.check(request, HotWorld.catalog([HotWorld.slow]))
        let refusal = EngineError.invalid(field: "priority", value: "\(priority)", reason: "must be -100 to 100")
        if abs(priority) > 100 {
            #expect(throws: refusal) { try checked.get() }
        } else {
            #expect(throws: Never.self) { try checked.get() }
        }
    }

    @Test func `a job of another source cannot be changed`() {
        var world = HotWorld()
        _ = apply(&world, [job("a")])
        let ticket = world.call(.apply([job("a", .none)], source: "api", prune: true))
        #expect(failure(world, ticket) == .jobOwned(name: "a", by: "file", wanted: "api"))
    }

    // MARK: Firing

    @Test func `an every job fires on its grid`() {
        var world = HotWorld()
        let anchor = world.now
        _ = apply(&world, [job(overlap: .allow(nil))])
        #expect(world.state.nextTurn(after: world.now) == anchor + .seconds(10))
        world.pass(.seconds(9))
        #expect(world.rows.runs.isEmpty)
        world.pass(.seconds(1))
        world.pass(.seconds(10))
        #expect(
            world.rows.runs.values.map(\.fireAt).sorted { $0 ?? anchor < $1 ?? anchor } == [
                anchor + .seconds(10), anchor + .seconds(20),
            ])
        #expect(world.rows.runs.values.allSatisfy { $0.jobName == "tick" && $0.source == .schedule })
        #expect(world.rows.jobs.values.first?.watermark == anchor + .seconds(20))
    }

    @Test func `a late turn makes the run of the planned instant`() {
        var world = HotWorld()
        let anchor = world.now
        _ = apply(&world, [job()])
        world.pass(.seconds(13))
        #expect(world.rows.runs.values.map(\.fireAt) == [anchor + .seconds(10)])
        #expect(world.running.count == 1)
        #expect(world.state.nextTurn(after: world.now) == anchor + .seconds(20))
    }

    @Test func `a job that is due while its run goes on is skipped`() throws {
        var world = HotWorld()
        _ = apply(&world, [job()])
        world.pass(.seconds(10))
        let run = try #require(world.running.first)
        world.pass(.seconds(10))
        #expect(world.rows.runs.values.map(\.state).sorted { $0.rawValue < $1.rawValue } == [.running, .skipped])
        world.end(run)
        world.settle()
        world.pass(.seconds(10))
        #expect(world.running.count == 1)
    }

    @Test func `a job that allows overlap runs twice at once`() {
        var world = HotWorld()
        _ = apply(&world, [job(overlap: .allow(nil))])
        world.pass(.seconds(10))
        world.pass(.seconds(10))
        #expect(world.running.count == 2)
    }

    @Test func `instants missed while the host was down are one skipped row`() throws {
        var first = HotWorld()
        let anchor = first.now
        _ = apply(&first, [job()])
        first.pass(.seconds(10))
        first.end(1)
        first.settle()
        var second = HotWorld(rows: first.rows)
        second.pass(.seconds(605))
        let skipped = try #require(second.rows.runs.values.first { $0.state == .skipped })
        #expect(skipped.fireAt == nil)
        let passed = PassedOver(from: anchor + .seconds(20), to: anchor + .seconds(590), count: 58)
        #expect(skipped.passedOver == passed)
        #expect(skipped.reason?.contains("missed 58 planned runs") == true, "\(skipped.reason ?? "")")
        #expect(second.rows.runs.values.contains { $0.fireAt == anchor + .seconds(600) && $0.state == .running })
    }

    @Test func `an instant more than a minute past is not made up for`() {
        var world = HotWorld()
        let anchor = world.now
        _ = apply(&world, [job("daily", .at(anchor + .seconds(5)))])
        world.pass(.seconds(66))
        #expect(world.rows.runs.values.map(\.state) == [.skipped])
        #expect(world.running.isEmpty)
        #expect(outlook(&world, "daily")?.nextFire == nil)
    }

    @Test func `a job whose time was over before it was defined says so`() {
        var world = HotWorld()
        _ = apply(
            &world, [job("late", .at(Instant(microseconds: 1_000_000))), job("soon", .at(world.now + .seconds(5)))])
        #expect(outlook(&world, "late")?.obstacle == "its time 1970-01-01T00:00:01Z is over")
        #expect(outlook(&world, "soon")?.obstacle == nil)
        world.pass(.seconds(5))
        #expect(world.running.count == 1)
        #expect(outlook(&world, "soon")?.obstacle == nil)
    }

    @Test func `a month of missed milliseconds is one row and one run`() throws {
        var world = HotWorld()
        _ = apply(&world, [job("second", .every(.milliseconds(1)))])
        world.pass(.seconds(30 * 86_400))
        let skipped = try #require(world.rows.runs.values.first { $0.state == .skipped })
        #expect(world.rows.runs.count == 2)
        #expect(skipped.passedOver?.count == 30 * 86_400_000 - 1)
        #expect(world.state.nextTurn(after: world.now) == world.now + .milliseconds(1))
    }

    @Test func `the run of a job takes from its component what the job leaves open`() {
        let strict = HotWorld.component("basic/strict", flags: .notRepeatable, timeout: .seconds(7))
        var world = HotWorld(components: [strict])
        var hurried = job("hurried", component: "basic/strict")
        hurried.policy.timeout = .seconds(3)
        _ = apply(&world, [job("plain", component: "basic/strict"), hurried])
        world.pass(.seconds(10))
        world.call(.trigger(job: "plain"))
        world.settle()
        let runs = world.rows.runs.values
        #expect(runs.map(\.policy.onUnknown) == [.hold, .hold, .hold])
        #expect(runs.filter { $0.jobName == "plain" }.map(\.policy.timeout) == [.seconds(7), .seconds(7)])
        #expect(runs.filter { $0.jobName == "hurried" }.map(\.policy.timeout) == [.seconds(3)])
    }

    // MARK: Pausing and the rest

    @Test func `a paused job does not fire, and what it would have done is one row when it is resumed`() throws {
        var world = HotWorld()
        let anchor = world.now
        _ = apply(&world, [job()])
        world.call(.setPaused(true, job: "tick"))
        world.settle()
        #expect(world.state.nextTurn(after: world.now) == world.now + .seconds(10), "a stale entry may wake it once")
        world.pass(.seconds(1000))
        #expect(world.rows.runs.isEmpty)
        world.call(.setPaused(false, job: "tick"))
        world.settle()
        #expect(world.rows.runs.values.map(\.state) == [.skipped])
        let skipped = try #require(world.rows.runs.values.first)
        #expect(skipped.passedOver == PassedOver(from: anchor + .seconds(10), to: anchor + .seconds(1000), count: 100))
        #expect(skipped.reason?.contains("the job was paused, and the job says missed: skip") == true)
        world.pass(.seconds(10))
        #expect(world.running.count == 1)
    }

    @Test func `a job that makes up for what it missed does so when it is resumed`() {
        var world = HotWorld()
        let anchor = world.now
        var tick = job(overlap: .allow(nil))
        tick.missed = MissedPolicy(.all(2))
        _ = apply(&world, [tick])
        world.call(.setPaused(true, job: "tick"))
        world.settle()
        world.pass(.seconds(45))
        var next = HotWorld(rows: world.rows, now: world.now)
        next.pass(.zero)
        #expect(next.rows.runs.isEmpty, "still paused")
        next.call(.setPaused(false, job: "tick"))
        next.settle()
        #expect(
            Set(next.rows.runs.values.compactMap(\.fireAt)) == [anchor + .seconds(30), anchor + .seconds(40)])
        #expect(next.rows.runs.values.compactMap(\.passedOver?.count) == [2])
    }

    @Test func `resuming a job that was not paused, or missed nothing, makes nothing`() {
        var world = HotWorld()
        _ = apply(&world, [job()])
        for paused in [false, true, false] {
            world.call(.setPaused(paused, job: "tick"))
            world.pass(.seconds(1))
        }
        #expect(world.rows.runs.isEmpty)
        world.pass(.seconds(7))
        #expect(world.running.count == 1)
    }

    @Test func `jitter moves the start of a run and not its planned instant`() throws {
        var world = HotWorld()
        let anchor = world.now
        var tick = job()
        tick.jitter = .seconds(5)
        let offset = tick.startOffset
        _ = apply(&world, [tick])
        #expect(world.state.nextTurn(after: anchor) == anchor + .seconds(10) + offset)
        world.pass(.seconds(10))
        #expect(world.rows.runs.isEmpty)
        world.pass(offset)
        let run = try #require(world.rows.runs.values.first)
        #expect(run.fireAt == anchor + .seconds(10))
        #expect(run.due == anchor + .seconds(10) + offset)
        #expect(world.running == [run.id])
        #expect(world.rows.jobs.values.first?.watermark == anchor + .seconds(10))
    }

    @Test func `a disabled job does not fire and can be triggered`() {
        var world = HotWorld()
        _ = apply(&world, [job(enabled: false)])
        world.pass(.seconds(100))
        #expect(world.rows.runs.isEmpty)
        let ticket = world.call(.trigger(job: "tick"))
        world.settle()
        guard case .accepted(let results) = world.replies[ticket], case .created(let record) = results.first else {
            Issue.record("\(String(describing: world.replies[ticket]))")
            return
        }
        #expect(record.value.source == .trigger)
        #expect(world.running == [record.value.id])
    }

    @Test func `a job whose component is not there says so`() {
        var world = HotWorld(components: [])
        _ = apply(&world, [job()])
        #expect(outlook(&world, "tick")?.obstacle == "no plugin offers basic/slow; its runs wait until one does")
        world.send(.catalog(HotWorld.catalog([HotWorld.slow])))
        #expect(outlook(&world, "tick")?.obstacle == nil)
    }

    @Test func `a deleted job fires no more and its runs stay`() {
        var world = HotWorld()
        _ = apply(&world, [job()])
        world.pass(.seconds(10))
        let ticket = world.call(.delete(job: "tick"))
        world.settle()
        #expect(world.isDone(ticket))
        world.pass(.seconds(100))
        #expect(world.rows.runs.count == 1)
        let trigger = world.call(.trigger(job: "tick"))
        #expect(failure(world, trigger) == .jobNotFound("tick"))
    }

    @Test func `cancelling the run of a job lets the job fire again`() {
        var world = HotWorld(slots: 1)
        _ = world.add()
        _ = apply(&world, [job()])
        world.pass(.seconds(10))
        _ = world.cancel(2)
        world.settle()
        world.pass(.seconds(10))
        #expect(world.stateOf(3) == .pending)
    }
}
