import Foundation
import JobEngine
import JobModel
import Synchronization
import TestSupport
import Testing
import Upstreams

/// Reports reach the server, in order, until it has taken the last. W8, W11, W12 and W27.
@Suite struct WorkerReportTests {
    private static let id = PowerJobWorld.instance

    @Test(arguments: [true, false])
    func `W8 what runs long is reported again and again, later each time`(strict: Bool) async throws {
        try await PowerJobWorld.with(strict: strict) { world in
            try await world.run("dispatch/work", ["jobParams": "{\"ms\": 300}"])
            let end = try await world.server.end(of: Self.id)
            let reports = world.server.reports(of: Self.id)
            #expect(reports.count >= 3)
            for report in reports.dropLast() {
                #expect(report["instanceStatus"] == 3 && report["endTime"] == nil && report["result"] == nil)
                #expect(report["totalTaskNum"] == 1 && report["succeedTaskNum"] == 0)
                #expect(report["startTime"] == end["startTime"])
            }
            let times = reports.compactMap { $0["reportTime"]?.integer }
            #expect(zip(times, times.dropFirst()).allSatisfy { $0 < $1 })
            #expect(world.server.record.complaints.isEmpty)
        }
    }

    @Test(arguments: [true, false])
    func `W11 a final report is repeated until the server says that it has it`(strict: Bool) async throws {
        try await PowerJobWorld.with(strict: strict) { world in
            world.server.script(
                "/server/reportInstanceStatus",
                answers: [.init(status: 500), .init(), StandInAnswers.refused("busy")]
            ) { $0.message["instanceStatus"]?.integer == 5 }
            try await world.run("basic/noop")
            try await world.server.end(of: Self.id, count: 4)
            try await world.settled()
            try await world.pass(heartbeats: 4)
            let finals = world.server.finals(of: Self.id)
            #expect(finals.count == 4)
            let times = finals.compactMap { $0["reportTime"]?.integer }
            #expect(zip(times, times.dropFirst()).allSatisfy { $0 < $1 })
            let runs = try await world.host.engine.runs(RunFilter(limit: 10))
            #expect(runs.map(\.counters.starts) == [1])
        }
    }

    @Test(arguments: [true, false])
    func `W12 a server that says no six times is not asked again`(strict: Bool) async throws {
        try await PowerJobWorld.with(strict: strict) { world in
            world.server.script("/server/reportInstanceStatus") { _ in
                StandInAnswers.refused("can't find Instance by instanceId: 745847914496000064")
            }
            try await world.run("basic/noop")
            try await world.server.end(of: Self.id, count: 6)
            try await world.settled(but: [Self.id])
            let after = world.server.heartbeats().count
            try await world.pass(heartbeats: 4)
            #expect(world.server.finals(of: Self.id).count == 6)
            #expect(world.server.heartbeats()[after...].last?["lightTaskTrackerNum"] == 0)
        }
    }

    @Test(arguments: [true, false])
    func `a failure that the server may have heard of is run again, a success is told again`(strict: Bool) async throws
    {
        try await PowerJobWorld.with(strict: strict) { world in
            world.server.script("/server/reportInstanceStatus") { call in
                (call.message["instanceStatus"]?.integer ?? 3) > 3 ? StandInPort.Answer(status: 500) : nil
            }
            try await world.run("dispatch/never", instance: 1)
            try await world.server.end(of: 1)
            // Within milliseconds of the end that the server took, whatever it answered.
            try await world.run("basic/echo", instance: 1)
            try await world.run("basic/noop", instance: 2)
            try await world.server.end(of: 2)
            try await world.run("basic/noop", instance: 2)
            world.server.script("/server/reportInstanceStatus", nil)
            try await world.settled()
            let runs = try await world.host.engine.runs(RunFilter(limit: 10)).map(\.instance)
            #expect(runs == ["2", "1", "1"])
            #expect(world.server.finals(of: 1).last?["instanceStatus"] == 5)
            #expect(world.server.finals(of: 2).last?["instanceStatus"] == 5)
        }
    }

    @Test(arguments: [true, false])
    func `what the server retries by itself is told anew, to the end that it believes`(strict: Bool) async throws {
        try await PowerJobWorld.with(strict: strict) { world in
            let states = world.server.states
            states.retry(Self.id, times: 1)
            try await world.run("dispatch/never")
            try await eventually("it is to be dispatched again") {
                states.status(of: Self.id) == .waitsForDispatch ? true : nil
            }
            try await world.run("dispatch/never")
            try await eventually("it has failed for good") { states.status(of: Self.id) == .failed ? true : nil }
            // Somebody retries it by hand.
            try await world.run("dispatch/work", ["jobParams": "{\"ms\": 100}"])
            try await eventually("it has succeeded") { states.status(of: Self.id) == .succeeded ? true : nil }
            try await world.settled()
            #expect(world.server.finals(of: Self.id).count == 3)
        }
    }

