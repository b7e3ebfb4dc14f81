import JobEngine
import JobModel
import TestSupport
import Testing
import Upstreams

/// A worker finds the server in charge of its app and lives before it. W1 to W5.
@Suite struct WorkerDiscoveryTests {
    @Test(arguments: [true, false])
    func `W1 of two servers the one that lives is found, and names are escaped`(strict: Bool) async throws {
        try await PowerJobWorld.with(strict: strict) { settings in
            settings.app = "swift demo 任务"
            settings.servers.insert(HostPort(host: "127.0.0.1", port: 1), at: 0)
        } _: { world in
            try await world.server.heartbeat()
            let calls = world.server.record.calls
            let assert = try #require(calls.first { $0.path == "/server/assert" })
            #expect(assert.rawQuery == "appName=swift%20demo%20%E4%BB%BB%E5%8A%A1")
            let acquire = try #require(calls.first { $0.path == "/server/acquire" })
            #expect(acquire.query["appId"] == "12" && acquire.query["protocol"] == "HTTP")
            #expect(calls.firstIndex { $0.path == "/server/assert" } == 0)
            #expect(await world.upstream.status().state == .connected)
        }
    }

    @Test(arguments: [true, false])
    func `W2 an app that is not registered is a state with a remedy, and no heartbeat is sent`(strict: Bool)
        async throws
    {
        let server = try await StandInServer(isStrict: strict)
        let text = "app(swift-demo) is not registered! Please register the app first."
        server.script("/server/assert") { _ in StandInAnswers.refused(text) }
        try await PowerJobWorld.with(strict: strict, server: server) { world in
            let status = try await world.status("the app is unregistered") { $0.state == .unregistered }
            #expect(status.lastError?.contains(text) == true)
            #expect(status.remedy?.contains("register the app \"swift-demo\"") == true)
            #expect(server.heartbeats().isEmpty)
            // Once it is registered, the worker is there.
            server.script("/server/assert", nil)
            try await server.heartbeat()
            _ = try await world.status("connected") { $0.state == .connected && $0.remedy == nil }
        }
        await server.close()
    }

    @Test(arguments: [true, false], [JSONValue.number(12), "12", ["appId": 12]])
    func `W3 the id of the app comes as number, text or object`(strict: Bool, data: JSONValue) async throws {
        let server = try await StandInServer(isStrict: strict)
        server.script("/server/assert") { _ in StandInAnswers.found(data) }
        try await PowerJobWorld.with(strict: strict, server: server) { world in
            let heartbeat = try await server.heartbeat()
            #expect(heartbeat["appId"] == 12)
        }
        await server.close()
    }

    @Test(arguments: [true, false])
    func `W4 heartbeats have exactly the keys that are known, and true numbers`(strict: Bool) async throws {
        try await PowerJobWorld.with(strict: strict) {
            $0.tag = "blue"
        } _: { world in
            try await world.pass(heartbeats: 4)
            let heartbeats = world.server.heartbeats()
            let keys: Set<String> = [
                "workerAddress", "appName", "appId", "heartbeatTime", "containerInfos", "version", "protocol", "tag",
                "client", "overload", "lightTaskTrackerNum", "heavyTaskTrackerNum", "systemMetrics",
            ]
            let metrics: Set<String> = [
                "cpuProcessors", "cpuLoad", "jvmUsedMemory", "jvmMaxMemory", "jvmMemoryUsage", "diskUsed", "diskTotal",
                "diskUsage", "score",
            ]
            for heartbeat in heartbeats {
                #expect(Set(heartbeat.members?.map(\.name) ?? []) == keys)
                #expect(Set(heartbeat["systemMetrics"]?.members?.map(\.name) ?? []) == metrics)
                #expect(heartbeat["protocol"] == "HTTP" && heartbeat["overload"] == false)
                #expect(heartbeat["containerInfos"] == [] && heartbeat["tag"] == "blue")
                #expect(heartbeat["appId"]?.integer == 12)
                for member in heartbeat["systemMetrics"]?.members ?? [] {
                    guard case .number(let digits) = member.value, let value = Double(digits) else {
                        Issue.record("\(member)")
                        continue
                    }
                    #expect(value.isFinite && value >= 0)
                }
            }
            let first = try #require(heartbeats.first)
            #expect(HostPort(first["workerAddress"]?.string ?? "") != nil)
            #expect((first["systemMetrics"]?["cpuProcessors"]?.integer ?? 0) > 0)
            let times = heartbeats.compactMap { $0["heartbeatTime"]?.integer }
            #expect(times == times.sorted() && times.count == heartbeats.count)
            #expect(world.server.record.complaints.isEmpty)
        }
    }

    @Test(arguments: [true, false])
    func `W5 when another server is in charge, it is the one that hears`(strict: Bool) async throws {
        let first = try await StandInServer(isStrict: strict)
        let second = try await StandInServer(isStrict: strict, states: first.states)
        try await PowerJobWorld.with(strict: strict, server: first) { world in
            try await world.server.heartbeat()
            try await world.run("dispatch/work", ["jobParams": "{\"ms\": 600000}"])
            try await world.running()
            world.server.record.handOver(to: second.remote)
            try await second.heartbeat()
            let before = try #require(world.server.calls("/server/acquire").last { $0.query["currentServer"] != nil })
            #expect([world.server.remote, second.remote].contains(before.query["currentServer"] ?? ""))
            #expect(world.server.calls("/server/acquire").contains { $0.query["currentServer"] == world.server.remote })
            try await world.stop()
        }
        await first.close()
        await second.close()
    }

    @Test(arguments: [true, false])
    func `a clock that is wrong is told before servers take the host for dead`(strict: Bool) async throws {
        let clock = ReportClock { ReportClock.machine - 45_000 }
        try await PowerJobWorld.with(strict: strict, clock: clock) { world in
            let status = try await world.status("the skew") { $0.lastError?.contains("clock") == true }
            #expect(status.lastError?.contains("ahead of") == true && status.remedy?.contains("NTP") == true)
        }
    }

    @Test(arguments: [Int64.min, .max, -1]) func `a server that says nonsense about its clock is believed nothing`(
        time: Int64
    )
        async throws
    {
        let server = try await StandInServer(isStrict: false)
        server.script("/server/hello") { _ in StandInAnswers.found(["serverTimeTs": .number(time)]) }
        try await PowerJobWorld.with(strict: false, server: server) { world in
            try await eventually("it was asked") { server.calls("/server/hello").isEmpty ? nil : true }
            try await world.pass(heartbeats: 2)
            #expect(await world.upstream.status().lastError == nil)
        }
        await server.close()
    }

    @Test func `a dead server is a state with a remedy, and its return is noticed`() async throws {
        try await PowerJobWorld.with(strict: false) { world in
            try await world.server.heartbeat()
            await world.server.close()
            let status = try await world.status("unreachable") { $0.state == .unreachable }
            #expect(status.remedy?.contains(world.server.web) == true)
            try await world.server.comeBack()
            _ = try await world.status("connected") { $0.state == .connected }
        }
    }
}
