import GuestPool
import JobModel
import PluginCatalog
import Testing

@testable import JobEngine

/// Runs whose component was not there when they were made, or has another schema by now.
struct HotStateParamsTests {
    private func component(_ schema: String, digest: String = "d1") throws -> CatalogComponent {
        var component = HotWorld.component("params/echo", digest: digest)
        component.schema = try ParamsSchema(schema)
        return component
    }

    private let strict = #"{"properties":{"n":{"type":"integer"}},"required":["n"],"additionalProperties":false}"#
    private let filling = #"{"properties":{"n":{"default":7},"key":{"x-secret":true}}}"#

    private func apply(_ world: inout HotWorld, params: String, _ schedule: ScheduleSpec = .none) -> Ticket {
        defer { world.settle() }
        let job = JobDefinition(name: "j", component: "params/echo", params: params, schedule: schedule)
        return world.call(.apply([job], source: "file", prune: false))
    }

    private func refusal(_ world: HotWorld, _ ticket: Ticket) -> ParamsRefusal? {
        guard case .failed(.paramsRefused(_, job: "j", let refusal)) = world.replies[ticket] else { return nil }
        return refusal
    }

    @Test func `a job is refused when its params do not fit the component that is there`() throws {
        var world = HotWorld(components: [try component(strict)])
        let ticket = apply(&world, params: #"{"n":"x"}"#)
        #expect(refusal(world, ticket)?.description == #"$.n: must be a whole number, is "x""#)
        #expect(world.rows.jobs.isEmpty)
    }

    @Test func `a scheduled run for an absent component fails when it comes and the params do not fit`() throws {
        var world = HotWorld(components: [])
        _ = apply(&world, params: "{}", .every(.seconds(10)))
        world.pass(.seconds(10))
        let id = try #require(world.rows.runs.keys.first)
        #expect(world.stateOf(id) == .pending)
        world.send(.catalog(HotWorld.catalog([try component(strict)])))
        world.settle()
        #expect(world.stateOf(id) == .failed)
        #expect(world.rows.runs[id]?.reason == "its params do not fit params/echo: $.n: is missing")
        #expect(world.orders.isEmpty)
        // Nothing is left behind: the next one is made and judged the same way.
        world.pass(.seconds(10))
        #expect(world.rows.runs.count == 2)
        #expect(world.rows.runs.values.allSatisfy { $0.state == .failed })
    }

    @Test func `a waiting run is completed before it starts, in the store too`() throws {
        var world = HotWorld(components: [])
        _ = apply(&world, params: #"{"a":1}"#, .every(.seconds(10)))
        world.pass(.seconds(10))
        let id = try #require(world.rows.runs.keys.first)
        world.send(.catalog(HotWorld.catalog([try component(filling)])))
        world.settle()
        let complete = Array(#"{"a":1,"n":7}"#.utf8)
        #expect(world.orders.first?.params == complete)
        #expect(world.rows.runs[id]?.params == complete)
        #expect(world.rows.runs[id]?.state == .running)
    }

    @Test func `runs that are older than the schema are judged by it before they start`() throws {
        let first = try component(strict)
        var world = HotWorld(slots: 1, components: [first])
        var request = RunRequest(component: first.name, params: Array(#"{"n":1}"#.utf8))
        request.judgedBy = first.schema
        world.call(.enqueue([request, request]))
        world.settle()
        #expect(world.running == [1])
        // A new version wants texts.
        let second = try component(#"{"properties":{"n":{"type":"string"}}}"#, digest: "d2")
        world.send(.catalog(HotWorld.catalog([second])))
        world.end(1)
        world.settle()
        #expect(world.stateOf(1) == .succeeded)
        #expect(world.stateOf(2) == .failed)
    }

    @Test func `a request that was checked by an older schema is checked again`() throws {
        var world = HotWorld(components: [try component(strict)])
        var request = RunRequest(component: try component(strict).name, params: Array(#"{"n":"x"}"#.utf8))
        request.judgedBy = try component(filling).schema
        let ticket = world.call(.enqueue([request]))
        world.settle()
        guard case .accepted(let results) = world.replies[ticket], case .refused(.paramsRefused) = results.first else {
            Issue.record("accepted")
            return
        }
        #expect(world.rows.runs.isEmpty)
    }

    @Test func `a job whose params do not fit any more makes a failed run each time`() throws {
        var world = HotWorld(components: [])
        _ = apply(&world, params: "{}", .every(.seconds(10)))
        world.send(.catalog(HotWorld.catalog([try component(strict)])))
        world.pass(.seconds(10))
        #expect(world.rows.runs.values.map(\.state) == [.failed])
        world.pass(.seconds(10))
        #expect(world.rows.runs.values.map(\.state) == [.failed, .failed])
        #expect(world.rows.runs.values.allSatisfy { $0.reason?.contains("$.n: is missing") == true })
    }

    @Test func `what a root stage gives its children is not judged`() throws {
        var world = HotWorld(components: [try component(strict)])
        let child = RunRecord(
            id: 9, component: try component(strict).name, queue: "default", source: .child, due: world.now,
            createdAt: world.now, params: Array(#"{"other":true}"#.utf8), parent: 1)
        let isOnItsWay = world.insert(child)
        #expect(isOnItsWay)
        #expect(world.running == [9])
    }

    @Test func `a trigger hears at once that the params do not fit any more`() throws {
        var world = HotWorld(components: [])
        _ = apply(&world, params: #"{"n":"x"}"#)
        world.send(.catalog(HotWorld.catalog([try component(strict)])))
        let ticket = world.call(.trigger(job: "j"))
        world.settle()
        #expect(refusal(world, ticket) != nil)
        #expect(world.rows.runs.isEmpty)
    }

    @Test func `an attempt knows what must not be said of it`() throws {
        var world = HotWorld(components: [try component(filling)])
        _ = apply(&world, params: #"{"key":"hunter22"}"#)
        world.call(.trigger(job: "j"))
        world.settle()
        #expect(world.orders.first?.secrets.hidden(in: "hunter22") == "[secret]")
    }
}
