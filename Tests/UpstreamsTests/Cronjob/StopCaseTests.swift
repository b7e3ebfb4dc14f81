import Foundation
import JobEngine
import JobModel
import TestSupport
import Testing

@testable import Upstreams

/// What ends a task early, and what does not, case by case.
struct StopCaseTests {
    private typealias World = CronjobWorld

    @Test func `case 9, stop: stopped, and the group is gone`() async throws {
        try await World.with { world in
            let id = try await runMarked("sleep 60; true", world)
            try await world.say("stop", id)
            #expect(try await world.end(of: id)["status"] == "stopped")
            try await gone(id)
        }
    }

    @Test func `case 10, kill: a shell that ignores TERM is stopped too`() async throws {
        try await World.with(projects: ["script"]) { world in
            let id = World.newID()
            let args: JSONValue = [
                "language": "bash", "type": "inline", "args": [.string(id)],
                "code": "trap '' TERM; echo begun; while true; do sleep 0.05; done",
            ]
            try await world.run(World.task(id, category: "script", args: args.text, savesLog: true))
            try await begun(id, world)
            try await world.say("stop", id)
            try await world.say("kill", id)
            #expect(try await world.end(of: id)["status"] == "stopped")
            try await gone(id)
        }
    }

    @Test func `case 11, stop unknown: stopped at once, unless somebody else runs it`() async throws {
        try await World.with { world in
            try await world.connected()
            let unknown = World.newID()
            try await world.say("stop", unknown)
            try await eventually("an answer") { await world.server.statuses(of: unknown) == ["stopped"] ? true : nil }
            let foreign = World.newID()
            let task = World.task(foreign, status: "running") + [JSONMember("worker_id", .string(World.newID()))]
            await world.server.enter(task, foreign)
            try await world.say("kill", foreign)
            try await eventually("a look at it") {
                await world.server.requests("/task/\(foreign)").isEmpty ? nil : true
            }
            let last = World.newID()
            try await world.say("stop", last)
            try await eventually("an answer") { await world.server.statuses(of: last) == ["stopped"] ? true : nil }
            #expect(await world.server.reports(of: foreign).isEmpty)
        }
    }

    @Test func `case 12, timeout: the whole group ends when time is up`() async throws {
        try await World.with { world in
            let id = World.newID()
            try await world.run(World.task(id, command: ": \(id); sleep 600; echo x", timeout: 1))
            #expect(try await world.end(of: id)["status"] == "timeout")
            try await gone(id)
        }
    }

    @Test func `an event that says time is over ends what runs here as timeout`() async throws {
        try await World.with { world in
            let id = try await world.run(World.task(World.newID(), command: "sleep 30"))
            try await world.started(id)
            try await world.say("timeout", id)
            #expect(try await world.end(of: id)["status"] == "timeout")
            let unknown = World.newID()
            try await world.say("timeout", unknown)
            try await eventually("an answer") { await world.server.statuses(of: unknown) == ["timeout"] ? true : nil }
        }
    }

    // MARK: Lost connections and hosts

