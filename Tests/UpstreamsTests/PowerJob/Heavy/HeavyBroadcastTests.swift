import JobEngine
import JobModel
import TestSupport
import Testing
import Upstreams

/// One task on each worker, with a word before and one after. W21.
@Suite struct HeavyBroadcastTests {
    private static let id = PowerJobCluster.instance

    @Test(arguments: [true, false])
    func `W21 a broadcast with one worker`(strict: Bool) async throws {
        try await PowerJobCluster.with(1, strict: strict) { cluster in
            try await cluster.dispatch(.broadcast, "families/everywhere")
            let end = try await cluster.server.end(of: Self.id)
            #expect(end["instanceStatus"] == 5 && end["result"] == "swept 1 of 1")
            #expect(end["totalTaskNum"] == 3 && end["succeedTaskNum"] == 3 && end["failedTaskNum"] == 0)
            #expect(end["endTime"] == nil)
            #expect(cluster.server.record.complaints.isEmpty)
            try await cluster.settled()
        }
    }

    @Test func `W21 a broadcast with two workers runs on both`() async throws {
        try await PowerJobCluster.with(2) { cluster in
            try await cluster.dispatch(.broadcast, "families/everywhere")
            let end = try await cluster.server.end(of: Self.id)
            #expect(end["instanceStatus"] == 5 && end["result"] == "swept 2 of 2")
            #expect(end["totalTaskNum"] == 4 && end["succeedTaskNum"] == 4)
            let borrowed = try await cluster.borrowed(by: 1)
            #expect(borrowed.map(\.stage) == [.child] && borrowed.map(\.childIndex) == [1])
            #expect(borrowed.map(\.instance) == ["\(Self.id)/0.1#0@\(cluster.addresses[0])"])
            try await cluster.settled()
        }
    }