    @Test(arguments: [true, false])
    func `what no server judges is told until one does, over the restart of the host`(strict: Bool) async throws {
        let home = WorkingEngine.temporaryHome()
        defer { try? FileManager.default.removeItem(at: home) }
        let server = try await StandInServer(isStrict: strict)
        server.script("/server/reportInstanceStatus") { _ in StandInPort.Answer(status: 500) }
        try await PowerJobWorld.with(strict: strict, home: home, server: server) { settings in
            settings.pace.answer = .milliseconds(500)
        } _: { world in
            try await world.run("dispatch/work", ["jobParams": "{\"ms\": 1}"])
            try await server.end(of: Self.id, count: 8)
            let status = try await world.status("owed") { $0.owed == 1 && $0.lag != nil }
            #expect(status.open == 0 && status.lastError?.contains("500") == true)
        }
        server.script("/server/reportInstanceStatus", nil)
        let before = server.finals(of: Self.id).count
        try await PowerJobWorld.with(strict: strict, home: home, server: server) { world in
            let end = try await server.end(of: Self.id, count: before + 1)
            #expect(end["instanceStatus"] == 5 && end["result"] == "settled 42 orders")
            try await world.settled()
            #expect(try await world.host.engine.runs(RunFilter(limit: 10)).count == 1)
        }
        await server.close()
    }

    @Test func `an end that nobody has taken is told, not run again, by a host that comes back`() async throws {
        let home = WorkingEngine.temporaryHome()
        defer { try? FileManager.default.removeItem(at: home) }
        let server = try await StandInServer(isStrict: false)
        server.script("/server/reportInstanceStatus") { _ in StandInPort.Answer(status: 500) }
        try await PowerJobWorld.with(strict: false, home: home, server: server) { settings in
            settings.pace.answer = .milliseconds(100)
        } _: { world in
            try await world.run("dispatch/work", ["jobParams": "{\"ms\": 1}"])
            try await server.end(of: Self.id)
        }
        try await PowerJobWorld.with(strict: false, home: home, server: server) { world in
            // The server has given it up, and the host is the first that it asks.
            try await world.run("dispatch/work", ["jobParams": "{\"ms\": 1}"])
            server.script("/server/reportInstanceStatus", nil)
            try await world.settled()
            #expect(try await world.host.engine.runs(RunFilter(limit: 10)).count == 1)
            #expect(server.finals(of: Self.id).last?["result"] == "settled 42 orders")
        }
        await server.close()
    }

    @Test func `what a host was given goes on after its restart, and is reported to its end`() async throws {
        let home = WorkingEngine.temporaryHome()
        defer { try? FileManager.default.removeItem(at: home) }
        let server = try await StandInServer(isStrict: false)
        try await PowerJobWorld.with(strict: false, home: home, server: server) { world in
            try await world.run("dispatch/work", ["jobParams": "{\"ms\": 300}"])
            try await world.running()
        }
        #expect(server.finals(of: Self.id).isEmpty)
        try await PowerJobWorld.with(strict: false, home: home, server: server) { world in
            #expect(try await server.end(of: Self.id)["result"] == "settled 42 orders")
            try await world.settled()
        }
        let times = server.reports(of: Self.id).compactMap { $0["reportTime"]?.integer }
        #expect(zip(times, times.dropFirst()).allSatisfy { $0 < $1 })
        await server.close()
    }

    @Test func `what the server gave up while the host was away is not gone on with, and its failures are not told`()
        async throws
    {
        let home = WorkingEngine.temporaryHome()
        defer { try? FileManager.default.removeItem(at: home) }
        let server = try await StandInServer(isStrict: false)
        server.script("/server/reportInstanceStatus") { _ in StandInPort.Answer(status: 500) }
        try await PowerJobWorld.with(strict: false, home: home, server: server) { settings in
            settings.pace.answer = .milliseconds(500)
        } _: { world in
            try await world.run("basic/wait", instance: 1)
            try await world.running(1)
            try await world.run("dispatch/never", instance: 2)
            try await world.run("basic/noop", instance: 3)
            try await server.end(of: 2)
            try await server.end(of: 3)
        }
        server.script("/server/reportInstanceStatus", nil)
        let heard = [Int64(1), 2, 3].map { server.reports(of: $0).count }
        // An hour later.
        let clock = ReportClock { ReportClock.machine + 3_600_000 }
        try await PowerJobWorld.with(strict: false, home: home, server: server, clock: clock) { world in
            // The server has given them up by itself.
            try await world.settled(but: [1, 2])
            try await world.pass(heartbeats: 3)
            #expect(server.reports(of: 1).count == heard[0] && server.reports(of: 2).count == heard[1])
            // A success is the truth whenever it comes, and starts nothing.
            #expect(server.reports(of: 3).count > heard[2])
            let runs = try await world.host.engine.runs(RunFilter(limit: 10))
            #expect(runs.first { $0.instance == "1" }?.state == .cancelled)
        }
        await server.close()
    }

    @Test(arguments: [true, false])
    func `W27 no time goes back when the machine's clock does`(strict: Bool) async throws {
        let steps = Shift(0)
        try await PowerJobWorld.with(strict: strict, clock: ReportClock { ReportClock.machine + steps.value }) {
            world in
            try await world.run("dispatch/work", ["jobParams": "{\"ms\": 300}"])
            try await eventually("a running report") { world.server.reports(of: Self.id).isEmpty ? nil : true }
            steps.set(-5000)
            try await world.server.end(of: Self.id)
            let times = world.server.reports(of: Self.id).compactMap { $0["reportTime"]?.integer }
            #expect(times.count >= 3 && zip(times, times.dropFirst()).allSatisfy { $0 < $1 })
            let beats = world.server.heartbeats().compactMap { $0["heartbeatTime"]?.integer }
            #expect(beats == beats.sorted())
        }
    }

    private final class Shift: Sendable {
        private let amount: Atomic<Int64>

        init(_ amount: Int64) { self.amount = Atomic(amount) }

        var value: Int64 { amount.load(ordering: .relaxed) }
        func set(_ amount: Int64) { self.amount.store(amount, ordering: .relaxed) }
    }
}
