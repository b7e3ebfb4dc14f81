import Foundation
import JobEngine
import JobModel
import TestSupport
import Testing

@testable import Upstreams

/// What becomes of a task that is dispatched to us, case by case.
struct TaskCaseTests {
    private typealias World = CronjobWorld

    @Test func `case 3, one run: lock, look, start, log, end, release`() async throws {
        try await World.with { world in
            let task = World.task(World.newID(), command: "echo", args: #"["hi there"]"#, savesLog: true)
            let id = try await world.run(task)
            let end = try await world.end(of: id)
            #expect(end["status"] == "success" && end["worker_name"] == "swift-w1")
            let output = try JSONParser.parse(try #require(end["output"]?.string))
            #expect(output["message"] == "hi there\n")
            try await world.settled()
            try await eventually("the release") { await world.server.requests("/lock/release").isEmpty ? nil : true }
            let beside = ["/lock/refresh", "/worker/\(World.worker)/"]
            let paths = await world.server.requests.filter { $0.value("key")?.hasPrefix("task") ?? true }
                .map(\.path).filter { !beside.contains($0) }
            #expect(paths.starts(with: ["/lock/acquire", "/task/\(id)/", "/tasklog/\(id)/append/"]), "\(paths)")
            #expect(paths.last == "/lock/release")
            let acquire = try #require(await world.server.requests("/lock/acquire").last)
            #expect(acquire.query == "key=task%3Alock%3A\(id)&expire=1")
            #expect(await world.server.statuses(of: id) == ["running", "success"])
            #expect(await world.server.logs[id] == "hi there\n")
        }
    }

    @Test func `case 4, duplicates: a task that is sent again and again runs once`() async throws {
        try await World.with({ $0.intervals.refresh = .seconds(60) }) { world in
            let task = World.task(World.newID(), command: "sleep 0.2; echo x")
            let id = try await world.run(task)
            for _ in 0..<5 { try await world.server.say(World.event("run", task)) }
            #expect(try await world.end(of: id)["status"] == "success")
            try await world.settled()
            for _ in 0..<3 { try await world.server.say(World.event("retry", task)) }
            let last = try await world.run(World.task(World.newID(), command: "true"))
            _ = try await world.end(of: last)
            #expect(await world.server.statuses(of: id) == ["running", "success"])
            #expect(try await world.host.engine.runs(RunFilter(limit: 100)).count == 2)
        }
    }

    @Test func `case 5, lock busy: the task is left alone`() async throws {
        try await World.with { world in
            let id = World.newID()
            await world.server.lock("task:lock:\(id)", as: "somebody")
            try await world.run(World.task(id, command: "true"))
            try await eventually("the lock to be asked for") {
                await world.server.requests("/lock/acquire").contains { $0.value("key")?.hasSuffix(id) == true }
                    ? true : nil
            }
            let next = try await world.run(World.task(World.newID(), command: "true"))
            _ = try await world.end(of: next)
            #expect(await world.server.requests("/task/\(id)").isEmpty)
            #expect(await world.server.reports(of: id).isEmpty)
        }
    }

    @Test func `case 6, not pending: the lock is given back and nothing runs`() async throws {
        try await World.with { world in
            let id = try await world.run(World.task(World.newID(), command: "true", status: "running"))
            try await eventually("the lock to be free again") {
                await world.server.requests("/lock/release").contains { $0.value("key")?.hasSuffix(id) == true }
                    ? true : nil
            }
            #expect(await world.server.reports(of: id).isEmpty)
            #expect(try await world.host.engine.runs(RunFilter(limit: 10)).isEmpty)
        }
    }

    @Test func `case 7, refresh: the lock is kept while the task runs and not after it`() async throws {
        try await World.with({ $0.intervals.refresh = .milliseconds(50) }) { world in
            let id = try await world.run(World.task(World.newID(), command: "sleep 0.6"))
            _ = try await world.end(of: id)
            try await world.settled()
            try await eventually("the release") { await world.server.requests("/lock/release").isEmpty ? nil : true }
            let requests = await world.server.requests("/lock/")
            #expect(requests.count { $0.path == "/lock/refresh" } >= 3)
            #expect(requests.last?.path == "/lock/release")
            #expect(await world.server.locks["task:lock:\(id)"] == nil)
        }
    }

    @Test func `a lock that is lost is acquired again`() async throws {
        try await World.with({ $0.intervals.refresh = .milliseconds(50) }) { world in
            let id = try await world.run(World.task(World.newID(), command: "sleep 30"))
            try await world.started(id)
            await world.server.unlock("task:lock:\(id)")
            try await eventually("the lock to be ours again") {
                await world.server.locks["task:lock:\(id)"] == nil ? nil : true
            }
            try await world.say("stop", id)
            #expect(try await world.end(of: id)["status"] == "stopped")
        }
    }

    @Test func `case 8, refusal of category and worker_select: dropped, dropped, run, run`() async throws {
        try await World.with { world in
            let other = try await world.run(World.task(World.newID(), category: "container", command: "true"))
            let foreign = try await world.run(
                World.task(World.newID(), command: "true", metadata: ["worker_select": ["somebody"]]))
            for select in ["swift-w1", World.worker] {
                let mine = try await world.run(
                    World.task(World.newID(), command: "true", metadata: ["worker_select": ["x", .string(select)]]))
                #expect(try await world.end(of: mine)["status"] == "success")
            }
            for id in [other, foreign] {
                #expect(await world.server.reports(of: id).isEmpty)
                #expect(
                    await world.server.requests("/lock/acquire").allSatisfy { $0.value("key")?.hasSuffix(id) != true })
            }
        }
    }

    @Test func `case 13, failure: failed, with the exit status and what was said`() async throws {
        try await World.with { world in
            let id = try await world.run(World.task(World.newID(), command: "echo oh no >&2; exit 3"))
            #expect(try await world.end(of: id)["status"] == "failed")
            let report = try #require(await world.server.reports(of: id).last)
            #expect(report["exit_code"] == 3)
            let error = try #require(report["error"]?.string)
            #expect(error.contains("exit status 3") && error.contains("oh no"))
            #expect(report["execute_log"]?.string == "oh no\n\n\n-------\n\n\(error)")
            #expect(report["output"]?.string?.contains("执行失败") == true)
        }
    }

    @Test func `case 14, bad args: refused at ParseArgs`() async throws {
        try await World.with { world in
            let id = try await world.run(World.task(World.newID(), category: "script", args: "{"))
            #expect(try await world.end(of: id)["status"] == "error")
            let report = try #require(await world.server.reports(of: id).last)
            #expect(report["action"] == "ParseArgs" && report["component"] == "TaskService")
            #expect(report["error"]?.string?.contains("args are no JSON") == true)
        }
    }

    @Test(arguments: [("git", "the program git as a command"), ("basic", "there is no component basic/nothing here")])
    func `case 15, unknown runner: refused at CreateRunner, with a way out`(category: String, reason: String)
        async throws
    {
        try await World.with({ $0.categories = ["basic": CategorySettings(component: "basic/nothing")] }) { world in
            let id = try await world.run(World.task(World.newID(), category: category))
            #expect(try await world.end(of: id)["status"] == "error")
            let report = try #require(await world.server.reports(of: id).last)
            #expect(report["action"] == "CreateRunner")
            #expect(report["error"]?.string?.contains(reason) == true, "\(report)")
        }
    }

    @Test(arguments: ["rm x", "/usr/bin/id", "true; rm x"])
    func `case 16, security: refused at ParseArgs`(line: String) async throws {
        try await World.with { world in
            let id = try await world.run(World.task(World.newID(), command: line))
            #expect(try await world.end(of: id)["status"] == "error")
            let report = try #require(await world.server.reports(of: id).last)
            #expect(report["action"] == "ParseArgs", "\(report)")
        }
    }

    @Test func `case 17, big output: in messages the server takes, cut where it says, logged whole`() async throws {
        try await World.with { world in
            let line = "for i in $(seq 1000); do echo -n 中中中中中中中中中中中中中中中中中中中中中中中中中中中中中中中中中中; echo; done"
            let id = try await world.run(World.task(World.newID(), command: line))
            let end = try await world.end(of: id)
            #expect(end["status"] == "success")
            let output = try JSONParser.parse(try #require(end["output"]?.string))
            #expect(output["truncated"] == true)
            #expect(output["message"]?.string?.hasSuffix("中... (truncated)") == true)
            let messages = await world.server.messages
            #expect(messages.allSatisfy { $0.count <= 10_240 && String(validating: $0, as: UTF8.self) != nil })
            let log = try #require(await world.server.reports(of: id).last?["execute_log"]?.string)
            #expect(log.utf8.count == 1000 * 103)
        }
    }

    @Test func `case 18, JSON output: an object passes as it is`() async throws {
        try await World.with { world in
            let id = try await world.run(World.task(World.newID(), command: #"echo '{"a":1}'"#))
            #expect(try await world.end(of: id)["output"] == #"{"a":1}"#)
        }
    }

    @Test func `case 24, save_log: in order and once, or not at all`() async throws {
        try await World.with { world in
            let line = "for i in $(seq 40); do echo line $i; sleep 0.01; done"
            let kept = try await world.run(World.task(World.newID(), command: line, savesLog: true))
            let bare = try await world.run(World.task(World.newID(), command: "echo x"))
            _ = try await world.end(of: kept)
            _ = try await world.end(of: bare)
            #expect(await world.server.logs[kept] == (1...40).map { "line \($0)\n" }.joined())
            #expect(await world.server.requests("/tasklog/\(kept)").count > 1)
            #expect(await world.server.requests("/tasklog/\(bare)").isEmpty)
        }
    }

    @Test func `lines of a log whose arrival the server did not confirm stand there once`() async throws {
        try await World.with { world in
            await world.server.allow(.losesLogAnswers)
            let line = "for i in $(seq 20); do echo line $i; sleep 0.02; done"
            let id = try await world.run(World.task(World.newID(), command: line, savesLog: true))
            // How many pieces there are is the clock's affair: one of them may be all.
            try await eventually("an attempt") {
                await world.server.requests("/tasklog/\(id)/append/").isEmpty ? nil : true
            }
            await world.server.forbid(.losesLogAnswers)
            #expect(try await world.end(of: id)["status"] == "success")
            #expect(await world.server.logs[id] == (1...20).map { "line \($0)\n" }.joined())
        }
    }

    @Test func `a size of a log that can be none is as if none were said`() async throws {
        try await World.with { world in
            await world.server.allow(.saysAbsurdSizes)
            let line = "for i in $(seq 3000); do echo line $i; sleep 0.02; done"
            let id = try await world.run(World.task(World.newID(), command: line, savesLog: true))
            let path = "/tasklog/\(id)/append/"
            try await eventually("a size") { await world.server.requests(path).isEmpty ? nil : true }
            await world.server.allow(.losesLogAnswers)
            await world.server.forbid(.saysAbsurdSizes)
            let count = await world.server.requests(path).count
            try await eventually("a loss") { await world.server.requests(path).count > count + 1 ? true : nil }
            await world.server.forbid(.losesLogAnswers)
            let next = await world.server.requests(path).count
            try await eventually("lines after it") { await world.server.requests(path).count > next ? true : nil }
            try await world.say("stop", id)
            #expect(try await world.end(of: id)["status"] == "stopped")
        }
    }

    @Test func `any component can stand for a category, and is given args as its params`() async throws {
        try await World.with { world in
            let id = try await world.run(World.task(World.newID(), category: "basic", args: #"{"a": [1, "b"]}"#))
            #expect(try await world.end(of: id)["output"] == #"{"a":[1,"b"]}"#)
        }
    }

    @Test func `a script has the environment and arguments of its task`() async throws {
        try await World.with(projects: ["script"]) { world in
            let args = #"{"language": "bash", "type": "inline", "code": "echo $1 $NAME", "args": ["hello"]}"#
            let id = try await world.run(
                World.task(
                    World.newID(), category: "script", args: args, metadata: ["environment": ["NAME": "world"]]))
            #expect(try await world.end(of: id)["output"]?.string?.contains("hello world") == true)
        }
    }

    @Test func `a request is made, and what is answered is the output`() async throws {
        try await World.with(projects: ["http"]) { world in
            let args: JSONValue = [
                "url": .string("\(world.server.url)/category/${NAME}/"), "method": "GET",
                "headers": ["Authorization": .string("Bearer \(CronjobStandIn.key)")], "expected_status": [200],
            ]
            await world.server.know(category: "known", check: "", setup: "")
            func ask(_ name: String) async throws -> JSONValue {
                let task = World.task(
                    World.newID(), category: "http", args: args.text,
                    metadata: ["environment": ["NAME": .string(name)]])
                return try await world.end(of: world.run(task))
            }
            let output = try JSONParser.parse(try #require(await ask("known")["output"]?.string))
            #expect(output["data"]?["code"] == "known")
            #expect(try await ask("unknown")["status"] == "failed")
        }
    }

    @Test func `files are looked after where the operator lets the category`() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("berth-files-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data("abc".utf8).write(to: folder.appendingPathComponent("a.txt"))
        let access = FileAccess(read: [folder.path])
        try await World.with(projects: ["file"], { $0.categories["file"] = CategorySettings(access: access) }) {
            world in
            let args: JSONValue = ["action": "stat", "path": .string(folder.path)]
            let id = try await world.run(World.task(World.newID(), category: "file", args: args.text))
            let output = try JSONParser.parse(try #require(await world.end(of: id)["output"]?.string))
            #expect(output["action"] == "stat" && output["total_files"] == 1)
        }
    }
}