    @Test func `W21 without a processor of its own, the host counts`() async throws {
        try await PowerJobCluster.with(2) { cluster in
            try await cluster.dispatch(.broadcast, "families/beat")
            let end = try await cluster.server.end(of: Self.id)
            #expect(end["instanceStatus"] == 5 && end["result"] == "succeed:3, failed:0")
            #expect(end["totalTaskNum"] == 4 && end["failedTaskNum"] == 0)
            try await cluster.dispatch(.broadcast, "families/beat", #"{"unwell":1}"#, instance: 7)
            let bad = try await cluster.server.end(of: 7)
            #expect(bad["instanceStatus"] == 4 && bad["result"] == "succeed:1, failed:2")
            #expect(bad["totalTaskNum"] == 4 && bad["succeedTaskNum"] == 1 && bad["failedTaskNum"] == 3)
        }
    }

    @Test func `what the tasks of a broadcast map is not run: its tasks are the workers`() async throws {
        try await PowerJobCluster.with(2) { cluster in
            try await cluster.dispatch(.broadcast, "families/everywhere", #"{"maps":1,"count":3}"#)
            let end = try await cluster.server.end(of: Self.id)
            #expect(end["instanceStatus"] == 5 && end["result"] == "swept 2 of 2" && end["totalTaskNum"] == 4)
            try await cluster.settled()
        }
    }

    @Test func `who lets a broadcast go again after its end gets an answer for the other workers`() async throws {
        try await PowerJobCluster.with(2) { cluster in
            try await cluster.dispatch(.broadcast, "families/beat", #"{"unwell":1}"#)
            _ = try await cluster.server.end(of: Self.id)
            try await cluster.settled()
            let engine = cluster.members[0].host.engine
            let run = try #require(try await engine.runs(RunFilter(limit: 10)).first { $0.instance == "\(Self.id)" })
            _ = try await engine.retry(run.id, actor: "cli")
            let again = try await engine.waitForEnd(of: run.id)
            #expect(again.state == .failed)
            let tasks = try await engine.runs(RunFilter(parent: run.id))
            #expect(tasks.contains { $0.reason?.hasPrefix("the instance has ended") == true })
            #expect(cluster.server.finals(of: Self.id).count == 1)
        }
    }

    @Test func `W21 a word before that fails is the end of it`() async throws {
        try await PowerJobCluster.with(2) { cluster in
            try await cluster.dispatch(.broadcast, "families/everywhere", #"{"unwell":1}"#)
            let end = try await cluster.server.end(of: Self.id)
            #expect(end["instanceStatus"] == 4 && end["result"] == "not today")
            #expect(try await cluster.borrowed(by: 1).isEmpty)
        }
    }

    @Test func `W21 the task of a worker that is gone has failed and is not run elsewhere`() async throws {
        try await PowerJobCluster.with(1) { cluster in
            // A worker that takes the task and is never heard of again.
            let other = try await StandInPort { _ in StandInPort.Answer() }
            let gone = "127.0.0.1:\(other.port)"
            try await cluster.dispatch(.broadcast, "families/beat", workers: cluster.addresses + [gone])
            let end = try await cluster.server.end(of: Self.id)
            #expect(end["instanceStatus"] == 4 && end["result"] == "succeed:2, failed:1")
            let runs = try await cluster.members[0].host.engine.runs(RunFilter(limit: 10))
            let task = try #require(runs.first { $0.label == gone })
            #expect(task.state == .failed && task.reason == "maybe worker down" && task.counters.starts == 1)
            await other.close()
        }
    }

    @Test func `a worker that is down takes its task when it comes up in time`() async throws {
        try await PowerJobCluster.with(1) { cluster in
            let asleep = try await StandInPort { _ in StandInPort.Answer() }
            let address = "127.0.0.1:\(asleep.port)"
            await asleep.close()
            try await cluster.dispatch(.broadcast, "families/beat", workers: cluster.addresses + [address])
            try await cluster.pass(heartbeats: 2)
            let awake = try await FakeWorker(port: asleep.port) { order in
                [FakeWorker.end(of: order, status: 6, result: "late")]
            }
            let end = try await cluster.server.end(of: Self.id)
            #expect(end["instanceStatus"] == 5)
            await awake.close()
        }
    }

    // MARK: Among workers of another make

    @Test func `a tracker of another make has its tasks run and reported here`() async throws {
        try await PowerJobCluster.with(1) { cluster in
            let tracker = try await FakeTracker()
            let order = Self.task(of: tracker.address, "families/everywhere", type: "BROADCAST")
            #expect(try await cluster.post(0, "/processorTracker/startTask", order).status == 200)
            let end = try await tracker.end(of: "0.4")
            #expect(end["status"] == 6 && end["result"] == "4" && end["instanceId"] == .number(Self.id))
            #expect(tracker.reports(of: "0.4").first?["status"] == 3)
            try await cluster.settled()
            await tracker.close()
        }
    }

    @Test func `a tracker of another make hears that a task was received, began and ended`() async throws {
        try await PowerJobCluster.with(1) { cluster in
            let tracker = try await FakeTracker()
            let order = Self.task(of: tracker.address, "families/beat", type: "BROADCAST", params: #"{"ms":300}"#)
            _ = try await cluster.post(0, "/processorTracker/startTask", order)
            _ = try await tracker.end(of: "0.4")
            #expect(tracker.reports(of: "0.4").compactMap { $0["status"]?.integer } == [3, 4, 6])
            try await cluster.settled()
            await tracker.close()
        }
    }

    @Test func `an end is told until the tracker has it, and once`() async throws {
        try await PowerJobCluster.with(1) { cluster in
            let tracker = try await FakeTracker(failures: 3)
            let order = Self.task(of: tracker.address, "families/beat", type: "BROADCAST")
            for _ in 0..<2 { _ = try await cluster.post(0, "/processorTracker/startTask", order) }
            try await cluster.settled()
            #expect(tracker.reports(of: "0.4").filter { $0["status"] == 6 }.count == 4)
            #expect(try await cluster.members[0].host.engine.runs(RunFilter(limit: 10)).count == 1)
            await tracker.close()
        }
    }

    @Test func `what a worker of another make mapped has failed with a clear word`() async throws {
        try await PowerJobCluster.with(1) { cluster in
            let tracker = try await FakeTracker()
            var order = Self.task(of: tracker.address, "families/squares", type: "MAP").members ?? []
            order.append(JSONMember("taskContent", "AQBqYXZhLnV0aWwuSGFzaE1hcA"))
            _ = try await cluster.post(0, "/processorTracker/startTask", .object(order))
            let end = try await tracker.end(of: "0.4")
            #expect(end["status"] == 5 && end["result"]?.string?.contains("worker of another make") == true)
            let unknown = Self.task(of: tracker.address, "families/nothing", type: "BROADCAST", taskID: "0.5")
            _ = try await cluster.post(0, "/processorTracker/startTask", unknown)
            let refused = try await tracker.end(of: "0.5")
            #expect(refused["status"] == 5)
            await tracker.close()
        }
    }

    @Test func `a tracker that stops an instance hears no more of it`() async throws {
        try await PowerJobCluster.with(1) { cluster in
            let tracker = try await FakeTracker()
            let order = Self.task(of: tracker.address, "families/beat", type: "BROADCAST", params: #"{"ms":600000}"#)
            _ = try await cluster.post(0, "/processorTracker/startTask", order)
            try await tracker.alive()
            _ = try await cluster.post(0, "/processorTracker/stopInstance", ["instanceId": .number(Self.id)])
            try await cluster.settled()
            #expect(tracker.reports(of: "0.4").allSatisfy { ($0["status"]?.integer ?? 0) <= 4 })
            let runs = try await cluster.members[0].host.engine.runs(RunFilter(limit: 10))
            #expect(runs.map(\.state) == [.cancelled])
            await tracker.close()
        }
    }

    @Test(arguments: ["startTask", "stopInstance"])
    func `nonsense of a worker is refused`(path: String) async throws {
        try await PowerJobCluster.with(1) { cluster in
            #expect(try await cluster.post(0, "/processorTracker/\(path)", ["x": 1]).status == 400)
            #expect(try await cluster.post(0, "/taskTracker/reportTaskStatus", ["instanceId": 1]).status == 400)
            #expect(try await cluster.post(0, "/taskTracker/reportProcessorTrackerStatus", [:]).status == 400)
            let map = try await cluster.post(0, "/taskTracker/mapTask", ["instanceId": 1])
            #expect(AskReply(bytes: map.body)?.isSuccess == false)
            let unknown = try await cluster.post(
                0, "/taskTracker/reportTaskStatus", ["instanceId": 1, "taskId": "0.1", "status": 6])
            #expect(AskReply(bytes: unknown.body)?.isSuccess == true)
        }
    }

    private static func task(
        of tracker: String, _ processor: String, type: String, params: String = "{}", taskID: String = "0.4"
    ) -> JSONValue {
        [
            "taskTrackerAddress": .string(tracker),
            "instanceInfo": [
                "jobId": 504, "instanceId": .number(id), "executeType": .string(type), "processorType": "BUILT_IN",
                "processorInfo": .string(processor), "timeExpressionType": 1, "instanceTimeoutMS": 2_147_483_647,
                "jobParams": .string(params), "threadConcurrency": 5, "taskRetryNum": 0,
            ],
            "taskId": .string(taskID), "taskName": "OMS_BROADCAST_TASK", "taskCurrentRetryNums": 0,
            "subInstanceId": .number(id),
        ]
    }
}

extension PowerJobCluster {
    func pass(heartbeats count: Int) async throws {
        let before = server.heartbeats().count
        try await eventually("\(count) heartbeats") { server.heartbeats().count >= before + count ? true : nil }
    }
}
