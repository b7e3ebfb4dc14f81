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
            try await eventually("the death of the host after \(step): \(first.printed)") {
                try await Self.dispatch(task, server)
                return first.isRunning ? nil : true
            }
            await server.watch(nil)
            let second = try BerthProcess(home: home)
            defer { second.kill() }
            try await eventually("the end of the task: \(second.printed)") {
                try await Self.dispatch(task, server)
                return await JSONValue.object(server.tasks[id] ?? [])["status"] == "success" ? true : nil
            }
            try await Self.owesNothing(home)
            #expect(try await second.stop() == 0, "\(second.printed)")
            let times = try String(contentsOf: mark, encoding: .utf8).split(separator: "\n").count
            // It goes again only when it had begun and nobody knows how far it came.
            #expect(
                [.lockAsked, .taskLookedAt, .endTold, .endLookedFor, .lockReleased].contains(step)
                    ? times == 1 : times <= 2)
            #expect(await server.logs[id]?.contains("hello\n") == true)
        }
    }

    /// As the server does every few seconds.
    private static func dispatch(_ task: [JSONMember], _ server: CronjobStandIn) async throws {
        guard let id = JSONValue.object(task)["id"]?.string,
            await JSONValue.object(server.tasks[id] ?? [])["status"] == "pending"
        else { return }
        try? await server.say(CronjobWorld.event("run", task))
        try await Task.sleep(for: .milliseconds(50))
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
