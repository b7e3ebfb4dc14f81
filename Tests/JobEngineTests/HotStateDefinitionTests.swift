import JobModel
import JobStore
import Testing

@testable import JobEngine

struct HotStateDefinitionTests {
    private func job(
        _ name: String, _ schedule: ScheduleSpec = .every(.seconds(10)), component: String = "basic/slow"
    ) -> JobDefinition {
        JobDefinition(name: name, component: component, schedule: schedule)
    }

    private func define(_ world: inout HotWorld, _ contents: (String, [JobDefinition])...) -> [SourceVerdict] {
        let ticket = world.call(.define(contents.map { SourceContent(source: $0.0, jobs: $0.1) }))
        world.settle()
        guard case .verdicts(let verdicts) = world.replies[ticket] else { return [] }
        return verdicts
    }

    private func sources(_ world: HotWorld) -> [String: String] {
        Dictionary(uniqueKeysWithValues: world.rows.jobs.values.map { ($0.definition.name, $0.source) })
    }

    private func nextFire(_ world: inout HotWorld, _ name: String) -> Instant? {
        let ticket = world.call(.job(name))
        guard case .jobs(let outlooks) = world.replies[ticket] else { return nil }
        return outlooks.first?.nextFire
    }

    @Test func `a source's jobs are those it says`() {
        var world = HotWorld()
        #expect(define(&world, ("file:a", [job("x"), job("y")])) == [.applied(ApplyReport(added: ["x", "y"]))])
        let changed = define(&world, ("file:a", [job("y", .every(.seconds(20))), job("z")]))
        #expect(changed == [.applied(ApplyReport(added: ["z"], changed: ["y"], removed: ["x"]))])
        #expect(define(&world, ("file:a", [])) == [.applied(ApplyReport(removed: ["y", "z"]))])
        #expect(world.rows.jobs.isEmpty)
    }

    @Test func `a refused source keeps what it had, and the others are applied`() {
        var world = HotWorld()
        _ = define(&world, ("file:a", [job("x")]))
        let verdicts = define(
            &world, ("file:a", [job("new"), job("x", .cron("61 * * * *", zone: nil))]), ("file:b", [job("y")]))
        guard case .refused("x", .invalid(let field, _, _)) = verdicts.first else {
            Issue.record("\(verdicts)")
            return
        }
        #expect(field == "schedule")
        #expect(verdicts.last == .applied(ApplyReport(added: ["y"])))
        #expect(sources(world) == ["x": "file:a", "y": "file:b"])
        #expect(world.rows.jobs.values.contains { $0.definition == job("x") })
    }

    @Test func `a name that another source has is refused, naming both`() {
        var world = HotWorld()
        _ = define(&world, ("file:a", [job("x")]))
        let verdicts = define(&world, ("inbox:1", [job("x")]))
        #expect(verdicts == [.refused(job: "x", .jobOwned(name: "x", by: "file:a", wanted: "inbox:1"))])
        let both = define(&world, ("file:b", [job("new")]), ("file:c", [job("new")]))
        #expect(both.last == .refused(job: "new", .jobOwned(name: "new", by: "file:b", wanted: "file:c")))
    }

    @Test func `a job that moves between sources keeps its id and its next run`() {
        var world = HotWorld()
        _ = define(&world, ("file:b", [job("x")]))
        let before = world.rows.jobs.values.first
        let next = nextFire(&world, "x")
        world.pass(.seconds(3))
        let verdicts = define(&world, ("file:b", []), ("file:a", [job("x")]))
        #expect(verdicts == [.applied(ApplyReport()), .applied(ApplyReport(changed: ["x"]))])
        #expect(sources(world) == ["x": "file:a"])
        #expect(world.rows.jobs.values.first?.id == before?.id)
        #expect(nextFire(&world, "x") == next)
    }

    @Test func `what a refused source would have given up stays with it`() {
        var world = HotWorld()
        _ = define(&world, ("file:a", [job("x")]))
        let verdicts = define(
            &world, ("file:b", [job("x")]), ("file:a", [job("broken", component: "nonsense")]))
        #expect(verdicts.first == .refused(job: "x", .jobOwned(name: "x", by: "file:a", wanted: "file:b")))
        #expect(sources(world) == ["x": "file:a"])
    }

    @Test func `unchanged jobs keep their next run`() {
        var world = HotWorld()
        _ = define(&world, ("file:a", [job("x")]))
        let next = nextFire(&world, "x")
        world.pass(.seconds(3))
        let verdicts = define(&world, ("file:a", [job("x"), job("y")]))
        #expect(verdicts == [.applied(ApplyReport(added: ["y"], unchanged: ["x"]))])
        #expect(nextFire(&world, "x") == next)
    }

    @Test func `a request deletes its own jobs only`() {
        var world = HotWorld()
        _ = define(&world, ("file:a", [job("x")]))
        let ticket = world.call(.delete(job: "x"))
        world.settle()
        guard case .failed(let error) = world.replies[ticket] else {
            Issue.record("it was deleted")
            return
        }
        #expect(error == .jobOwned(name: "x", by: "file:a", wanted: "api"))
        #expect(sources(world) == ["x": "file:a"])
    }

    // MARK: All schedules

    private func setSchedules(_ world: inout HotWorld, running: Bool) -> ScheduleActivity? {
        let ticket = world.call(.setSchedules(running: running))
        guard case .schedules(let activity) = world.replies[ticket] else { return nil }
        return activity
    }

    @Test func `stopped schedules do not fire, and go on when they are started`() {
        var world = HotWorld()
        _ = define(&world, ("file:a", [job("x")]))
        for _ in 0..<2 { #expect(setSchedules(&world, running: false) == .stopped) }
        #expect(nextFire(&world, "x") == nil)
        #expect(world.state.nextTurn(after: world.now) == nil)
        world.pass(.seconds(100))
        #expect(world.rows.runs.isEmpty)
        for _ in 0..<2 { #expect(setSchedules(&world, running: true) == .running) }
        #expect(nextFire(&world, "x") != nil)
        world.pass(.seconds(10))
        #expect(world.rows.runs.values.contains { $0.state != .skipped })
    }

    @Test func `a trigger works while schedules are stopped`() {
        var world = HotWorld()
        _ = define(&world, ("file:a", [job("x")]))
        _ = setSchedules(&world, running: false)
        _ = world.call(.trigger(job: "x"))
        world.settle()
        #expect(world.running.count == 1)
    }

    @Test func `nobody starts schedules that are banned`() {
        var world = HotWorld(schedules: .banned(environment: "test"))
        _ = define(&world, ("file:a", [job("x")]))
        for running in [true, false, true] {
            #expect(setSchedules(&world, running: running) == .banned(environment: "test"))
        }
        world.pass(.seconds(100))
        #expect(world.rows.runs.isEmpty)
    }
}
