import JobEngine
import JobModel
import Testing
import Upstreams

/// What becomes of an instance that is dispatched here. W7 to W10, W13 to W15, W26 and W28.
@Suite struct WorkerRunTests {
    private static let id = PowerJobWorld.instance

    @Test(arguments: [true, false])
    func `W7 a light instance is run and reported once, to its last digit`(strict: Bool) async throws {
        try await PowerJobWorld.with(strict: strict) { world in
            #expect(try await world.run("dispatch/work", ["jobParams": "{\"ms\": 5}"]) == 200)
            let end = try await world.server.end(of: Self.id)
            #expect(end["instanceStatus"] == 5 && end["result"] == "settled 42 orders")
            #expect(end["totalTaskNum"] == 1 && end["succeedTaskNum"] == 1 && end["failedTaskNum"] == 0)
            let worker = try await world.worker()
            #expect(end["sourceAddress"]?.string == worker)
            #expect(end["instanceId"] == .number("745847914496000064"))
            #expect(end["jobId"] == 501 && end["appId"] == 12)
            #expect(end["wfInstanceId"] == nil && end["appendedWfContext"] == nil)
            let start = try #require(end["startTime"]?.integer), stop = try #require(end["endTime"]?.integer)
            #expect(start <= stop)
            try await world.settled()
            try await world.pass(heartbeats: 3)
            #expect(world.server.finals(of: Self.id).count == 1)
            #expect(world.server.record.complaints.isEmpty)
        }
    }

    @Test(arguments: [true, false])
    func `W9 the same instance twice at once is run once`(strict: Bool) async throws {
        try await PowerJobWorld.with(strict: strict) { world in
            async let one = world.run("dispatch/work", ["jobParams": "{\"ms\": 300}"])
            async let two = world.run("dispatch/work", ["jobParams": "{\"ms\": 300}"])
            let statuses = try await [one, two]
            #expect(statuses == [200, 200])
            try await world.server.end(of: Self.id)
            try await world.settled()
            #expect(try await world.host.engine.runs(RunFilter(limit: 10)).count == 1)
            #expect(world.server.finals(of: Self.id).count == 1)
        }
    }

    @Test(arguments: [true, false])
    func `W10 the same instance after its final report is a new start`(strict: Bool) async throws {
        try await PowerJobWorld.with(strict: strict) { world in
            for count in 1...3 {
                try await world.run("basic/echo", ["jobParams": "{\"a\": 1}"])
                try await world.server.end(of: Self.id, count: count)
                try await world.settled()
            }
            #expect(try await world.host.engine.runs(RunFilter(limit: 10)).count == 3)
            let times = world.server.finals(of: Self.id).compactMap { $0["reportTime"]?.integer }
            #expect(times == times.sorted() && Set(times).count == 3)
        }
    }

    @Test(arguments: [true, false])
    func `W13 what cannot be run is reported as failed, with the reason`(strict: Bool) async throws {
        try await PowerJobWorld.with(strict: strict) { world in
            try await world.run("dispatch/never", instance: 1)
            #expect(try await world.server.end(of: 1)["result"] == "disk full")
            try await world.run("com.example.Missing", instance: 2)
            let unknown = try await world.server.end(of: 2)
            #expect(unknown["instanceStatus"] == 4)
            let reason = unknown["result"]?.string ?? ""
            #expect(reason.hasPrefix("init TaskTracker failed, reason: "))
            #expect(reason.contains("com.example.Missing") && reason.contains("basic/echo"))
            try await world.run("7#x", instance: 3, ["processorType": "EXTERNAL"])
            #expect(try await world.server.end(of: 3)["result"]?.string?.contains("container") == true)
            try await world.run("basic/echo", instance: 4, ["executeType": "SIDEWAYS"])
            #expect(try await world.server.end(of: 4)["result"]?.string?.contains("SIDEWAYS") == true)
            for instance in Int64(1)...4 {
                let end = try await world.server.end(of: instance)
                #expect(end["instanceStatus"] == 4 && end["failedTaskNum"] == 1 && end["succeedTaskNum"] == 0)
            }
            try await world.settled()
        }
    }

    @Test(arguments: [true, false])
    func `W14 an instance has one attempt more than it has retries`(strict: Bool) async throws {
        try await PowerJobWorld.with(strict: strict) { world in
            try await world.run("dispatch/third-time", instance: 1, ["taskRetryNum": 2])
            let end = try await world.server.end(of: 1)
            #expect(end["instanceStatus"] == 5 && end["result"] == "{\"start\":3}")
            try await world.run("dispatch/third-time", instance: 2, ["taskRetryNum": 1])
            let failed = try await world.server.end(of: 2)
            #expect(failed["instanceStatus"] == 4 && failed["result"] == "not yet")
            try await world.settled()
            #expect(world.server.finals(of: 1).count == 1 && world.server.finals(of: 2).count == 1)
        }
    }

    @Test(arguments: [true, false])
    func `W15 an instance that takes too long is cancelled, and no attempt follows`(strict: Bool) async throws {
        try await PowerJobWorld.with(strict: strict) { world in
            try await world.run("basic/wait", ["instanceTimeoutMS": 100, "taskRetryNum": 3])
            let end = try await world.server.end(of: Self.id)
            #expect(end["instanceStatus"] == 4)
            #expect(end["result"] == "instance execute timeout,interrupted success")
            try await world.settled()
            let run = try #require(try await world.host.engine.runs(RunFilter(limit: 1)).first)
            #expect(run.counters.starts == 1 && run.state == .failed)
        }
    }

    @Test(arguments: [true, false])
    func `W26 ids of 64 bits come back as they were, also when they come as texts`(strict: Bool) async throws {
        try await PowerJobWorld.with(strict: strict) { world in
            try await world.run("basic/noop", instance: .max, ["jobId": "9007199254740993"])
            let end = try await world.server.end(of: .max)
            #expect(end["instanceId"] == .number("9223372036854775807"))
            #expect(end["jobId"] == .number("9007199254740993"))
            try await world.run("basic/noop", instance: 0, ["instanceId": "9223372036854775805"])
            let other = try await world.server.end(of: 9_223_372_036_854_775_805)
            #expect(other["instanceId"] == .number("9223372036854775805"))
        }
    }

    @Test(arguments: [true, false])
    func `W28 servers may use the other names of the paths`(strict: Bool) async throws {
        try await PowerJobWorld.with(strict: strict) { world in
            #expect(try await world.run("basic/wait", path: "/taskTracker/runJob") == 200)
            try await world.running()
            let answer = try await StandInServer.post(
                try await world.worker(), "/taskTracker/queryInstanceStatus", ["instanceId": .number(Self.id)])
            #expect(AskReply(bytes: answer.body)?.isSuccess == true)
            #expect(try await world.stop(path: "/taskTracker/stopInstance") == 200)
            try await world.settled()
        }
    }

    @Test func `params that do not fit their schema are the reason of a failure, with what is wrong`() async throws {
        try await PowerJobWorld.with(strict: false) { world in
            try await world.run("params/echo", ["jobParams": "{\"unknown\": 1}"])
            let end = try await world.server.end(of: Self.id)
            #expect(end["instanceStatus"] == 4 && end["result"]?.string?.contains("params do not fit") == true)
        }
    }
}
