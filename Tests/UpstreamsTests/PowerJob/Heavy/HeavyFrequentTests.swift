import JobEngine
import JobModel
import TestSupport
import Testing
import Upstreams

/// Instances that are dispatched once and launched again and again. W23 and W6.
@Suite struct HeavyFrequentTests {
    private static let id = PowerJobCluster.instance

    @Test(arguments: [true, false])
    func `W23 a fixed rate is one running instance whose totals grow, until it is stopped`(strict: Bool) async throws {
        try await PowerJobCluster.with(1, strict: strict) { cluster in
            try await cluster.dispatch(
                .standalone, "families/beat", #"{"ms":600}"#,
                with: ["timeExpressionType": "FIXED_RATE", "timeExpression": "100", "maxInstanceNum": 1])
            let grown = try await eventually("growing totals") {
                cluster.server.reports(of: Self.id).last { ($0["succeedTaskNum"]?.integer ?? 0) >= 1 }
            }
            // Launches beyond the first were too many.
            #expect((grown["failedTaskNum"]?.integer ?? 0) >= 2)
            #expect(cluster.server.reports(of: Self.id).allSatisfy { $0["instanceStatus"] == 3 })
            let totals = cluster.server.reports(of: Self.id).compactMap { $0["totalTaskNum"]?.integer }
            #expect(totals == totals.sorted())
            let answer = try await cluster.post(0, "/worker/queryInstanceStatus", ["instanceId": .number(Self.id)])
            let detail = try JSONParser.parse(AskReply(bytes: answer.body)?.data ?? [])
            let launches = detail["subInstanceDetails"]?.array ?? []
            #expect((3...10).contains(launches.count))
            let numbers = launches.compactMap { $0["subInstanceId"]?.integer }
            #expect(numbers == numbers.sorted(by: >))
            #expect(launches.contains { $0["result"] == "TOO_MUCH_INSTANCE" && $0["status"] == 4 })
            _ = try await cluster.post(0, "/worker/stopInstance", ["instanceId": .number(Self.id)])
            try await cluster.settled()
            let count = cluster.server.reports(of: Self.id).count
            try await cluster.pass(heartbeats: 4)
            #expect(cluster.server.reports(of: Self.id).count <= count + 1)
            try await eventually("nothing runs") {
                let runs = try await cluster.members[0].host.engine.runs(RunFilter(limit: 100))
                return runs.allSatisfy(\.state.isEnd) ? true : nil
            }
            #expect(cluster.server.record.complaints.isEmpty)
        }
    }

    @Test func `W23 a fixed delay launches when the one before has ended`() async throws {
        try await PowerJobCluster.with(1) { cluster in
            try await cluster.dispatch(
                .standalone, "families/beat", #"{"ms":50}"#,
                with: ["timeExpressionType": "FIXED_DELAY", "timeExpression": "50"])
            try await eventually("four launches") {
                cluster.server.reports(of: Self.id).contains { ($0["succeedTaskNum"]?.integer ?? 0) >= 4 } ? true : nil
            }
            let runs = try await cluster.members[0].host.engine.runs(RunFilter(limit: 100))
                .filter { $0.correlation != nil }.sorted { $0.id < $1.id }
            for (one, next) in zip(runs, runs.dropFirst()) {
                let ended = try #require(one.finishedAt)
                #expect(next.createdAt >= ended)
            }
            _ = try await cluster.post(0, "/worker/stopInstance", ["instanceId": .number(Self.id)])
        }
    }

    @Test func `W23 launches that fail are an alarm as often as the job says`() async throws {
        try await PowerJobCluster.with(1) { cluster in
            try await cluster.dispatch(
                .standalone, "families/beat", #"{"unwell":1}"#,
                with: [
                    "timeExpressionType": "FIXED_RATE", "timeExpression": "100",
                    "alarmConfig": #"{"alertThreshold":3,"statisticWindowLen":60,"silenceWindowLen":300}"#,
                ])
            let alarm = try await eventually("an alarm") {
                cluster.server.reports(of: Self.id).first { $0["needAlert"] == true }
            }
            #expect(alarm["alertContent"] == "queue unreachable" && (alarm["failedTaskNum"]?.integer ?? 0) >= 3)
            try await cluster.pass(heartbeats: 5)
            #expect(cluster.server.reports(of: Self.id).filter { $0["needAlert"] == true }.count == 1)
            _ = try await cluster.post(0, "/worker/stopInstance", ["instanceId": .number(Self.id)])
        }
    }

