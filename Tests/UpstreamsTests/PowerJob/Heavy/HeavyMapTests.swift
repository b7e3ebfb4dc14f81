import JobEngine
import JobModel
import TestSupport
import Testing
import Upstreams

/// Tasks that a task makes, spread over workers. W22.
@Suite struct HeavyMapTests {
    private static let id = PowerJobCluster.instance

    @Test(arguments: [true, false])
    func `W22 a map and a map-reduce with one worker`(strict: Bool) async throws {
        try await PowerJobCluster.with(1, strict: strict) { cluster in
            try await cluster.dispatch(.map, "families/squares", #"{"count":4}"#)
            let map = try await cluster.server.end(of: Self.id)
            #expect(map["instanceStatus"] == 5 && map["result"] == "total:5,succeed:5,failed:0")
            #expect(map["totalTaskNum"] == 5 && map["succeedTaskNum"] == 5)
            try await cluster.dispatch(.mapReduce, "families/squares", #"{"count":4}"#, instance: 7)
            let reduced = try await cluster.server.end(of: 7)
            #expect(reduced["instanceStatus"] == 5 && reduced["result"] == "4: 14")
            #expect(reduced["totalTaskNum"] == 6 && reduced["succeedTaskNum"] == 6)
            #expect(cluster.server.record.complaints.isEmpty)
            try await cluster.settled()
        }
    }

    @Test func `W22 a map-reduce is spread over two workers, and reduce has every result`() async throws {
        try await PowerJobCluster.with(2) { cluster in
            try await cluster.dispatch(.mapReduce, "families/squares", #"{"count":40,"ms":20}"#)
            let end = try await cluster.server.end(of: Self.id)
            #expect(end["instanceStatus"] == 5 && end["result"] == "40: 20540")
            #expect(end["totalTaskNum"] == 42 && end["succeedTaskNum"] == 42)
            let borrowed = try await cluster.borrowed(by: 1)
            #expect(!borrowed.isEmpty && borrowed.count < 40)
            #expect(borrowed.allSatisfy { $0.state == .succeeded && $0.label == "square" })
            try await cluster.settled()
        }
    }

    @Test func `W22 a task that fails is tried as often as the job says, and reduce runs all the same`() async throws {
        try await PowerJobCluster.with(2) { cluster in
            let params = #"{"count":10,"ms":5,"bad":3}"#
            try await cluster.dispatch(.mapReduce, "families/squares", params, with: ["taskRetryNum": 1])
            let end = try await cluster.server.end(of: Self.id)
            #expect(end["instanceStatus"] == 5 && end["result"] == "10: 276 without 1")
            #expect(end["totalTaskNum"] == 12 && end["succeedTaskNum"] == 11 && end["failedTaskNum"] == 1)
            try await cluster.dispatch(.map, "families/squares", params, instance: 7)
            let map = try await cluster.server.end(of: 7)
            #expect(map["instanceStatus"] == 4 && map["result"] == "total:11,succeed:10,failed:1")
        }
    }

    @Test func `W22 what a worker that is gone had is run by others`() async throws {
        try await PowerJobCluster.with(1) { cluster in
            let gone = try await FakeWorker { _ in [] }
            try await cluster.dispatch(
                .mapReduce, "families/squares", #"{"count":20,"ms":20}"#, workers: cluster.addresses + [gone.address])
            let end = try await cluster.server.end(of: Self.id)
            #expect(end["instanceStatus"] == 5 && end["result"] == "20: 2470")
            let runs = try await cluster.members[0].host.engine.runs(RunFilter(limit: 100))
            #expect(runs.contains { $0.counters.interruptions == 1 && $0.state == .succeeded })
            await gone.close()
        }
    }

    @Test func `W22 a worker that was never there costs nothing`() async throws {
        try await PowerJobCluster.with(1) { cluster in
            try await cluster.dispatch(
                .mapReduce, "families/squares", #"{"count":20,"ms":20}"#, workers: cluster.addresses + ["127.0.0.1:1"])
            let end = try await cluster.server.end(of: Self.id)
            #expect(end["result"] == "20: 2470")
            let runs = try await cluster.members[0].host.engine.runs(RunFilter(limit: 100))
            #expect(runs.allSatisfy { $0.counters.interruptions == 0 && $0.counters.failures == 0 })
        }
    }

    @Test func `a task that maps again makes tasks of the same instance, and reduce has them all`() async throws {
        try await PowerJobCluster.with(2) { cluster in
            let params = #"{"width":3,"depth":3,"ms":20}"#
            try await cluster.dispatch(.mapReduce, "families/tree", params)
            let end = try await cluster.server.end(of: Self.id)
            #expect(end["instanceStatus"] == 5 && end["result"] == "39: 39")
            #expect(end["totalTaskNum"] == 41 && end["succeedTaskNum"] == 41)
            let borrowed = try await cluster.borrowed(by: 1)
            #expect(borrowed.contains { $0.params.contains(UInt8(ascii: "2")) }, "one that maps was lent")
            try await cluster.dispatch(.map, "families/tree", params, instance: 7)
            #expect(try await cluster.server.end(of: 7)["result"] == "total:40,succeed:40,failed:0")
            try await cluster.settled()
        }
    }

    @Test func `all that maps is lent, and what it makes too`() async throws {
        try await PowerJobCluster.with(2) { cluster in
            try await cluster.dispatch(
                .mapReduce, "families/tree", #"{"width":2,"depth":3}"#,
                with: ["advancedRuntimeConfig": #"{"taskTrackerBehavior":11}"#])
            #expect(try await cluster.server.end(of: Self.id)["result"] == "14: 14")
            #expect(try await cluster.borrowed(by: 1).count == 14)
            try await cluster.settled()
        }
    }

    @Test func `a tracker that only directs leaves all tasks to others`() async throws {
        try await PowerJobCluster.with(2) { cluster in
            try await cluster.dispatch(
                .mapReduce, "families/squares", #"{"count":10,"ms":1}"#,
                with: ["advancedRuntimeConfig": #"{"taskTrackerBehavior":11}"#])
            let end = try await cluster.server.end(of: Self.id)
            #expect(end["result"] == "10: 285")
            #expect(try await cluster.borrowed(by: 1).count == 10)
        }
    }

    @Test func `workers that come up later are found, and take part`() async throws {
        try await PowerJobCluster.with(2) { cluster in
            let all = cluster.addresses
            cluster.server.script("/server/queryJobCluster") { call in
                guard call.message["appId"]?.integer == 12, call.message["jobId"]?.integer == 501 else { return nil }
                return StandInPort.Answer(
                    body: AskReply(isSuccess: true, data: JSONValue.texts(all).bytes).json.bytes)
            }
            try await cluster.dispatch(
                .mapReduce, "families/squares", #"{"count":200,"ms":20}"#, workers: [all[0]])
            let end = try await cluster.server.end(of: Self.id)
            #expect(end["result"] == "200: 2646700")
            #expect(try await !cluster.borrowed(by: 1).isEmpty)
        }
    }

    @Test func `a stop ends the tasks everywhere, and nothing more is reported`() async throws {
        try await PowerJobCluster.with(2) { cluster in
            try await cluster.dispatch(.mapReduce, "families/squares", #"{"count":20,"ms":600000}"#)
            try await eventually("a task on the other host") {
                try await cluster.borrowed(by: 1).contains { $0.state == .running } ? true : nil
            }
            _ = try await cluster.post(0, "/worker/stopInstance", ["instanceId": .number(Self.id)])
            let count = cluster.server.reports(of: Self.id).count
            try await cluster.settled()
            try await cluster.pass(heartbeats: 6)
            #expect(cluster.server.reports(of: Self.id).count <= count + 1)
            #expect(cluster.server.finals(of: Self.id).isEmpty)
            for member in cluster.members {
                try await eventually("all are cancelled") {
                    let runs = try await member.host.engine.runs(RunFilter(limit: 100))
                    return runs.allSatisfy { $0.state == .cancelled } ? true : nil
                }
            }
        }
    }

    @Test func `an instance whose time is over fails, and its tasks end`() async throws {
        try await PowerJobCluster.with(2) { cluster in
            try await cluster.dispatch(
                .mapReduce, "families/squares", #"{"count":20,"ms":600000}"#, with: ["instanceTimeoutMS": 700])
            let end = try await cluster.server.end(of: Self.id)
            #expect(end["instanceStatus"] == 4 && end["result"]?.string?.contains("instance execute timeout") == true)
            try await cluster.settled()
        }
    }

    @Test func `a user who looks sees how the tasks stand`() async throws {
        try await PowerJobCluster.with(2) { cluster in
            try await cluster.dispatch(
                .mapReduce, "families/squares", #"{"count":20,"ms":600000}"#, with: ["threadConcurrency": 1])
            let detail = try await eventually("tasks that run on both hosts") {
                let answer = try await cluster.post(
                    0, "/worker/queryInstanceStatus", ["instanceId": .number(Self.id)])
                let data = AskReply(bytes: answer.body)?.data ?? []
                let detail = try JSONParser.parse(data)
                return detail["taskDetail"]?["runningTaskNum"] == 2 ? detail : nil
            }
            #expect(detail["taskDetail"]?["totalTaskNum"] == 22 && detail["taskDetail"]?["succeedTaskNum"] == 1)
            #expect(detail["taskDetail"]?["waitingDispatchTaskNum"] == 18)
            let report = try await eventually("a report with numbers") {
                cluster.server.reports(of: Self.id).first { $0["totalTaskNum"] == 22 }
            }
            #expect(report["instanceStatus"] == 3)
            _ = try await cluster.post(0, "/worker/stopInstance", ["instanceId": .number(Self.id)])
            try await cluster.settled()
        }
    }
}
