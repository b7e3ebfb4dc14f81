import JobEngine
import JobModel
import TestSupport
import Testing
import Upstreams

/// What the server stops is stopped and never spoken of again; what it asks about is answered. W16 and W17.
@Suite struct WorkerStopTests {
    private static let id = PowerJobWorld.instance

    @Test(arguments: [true, false])
    func `W16 of a stopped instance nothing is reported, whatever it was doing`(strict: Bool) async throws {
        try await PowerJobWorld.with(strict: strict) { world in
            #expect(try await world.stop(404) == 200)
            try await world.run("basic/wait", instance: 1)
            let run = try await world.running(1)
            #expect(try await world.stop(1) == 200)
            #expect(try await world.stop(1) == 200)
            #expect(try await world.host.engine.waitForEnd(of: run.id).state == .cancelled)
            // While its end waits to be taken.
            world.server.script("/server/reportInstanceStatus") { _ in StandInPort.Answer(status: 500) }
            try await world.run("basic/noop", instance: 2)
            try await world.server.end(of: 2)
            try await world.stop(2)
            try await world.settled()
            // What was on its way when the server said so has arrived.
            try await world.pass(heartbeats: 1)
            let heard = [Int64(1), 2].map { world.server.reports(of: $0).count }
            try await world.pass(heartbeats: 6)
            #expect([Int64(1), 2].map { world.server.reports(of: $0).count } == heard)
            #expect(world.server.finals(of: 1).isEmpty)
        }
    }

    @Test(arguments: [true, false])
    func `W16 what waits in the queue is stopped there`(strict: Bool) async throws {
        try await PowerJobWorld.with(strict: strict) { world in
            for instance in Int64(1)...5 { try await world.run("basic/wait", instance: instance) }
            let queued = try await eventually("five runs, four slots") {
                let runs = try await world.host.engine.runs(RunFilter(limit: 10))
                return runs.count == 5 && runs.count { $0.state == .running } == 4
                    ? runs.first { $0.state == .pending } : nil
            }
            let instance = try #require(queued.instance.flatMap { Int64($0) })
            try await world.stop(instance)
            let ended = try await world.host.engine.waitForEnd(of: queued.id)
            #expect(ended.state == .cancelled && ended.counters.starts == 0)
            for instance in Int64(1)...5 { try await world.stop(instance) }
            try await world.settled()
            #expect(world.server.finals(of: instance).isEmpty)
        }
    }

    @Test(arguments: [true, false])
    func `a stop that comes while the instance is taken holds too`(strict: Bool) async throws {
        try await PowerJobWorld.with(strict: strict) {
            // A stop that overtakes the dispatch is one that the worker cannot know of.
            $0.pace.firstReport = .seconds(60) ... .seconds(120)
        } _: { world in
            for instance in Int64(1)...20 {
                async let taken = world.run("basic/wait", instance: instance)
                async let stopped = world.stop(instance)
                _ = try await (taken, stopped)
                // One that came first stopped nothing.
                try await world.stop(instance)
            }
            try await world.settled()
            let states = try await world.host.engine.runs(RunFilter(limit: 30)).map(\.state)
            #expect(states == Array(repeating: .cancelled, count: 20))
            for instance in Int64(1)...20 { #expect(world.server.finals(of: instance).isEmpty) }
        }
    }

    @Test(arguments: [true, false])
    func `a stop while the lines of an ended run are sent is the last word`(strict: Bool) async throws {
        try await PowerJobWorld.with(strict: strict) { world in
            let (gate, opening) = AsyncStream.makeStream(of: Void.self)
            world.server.script("/server/reportLog") { _ in
                for await _ in gate {}
                return nil
            }
            try await world.run("dispatch/talk")
            try await eventually("lines come") { world.server.calls("/server/reportLog").first }
            try await eventually("it has ended") {
                try await world.host.engine.runs(RunFilter(limit: 1)).first?.state == .succeeded ? true : nil
            }
            try await world.stop()
            opening.finish()
            try await world.settled()
            try await world.pass(heartbeats: 4)
            #expect(world.server.finals(of: Self.id).isEmpty)
        }
    }

    @Test(arguments: [true, false])
    func `a stopped instance that is retried is a new start at once`(strict: Bool) async throws {
        try await PowerJobWorld.with(strict: strict) { world in
            try await world.run("basic/wait")
            try await world.running()
            try await world.stop()
            try await world.run("dispatch/work", ["jobParams": "{\"ms\": 1}"])
            #expect(try await world.server.end(of: Self.id)["instanceStatus"] == 5)
            try await world.settled()
            #expect(world.server.finals(of: Self.id).count == 1)
        }
    }

    @Test(arguments: [true, false])
    func `W17 a running instance is described with the keys the server knows, an unknown one is not`(strict: Bool)
        async throws
    {
        try await PowerJobWorld.with(strict: strict) { world in
            try await world.run("basic/wait")
            try await world.running()
            try await eventually("the server's version") { world.server.calls("/server/hello").isEmpty ? nil : true }
            try await world.pass(heartbeats: 1)
            let worker = try await world.worker()
            func ask(_ instance: Int64) async throws -> AskReply {
                let answer = try await StandInServer.post(
                    worker, "/worker/queryInstanceStatus",
                    ["instanceId": .number(instance), "customQuery": "status = 6; DROP TABLE x"])
                #expect(answer.status == 200)
                return try #require(AskReply(bytes: answer.body))
            }
            let reply = try await ask(Self.id)
            let detail = try JSONParser.parse(try #require(reply.data))
            #expect(detail["status"] == 3 && detail["taskTrackerAddress"]?.string == worker)
            let tasks = try #require(detail["taskDetail"]?.members?.map(\.name))
            let old = ["totalTaskNum", "succeedTaskNum", "failedTaskNum"]
            let new = ["waitingDispatchTaskNum", "workerUnreceivedTaskNum", "receivedTaskNum", "runningTaskNum"]
            #expect(tasks == (strict ? old : old + new))
            let unknown = try await ask(404)
            #expect(!unknown.isSuccess && unknown.message == "can't find TaskTracker" && unknown.data == nil)
            try await world.stop()
        }
    }
}