    @Test func `W23 each launch may be a family that other workers help with`() async throws {
        try await PowerJobCluster.with(2) { cluster in
            try await cluster.dispatch(
                .mapReduce, "families/squares", #"{"count":10,"ms":20}"#,
                with: ["timeExpressionType": "FIXED_DELAY", "timeExpression": "50"])
            try await eventually("two launches") {
                cluster.server.reports(of: Self.id).contains { ($0["succeedTaskNum"]?.integer ?? 0) >= 2 } ? true : nil
            }
            let borrowed = try await cluster.borrowed(by: 1)
            #expect(borrowed.contains { $0.instance?.hasPrefix("\(Self.id).1/1.") == true })
            _ = try await cluster.post(0, "/worker/stopInstance", ["instanceId": .number(Self.id)])
            try await cluster.settled()
        }
    }

    @Test func `a host that stops launches nothing more, and raises no alarm for that`() async throws {
        try await PowerJobCluster.with(1) { cluster in
            try await cluster.dispatch(
                .standalone, "families/beat", with: ["timeExpressionType": "FIXED_RATE", "timeExpression": "50"])
            try await eventually("launches") {
                cluster.server.reports(of: Self.id).contains { ($0["succeedTaskNum"]?.integer ?? 0) >= 2 } ? true : nil
            }
            await cluster.members[0].host.engine.drain()
            let count = cluster.server.reports(of: Self.id).count
            try await eventually("reports after that") {
                cluster.server.reports(of: Self.id).count > count + 2 ? true : nil
            }
            let reports = cluster.server.reports(of: Self.id)
            #expect(reports.allSatisfy { $0["needAlert"] == false && $0["failedTaskNum"] == 0 })
        }
    }

    @Test func `an alarm that the server did not take is raised again`() async throws {
        try await PowerJobCluster.with(1) { cluster in
            let server = cluster.server
            server.script("/server/reportInstanceStatus") { call in
                call.message["needAlert"] == true && server.alarms(of: Self.id).count < 3
                    ? StandInPort.Answer(status: 500) : nil
            }
            try await cluster.dispatch(
                .standalone, "families/beat", #"{"unwell":1}"#,
                with: ["timeExpressionType": "FIXED_RATE", "timeExpression": "100"])
            try await eventually("three alarms") { server.alarms(of: Self.id).count >= 3 ? true : nil }
            try await cluster.pass(heartbeats: 5)
            #expect(server.alarms(of: Self.id).count == 3)
            _ = try await cluster.post(0, "/worker/stopInstance", ["instanceId": .number(Self.id)])
        }
    }

    @Test func `an order that does not say how often is refused`() async throws {
        try await PowerJobCluster.with(1) { cluster in
            try await cluster.dispatch(
                .standalone, "families/beat", with: ["timeExpressionType": "FIXED_RATE", "timeExpression": "often"])
            let end = try await cluster.server.end(of: Self.id)
            #expect(end["instanceStatus"] == 4 && end["result"]?.string?.contains("timeExpression is often") == true)
        }
    }

    @Test(arguments: [true, false])
    func `W6 five rounds without a server end what is launched again and again, and nothing else`(
        strict: Bool
    ) async throws {
        try await PowerJobCluster.with(1, strict: strict) { cluster in
            try await cluster.dispatch(
                .standalone, "families/beat",
                with: ["timeExpressionType": "FIXED_RATE", "timeExpression": "100"])
            try await cluster.dispatch(.standalone, "families/beat", #"{"ms":600000}"#, instance: 7)
            try await eventually("both are reported") {
                [Self.id, 7].allSatisfy { !cluster.server.reports(of: $0).isEmpty } ? true : nil
            }
            cluster.server.script("/server/acquire") { _ in StandInAnswers.refused("server elect failed for app 12") }
            try await eventually("the launches end") {
                let owed = try await cluster.members[0].host.engine.owed(to: "cluster")
                return owed.map(\.dispatch.instance) == ["7"] ? true : nil
            }
            let runs = try await cluster.members[0].host.engine.runs(RunFilter(limit: 1000))
            #expect(runs.first { $0.instance == "7" }?.state == .running)
            let before = cluster.server.reports(of: Self.id).count
            cluster.server.script("/server/acquire", nil)
            _ = try await eventually("connected") {
                await cluster.members[0].upstream.status().state == .connected ? true : nil
            }
            try await cluster.pass(heartbeats: 3)
            #expect(cluster.server.reports(of: Self.id).count == before)
            _ = try await cluster.post(0, "/worker/stopInstance", ["instanceId": 7])
            try await cluster.settled()
        }
    }
}

extension StandInServer {
    fileprivate func alarms(of instance: Int64) -> [JSONValue] {
        reports(of: instance).filter { $0["needAlert"] == true }
    }
}