    @Test func `case 22, drop during a task: it runs once, and its end is told after the reconnection`() async throws {
        let gate = FileManager.default.temporaryDirectory.appendingPathComponent("berth-gate-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: gate, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: gate) }
        let access = FileAccess(read: [gate.path])
        try await World.with({ $0.categories["command"] = CategorySettings(access: access) }) { world in
            let line = "until test -e \(gate.path)/open; do sleep 0.02; done; echo done"
            let id = try await world.run(World.task(World.newID(), command: line))
            try await world.started(id)
            await world.server.allow(.refusesUpgrades)
            await world.server.drop()
            try Data().write(to: gate.appendingPathComponent("open"))
            try await eventually("the run to end") {
                try await world.host.engine.lastRun().state.isEnd ? true : nil
            }
            #expect(await world.server.statuses(of: id) == ["running"])
            #expect(await world.upstream.status().owed == 1)
            await world.server.forbid(.refusesUpgrades)
            try await world.connected(times: 2)
            #expect(try await world.end(of: id)["status"] == "success")
            #expect(try await world.host.engine.runs(RunFilter(limit: 10)).count == 1)
            try await world.settled()
        }
    }

    @Test func `a report that the server passes over is made again until it has it`() async throws {
        try await World.with { world in
            await world.server.allow(.ignoresUpdates)
            let line = "for i in $(seq 1000); do echo \\\"$i\\\"; done"
            let id = try await world.run(World.task(World.newID(), command: line))
            try await eventually("reports in vain") {
                await world.server.statuses(of: id).count { $0 == "success" } >= 6 ? true : nil
            }
            #expect(await world.upstream.status().owed == 1)
            // It may be that the server cannot store as much.
            let ends = await world.server.reports(of: id).filter { $0["status"] == "success" }
            #expect(ends[0]["execute_log"]?.string?.utf8.count == 5893)
            #expect(ends.prefix(4).allSatisfy { ($0["output"]?.string?.utf8.count ?? 0) > 1000 })
            let last = try #require(ends.last)
            #expect(last["execute_log"] == nil && (last["output"]?.string?.utf8.count ?? 9999) <= 1000)
            await world.server.forbid(.ignoresUpdates)
            #expect(try await world.end(of: id)["status"] == "success")
            try await world.settled()
        }
    }

    @Test func `case 23, junk: bad JSON, unknown actions, bad tasks and empty events harm nothing`() async throws {
        try await World.with { world in
            try await world.connected()
            let good = World.newID()
            await world.server.enter(World.task(good, command: "echo x"), good)
            try await world.server.say(EventFraming.frame(Array("{oops".utf8)))
            try await world.server.say(EventFraming.frame(Array(#"{"action":"dance","tasks":[]}"#.utf8)))
            try await world.server.say(EventFraming.frame([]))
            try await world.server.say([0xFF, 0xFE, 0x00])
            let tasks = #"{"action":"run","tasks":[null,{"id":7},"#
            let rest = JSONValue.object(World.task(good, command: "echo x")).text + "]}"
            try await world.server.say(EventFraming.frame(Array((tasks + rest).utf8)))
            #expect(try await world.end(of: good)["status"] == "success")
        }
    }

    @Test func `case 26, shared separators and two events in one message: both are heard`() async throws {
        try await World.with { world in
            try await world.connected()
            let tasks = (0..<4).map { _ in World.task(World.newID(), command: "true") }
            let ids = tasks.compactMap { JSONValue.object($0)["id"]?.string }
            for (id, task) in zip(ids, tasks) { await world.server.enter(task, id) }
            let separator = EventFraming.separator
            try await world.server.say(
                separator + World.bare("run", [tasks[0]]) + separator + World.bare("run", [tasks[1]]) + separator)
            try await world.server.say(World.event("run", tasks[2]) + World.event("run", tasks[3]))
            for id in ids { #expect(try await world.end(of: id)["status"] == "success") }
        }
    }

    @Test func `case 27, shutdown: what runs is finished and reported, then the connection is closed properly`()
        async throws
    {
        try await World.with(drain: .seconds(60)) { world in
            let id = try await world.run(World.task(World.newID(), command: "sleep 0.5; echo last"))
            try await world.started(id)
            await world.stop()
            #expect(try await world.end(of: id)["status"] == "success")
            try await eventually("a proper end") {
                await world.server.heard.contains(.closed(1, clean: true)) ? true : nil
            }
            #expect(await world.server.requests("/lock/release").count == 1)
        }
    }

    @Test func `the next host goes on with what the one before had taken`() async throws {
        let home = WorkingEngine.temporaryHome()
        defer { try? FileManager.default.removeItem(at: home) }
        try await CronjobStandIn.with { server in
            let ids = (0..<3).map { _ in World.newID() }
            try await World.with(home: home, server: server) { world in
                try await world.run(World.task(ids[0], command: "sleep 0.3; echo again"))
                try await world.started(ids[0])
                try await world.run(World.task(ids[1], command: "sleep 60"))
                try await world.started(ids[1])
                await server.allow(.ignoresUpdates)
                try await world.run(World.task(ids[2], command: "echo told"))
                try await eventually("an end in vain") {
                    await server.statuses(of: ids[2]).contains("success") ? true : nil
                }
            }
            await server.forbid(.ignoresUpdates)
            // Meanwhile a person has cancelled the second.
            await server.set("status", "canceled", of: ids[1])
            try await World.with(home: home, server: server) { world in
                #expect(try await world.end(of: ids[0])["status"] == "success")
                #expect(try await world.end(of: ids[2])["status"] == "success")
                try await world.settled()
                #expect(await server.statuses(of: ids[1]) == ["running"])
            }
        }
    }

    @Test func `a task that another worker took while we could not hold its lock is left to it`() async throws {
        try await World.with { world in
            let id = World.newID()
            try await world.run(World.task(id, command: ": \(id); sleep 600; true"))
            try await world.started(id)
            await world.server.set("worker_id", .string(World.newID()), of: id)
            await world.server.lock("task:lock:\(id)", as: "somebody")
            try await world.settled()
            try await eventually("the run to be cancelled") {
                try await world.host.engine.lastRun().state == .cancelled ? true : nil
            }
            try await gone(id)
            #expect(await world.server.statuses(of: id) == ["running"])
        }
    }

    @Test func `nothing is said of a task while the server cannot be asked whose it is`() async throws {
        try await World.with { world in
            try await world.connected()
            await world.server.allow(.isBroken)
            let id = World.newID()
            try await world.say("stop", id)
            try await eventually("a look at it") { await world.server.requests("/task/\(id)").isEmpty ? nil : true }
            await world.server.forbid(.isBroken)
            let other = World.newID()
            try await world.say("stop", other)
            try await eventually("an answer") { await world.server.statuses(of: other) == ["stopped"] ? true : nil }
            #expect(await world.server.reports(of: id).isEmpty)
        }
    }

    @Test func `what another worker has taken meanwhile is left to it`() async throws {
        let home = WorkingEngine.temporaryHome()
        defer { try? FileManager.default.removeItem(at: home) }
        try await CronjobStandIn.with { server in
            let id = World.newID()
            try await World.with(home: home, server: server) { world in
                try await world.run(World.task(id, command: "sleep 60"))
                try await world.started(id)
            }
            await server.set("worker_id", .string(World.newID()), of: id)
            try await World.with(home: home, server: server) { world in
                try await world.settled()
                try await eventually("the run to be cancelled") {
                    try await world.host.engine.lastRun().state == .cancelled ? true : nil
                }
                #expect(await server.statuses(of: id) == ["running"])
            }
        }
    }

    // MARK: Processes

    /// A task whose shell has its id in its command line, and is at work.
    private func runMarked(_ line: String, _ world: World) async throws -> String {
        let id = World.newID()
        try await world.run(World.task(id, command: "echo begun; : \(id); \(line)", savesLog: true))
        try await begun(id, world)
        return id
    }

    private func begun(_ id: String, _ world: World) async throws {
        try await eventually("the shell") { await world.server.logs[id] == "begun\n" ? true : nil }
        #expect(Self.isThere(id))
    }

    private func gone(_ id: String) async throws {
        try await eventually("the processes to be gone") { Self.isThere(id) ? nil : true }
    }

    /// Whether a process has this in its command line.
    private static func isThere(_ id: String) -> Bool {
        let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return processes.contains { name in
            guard Int(name) != nil, let line = FileManager.default.contents(atPath: "/proc/\(name)/cmdline") else {
                return false
            }
            return String(decoding: line, as: UTF8.self).contains(id)
        }
    }
}
