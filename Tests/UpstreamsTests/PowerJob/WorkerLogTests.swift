import JobEngine
import JobModel
import TestSupport
import Testing
import Upstreams

/// Lines of a run appear at the server; a workflow's context goes in and out. W18 and W19.
@Suite struct WorkerLogTests {
    private static let id = PowerJobWorld.instance

    @Test(arguments: [true, false])
    func `W18 lines of the wanted levels come in order, few at a time, all before the end`(strict: Bool) async throws {
        try await PowerJobWorld.with(strict: strict) { world in
            try await world.run("dispatch/talk", ["logConfig": "{\"type\":1,\"level\":3}"])
            try await world.server.end(of: Self.id)
            let calls = world.server.record.calls
            let last = try #require(calls.lastIndex { $0.path == "/server/reportLog" })
            let end = try #require(calls.firstIndex { $0.message["instanceStatus"] == 5 })
            #expect(last < end)
            let worker = try await world.worker()
            for call in world.server.calls("/server/reportLog") {
                #expect((call.message["instanceLogContents"]?.array ?? []).count <= 20)
                #expect(call.message["workerAddress"]?.string == worker)
            }
            let lines = world.server.lines(of: Self.id)
            let wanted = (0..<1000).filter { $0 % 4 >= 2 }
            #expect(lines.map { $0["logContent"]?.string } == wanted.map { "line \($0)" })
            #expect(lines.map { $0["logLevel"]?.integer } == wanted.map { $0 % 4 == 2 ? 3 : 4 })
            #expect(lines.allSatisfy { ($0["logTime"]?.integer ?? 0) > 0 })
            #expect(world.server.record.complaints.isEmpty)
        }
    }

    @Test(arguments: [(1, true), (2, false), (3, false), (4, true), (999, false)])
    func `W18 only jobs that log online have lines at the server`(type: Int, areWanted: Bool) async throws {
        try await PowerJobWorld.with(strict: false) { world in
            try await world.run("dispatch/talk", ["logConfig": .string("{\"type\":\(type),\"level\":4}")])
            try await world.server.end(of: Self.id)
            #expect(world.server.lines(of: Self.id).count == (areWanted ? 250 : 0))
        }
    }

    @Test func `lines that no server takes do not keep the end from being told`() async throws {
        try await PowerJobWorld.with(strict: false) { world in
            world.server.script("/server/reportLog") { _ in StandInPort.Answer(status: 500) }
            try await world.run("dispatch/talk")
            #expect(try await world.server.end(of: Self.id)["instanceStatus"] == 5)
            try await world.settled()
        }
    }

    @Test func `lines that a server did not take are sent again`() async throws {
        try await PowerJobWorld.with(strict: false) { world in
            world.server.script("/server/reportLog", answers: Array(repeating: .init(status: 500), count: 3))
            try await world.run("dispatch/say-and-wait")
            try await eventually("the line") { world.server.lines(of: Self.id).count >= 4 ? true : nil }
            #expect(Set(world.server.lines(of: Self.id).map { $0["logContent"]?.string }) == ["begun"])
            try await world.stop()
        }
    }

    @Test func `what a server does not take of one instance is not tried for all the others`() async throws {
        try await PowerJobWorld.with(strict: false) { world in
            world.server.script("/server/reportLog") { _ in StandInPort.Answer(status: 500) }
            for instance in Int64(1)...3 { try await world.run("dispatch/say-and-wait", instance: instance) }
            for instance in Int64(1)...3 { try await world.running(instance) }
            try await eventually("a few rounds") {
                world.server.calls("/server/reportLog").count >= 10 ? true : nil
            }
            let before = world.server.calls("/server/reportLog").count
            world.server.script("/server/reportLog", nil)
            for instance in Int64(1)...3 {
                try await eventually("the line of \(instance)") {
                    world.server.calls("/server/reportLog").dropFirst(before).contains { call in
                        call.message["instanceLogContents"]?.array?.first?["instanceId"]?.integer == instance
                    } ? true : nil
                }
                try await world.stop(instance)
            }
        }
    }

    @Test func `lines that a server refuses of one instance keep those of others back no more`() async throws {
        try await PowerJobWorld.with(strict: false) { world in
            world.server.script("/server/reportLog") { call in
                let line = call.message["instanceLogContents"]?.array?.first
                return line?["instanceId"] == 1 ? StandInPort.Answer(status: 413) : nil
            }
            try await world.run("dispatch/say-and-wait", instance: 1)
            try await eventually("a refusal") { world.server.lines(of: 1).first }
            for instance in Int64(2)...4 {
                try await world.run("dispatch/say-and-wait", instance: instance)
                try await eventually("the line of \(instance)") { world.server.lines(of: instance).first }
            }
            for instance in Int64(1)...4 { try await world.stop(instance) }
        }
    }

    @Test(arguments: [true, false])
    func `W19 a workflow's context is read and appended to`(strict: Bool) async throws {
        try await PowerJobWorld.with(strict: strict) { world in
            let workflow: JSONValue = .number("745847914496000192")
            try await world.run(
                "basic/echo", instance: 1,
                [
                    "wfInstanceId": workflow, "timeExpressionType": "WORKFLOW", "jobParams": "node-param",
                    "instanceParams": "{\"initParams\":\"x\",\"orderCount\":\"42\"}",
                ])
            let end = try await world.server.end(of: 1)
            #expect(end["wfInstanceId"] == workflow)
            let echo = try JSONParser.parse(end["result"]?.string ?? "")
            #expect(echo["jobParams"] == "node-param")
            #expect(echo["workflowContext"] == ["initParams": "x", "orderCount": "42"])
            try await world.run("dispatch/append", instance: 2, ["wfInstanceId": workflow])
            let appended = try await world.server.end(of: 2)
            #expect(appended["appendedWfContext"] == ["file": "/out/a.csv", "rows": "42", "tags": "[\"a\"]"])
            try await world.run("dispatch/append", instance: 3)
            let plain = try await world.server.end(of: 3)
            #expect(plain["wfInstanceId"] == nil && plain["appendedWfContext"] == nil)
            #expect(world.server.record.complaints.isEmpty)
        }
    }

    @Test func `a component without a place for the context is run without it`() async throws {
        try await PowerJobWorld.with(strict: false) { world in
            try await world.run(
                "params/echo",
                ["wfInstanceId": 7, "jobParams": "{\"name\":\"a\"}", "instanceParams": "{\"initParams\":\"x\"}"])
            let end = try await world.server.end(of: Self.id)
            #expect(end["instanceStatus"] == 5 && end["result"] == "{\"name\":\"a\",\"times\":2}")
        }
    }
}
