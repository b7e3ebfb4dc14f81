import Foundation
import JobModel
import TestSupport
import Testing

@testable import Upstreams

/// Kills the real host between every two steps of a task.
struct HostDeathTests {
    /// After which the host dies: the server has heard it and not answered.
    enum Step: String, CaseIterable, Sendable {
        case lockAsked, taskLookedAt, startTold, logSent, endTold, endLookedFor, lockReleased

        func isReached(_ heard: [CronjobStandIn.Heard]) -> Bool {
            switch heard.last {
            case .request(let request): isReached(request, after: heard)
            case .message(let bytes, _): isReached(String(decoding: bytes, as: UTF8.self))
            default: false
            }
        }

        private func isReached(_ request: CronjobStandIn.Request, after heard: [CronjobStandIn.Heard]) -> Bool {
            switch self {
            case .lockAsked: request.path == "/lock/acquire" && request.query.contains("task")
            case .taskLookedAt: request.path.hasPrefix("/task/")
            case .logSent: request.path.hasPrefix("/tasklog/")
            case .endLookedFor: request.path.hasPrefix("/task/") && heard.contains { Step.endTold.isReached([$0]) }
            case .lockReleased: request.path == "/lock/release"
            case .startTold, .endTold: false
            }
        }

        private func isReached(_ message: String) -> Bool {
            switch self {
            case .startTold: message.contains(#""status":"running""#)
            case .endTold: message.contains(#""status":"success""#)
            default: false
            }
        }
    }

    @Test(arguments: Step.allCases)
    func `wherever the host is killed, the task runs and its end is told`(step: Step) async throws {
        try await CronjobStandIn.with { server in
            let home = WorkingEngine.temporaryHome()
            let data = WorkingEngine.temporaryHome()
            defer { for folder in [home, data] { try? FileManager.default.removeItem(at: folder) } }
            let mark = data.appendingPathComponent("ran")
            try Self.furnish(home, data, server: server.url)
            let id = CronjobWorld.newID()
            let task = CronjobWorld.task(id, command: "echo x >> \(mark.path); echo hello", savesLog: true)
            await server.enter(task, id)
            let first = try BerthProcess(home: home)
            await server.watch { heard in if step.isReached(heard) { first.kill() } }
            try await Self.died(first, server, id)
            let second = try BerthProcess(home: home)
            defer { second.kill() }
            try await eventually("the end of the task: \(second.printed)") {
                await JSONValue.object(server.tasks[id] ?? [])["status"] == "success" ? true : nil
            }
            try await Self.owesNothing(home)
            #expect(try await second.stop() == 0, "\(second.printed)")
            let times = try String(contentsOf: mark, encoding: .utf8).split(separator: "\n").count
            // It goes again only when it had begun and nobody knows how far it came.
            #expect(
                [.lockAsked, .taskLookedAt, .endTold, .endLookedFor, .lockReleased].contains(step)
                    ? times == 1 : times <= 2)
            // Each attempt that came so far has its line, and none has two.
            let lines = await server.logs[id, default: ""]
            #expect((1...times).contains(lines.split(separator: "\n").count) && lines.hasPrefix("hello\n"), "\(lines)")
        }
    }

    @Test func `what another worker took while the host was dead is left to it`() async throws {
        try await CronjobStandIn.with { server in
            let home = WorkingEngine.temporaryHome()
            let data = WorkingEngine.temporaryHome()
            defer { for folder in [home, data] { try? FileManager.default.removeItem(at: folder) } }
            try Self.furnish(home, data, server: server.url)
            let id = CronjobWorld.newID()
            await server.enter(CronjobWorld.task(id, command: "sleep 600; true"), id)
            // The host has it stored and the server has not heard so.
            await server.allow(.ignoresUpdates)
            let first = try BerthProcess(home: home)
            await server.watch { heard in if Step.startTold.isReached(heard) { first.kill() } }
            try await Self.died(first, server, id)
            await server.forbid(.ignoresUpdates)
            await server.set("status", "running", of: id)
            await server.set("worker_id", .string(CronjobWorld.newID()), of: id)
            await server.lock("task:lock:\(id)", as: "somebody")
            let said = await server.reports(of: id).count
            let second = try BerthProcess(home: home)
            defer { second.kill() }
            try await Self.owesNothing(home)
            let shown = try await Shell.run([BerthProcess.program, "runs", "list", "--json", "--home", home.path])
            #expect(shown.output.contains(#""state": "cancelled""#), "\(shown.output)")
            #expect(await server.reports(of: id).count == said)
        }
    }

    /// Its lock runs out some seconds later.
    private static func died(_ host: BerthProcess, _ server: CronjobStandIn, _ id: String) async throws {
        try await eventually("the death of the host: \(host.printed)") { host.isRunning ? nil : true }
        await server.watch(nil)
        await server.unlock("task:lock:\(id)")
    }

    private static func owesNothing(_ home: URL) async throws {
        try await eventually("everything to be settled") {
            let shown = try await Shell.run([
                BerthProcess.program, "upstream", "show", "cron", "--json", "--home", home.path,
            ])
            return (try? JSONParser.parse(shown.output))?["owed"] == 0 ? true : nil
        }
    }

    private static func furnish(_ home: URL, _ data: URL, server: String) throws {
        for folder in [home, data] {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        }
        try Data("k-test\n".utf8).write(to: home.appendingPathComponent("key"))
        let settings = """
            upstreams:
              cron:
                kind: cronjob
                url: \(server)
                api_key: {file: \(home.path)/key}
                worker: {id: \(CronjobWorld.worker), name: swift-w1}
                tasks: [command]
                categories: {command: {access: {write: [\(data.path)]}}}
                intervals: {reconnect: 50ms, refresh: 500ms, confirm: 50ms, confirm_longest: 200ms, log: 20ms}
            plugins: {command: {grants: [subprocess], config: {shell: {}}}}
            """
        try Data(settings.utf8).write(to: home.appendingPathComponent("berth.yaml"))
    }
}
