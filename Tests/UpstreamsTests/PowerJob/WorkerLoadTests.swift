import JobEngine
import JobModel
import ServiceLifecycle
import TestSupport
import Testing
import Upstreams

/// A worker says when it has enough, and leaves in good order. W20 and W24.
@Suite struct WorkerLoadTests {
    private static let id = PowerJobWorld.instance

    @Test(arguments: [true, false])
    func `W20 a worker that has its fill says so, and far beyond it takes nothing`(strict: Bool) async throws {
        try await PowerJobWorld.with(strict: strict) {
            $0.mostLight = 2
        } _: { world in
            #expect(try await world.server.heartbeat()["overload"] == false)
            try await world.run("basic/wait", instance: 1)
            try await world.run("basic/wait", instance: 2)
            let full = try await world.server.heartbeat("overload") { $0["overload"] == true }
            #expect(full["lightTaskTrackerNum"] == 2)
            #expect(try await world.run("basic/wait", instance: 3) == 200)
            #expect(try await world.host.engine.runs(RunFilter(limit: 10)).count == 2)
            try await world.stop(1)
            try await world.stop(2)
            let count = world.server.heartbeats().count
            try await eventually("room again") {
                world.server.heartbeats().dropFirst(count).contains { $0["overload"] == false } ? true : nil
            }
        }
    }

    @Test func `a server that takes no ends is asked for nothing more`() async throws {
        try await PowerJobWorld.with(strict: false) {
            $0.mostLight = 1
        } _: { world in
            world.server.script("/server/reportInstanceStatus") { _ in StandInPort.Answer(status: 500) }
            for instance in Int64(1)...10 {
                try await world.run("basic/noop", instance: instance)
                try await world.server.end(of: instance)
            }
            try await world.server.heartbeat("overload, and nothing runs") {
                $0["overload"] == true && $0["lightTaskTrackerNum"] == 0
            }
            world.server.script("/server/reportInstanceStatus", nil)
            try await world.settled()
            let count = world.server.heartbeats().count
            try await eventually("room again") {
                world.server.heartbeats().dropFirst(count).contains { $0["overload"] == false } ? true : nil
            }
        }
    }

    @Test(arguments: [true, false])
    func `W24 a host that stops asks for nothing more and reports what ends`(strict: Bool) async throws {
        try await PowerJobWorld.with(strict: strict) { world in
            try await world.run("dispatch/work", ["jobParams": "{\"ms\": 1}"])
            try await world.server.end(of: Self.id)
            world.server.script(
                "/server/reportInstanceStatus", answers: [.init(status: 500)]
            ) { $0.message["instanceId"] == 2 && $0.message["instanceStatus"] == 5 }
            try await world.run("dispatch/work", instance: 2, ["jobParams": "{\"ms\": 300}"])
            try await world.running(2)
            // What the host does when it stops, in its order.
            await world.upstream.drain()
            let last = try #require(world.server.heartbeats().last)
            #expect(last["overload"] == true)
            #expect(try await world.run("basic/noop", instance: 3) == 503)
            #expect(await world.upstream.status().state == .draining)
            try await world.server.end(of: 2)
            await world.host.engine.drain()
            await world.services.triggerGracefulShutdown()
            try await world.server.end(of: 2, count: 2)
            // The server gives it to another.
            try await world.settled(but: [3])
            #expect(world.server.finals(of: 2).last?["result"] == "settled 42 orders")
            #expect(world.server.reports(of: 3).isEmpty)
        }
    }
}
