import JobModel
import TestSupport
import Testing

@testable import Upstreams

/// What workers say to each other, by the bodies of the protocol's description.
struct TaskWireTests {
    private static let start = #"""
        {"taskTrackerAddress":"10.0.0.5:27777","instanceInfo":{"jobId":504,"instanceId":745847914496000320,
         "executeType":"MAP","processorType":"BUILT_IN","processorInfo":"orders.map","timeExpressionType":1,
         "instanceTimeoutMS":2147483647,"jobParams":"p","threadConcurrency":5,"taskRetryNum":1},"taskId":"0.3",
         "taskName":"shard","taskContent":"eyJzaGFyZCI6M30","taskCurrentRetryNums":0,
         "subInstanceId":745847914496000320}
        """#

    @Test func `a task is read as it comes from any worker`() throws {
        let task = try #require(TaskOrder(json: try JSONParser.parse(Self.start)))
        #expect(task.instance.instance == 745_847_914_496_000_320 && task.launch == task.instance.instance)
        #expect(task.instance.timeout == nil && task.instance.timeType == .api)
        #expect(task.taskID == "0.3" && task.index == 3)
        #expect(task.content == Array(#"{"shard":3}"#.utf8))
        #expect(task.tracker.description == "10.0.0.5:27777")
    }

    @Test func `a task is written as it is read`() throws {
        let task = try #require(TaskOrder(json: try JSONParser.parse(Self.start)))
        #expect(TaskOrder(json: task.json) == task)
        #expect(task.json["instanceInfo"]?["timeExpressionType"]?.integer == 1)
        #expect(task.json["instanceInfo"]?["instanceTimeoutMS"]?.integer == 2_147_483_647)
        #expect(task.json["instanceInfo"]?["wfInstanceId"] == nil)
    }

    @Test func `an instance is kept as it came`() throws {
        var order = InstanceOrder(job: 503, instance: .max, processor: "poll.queue")
        order.executeType = .mapReduce
        order.timeType = .fixedRate
        order.timeExpression = "1000"
        order.timeout = .seconds(30)
        order.mostInstances = 2
        order.alarmConfig = "{}"
        order.allAddresses = ["a:1", "b:2"]
        order.mostAddresses = 3
        order.workflow = 12
        let again = try InstanceOrder(json: order.json)
        #expect(again == order)
    }

    @Test func `the end of a task is read and written`() throws {
        let text =
            #"{"instanceId":745847914496000320,"subInstanceId":745847914496000320,"taskId":"0.3","status":6,"#
            + #""result":"ok","reportTime":1733600030000,"appendedWfContext":{}}"#
        let report = try #require(TaskReport(json: try JSONParser.parse(text)))
        #expect(report.status == .succeeded && report.result == "ok" && !report.startsBroadcast)
        #expect(try report.json == JSONParser.parse(text))
        let root = #"{"instanceId":7,"taskId":"0","status":6,"result":"NO_PREPOST_TASK","reportTime":1,"cmd":1}"#
        let first = try JSONParser.parse(root)
        #expect(TaskReport(json: first)?.startsBroadcast == true)
    }

    @Test func `tasks that a task made travel with its end, all of them or none`() throws {
        var report = TaskReport(instance: 7, launch: 7, taskID: "0.1", status: .succeeded, result: "x", reportTime: 1)
        report.children = [
            ChildOrder(label: "a", params: Array(#"{"n":1}"#.utf8)), ChildOrder(params: Array("{}".utf8)),
        ]
        #expect(TaskReport(json: report.json) == report)
        let bad: JSONValue = ["instanceId": 7, "taskId": "0.1", "status": 6, "children": [["params": []]]]
        #expect(TaskReport(json: bad) == nil)
    }

    @Test func `the sign of life of a worker is read and written`() throws {
        let text =
            #"{"type":2,"instanceId":745847914496000320,"time":1733600031000,"remainTaskNum":4,"#
            + #""address":"10.0.0.6:27777"}"#
        let report = try #require(BorrowerReport(json: try JSONParser.parse(text)))
        #expect(report.tasks == 4 && !report.isIdle)
        #expect(try report.json == JSONParser.parse(text))
    }

    @Test func `what a root stage gives a child is known from what others write`() {
        let content = TaskContent(index: 3, label: "three", params: Array(#"{"shard":3}"#.utf8))
        #expect(TaskContent(bytes: content.bytes) == content)
        #expect(TaskContent(bytes: Array(#"{"shard":3}"#.utf8)) == nil)
        #expect(TaskContent(bytes: [1, 0, 0x6A, 0x61]) == nil)
    }

    @Test(arguments: [
        "{}", #"{"taskTrackerAddress":"x","instanceInfo":{"jobId":1,"instanceId":2},"taskId":"0.1"}"#,
        #"{"taskTrackerAddress":"10.0.0.5:1","instanceInfo":7,"taskId":"0.1"}"#,
        #"{"taskTrackerAddress":"10.0.0.5:1","instanceInfo":{"jobId":1,"instanceId":2},"taskId":"a/b"}"#,
        #"{"taskTrackerAddress":"10.0.0.5:1","instanceInfo":{"jobId":1,"instanceId":2},"taskId":""}"#,
        #"{"taskTrackerAddress":"10.0.0.5:1","instanceInfo":{"jobId":1,"instanceId":2,"timeExpressionType":77},"taskId":"0"}"#,
    ])
    func `a task that makes no sense is none`(text: String) throws {
        let json = try JSONParser.parse(text)
        #expect(TaskOrder(json: json) == nil)
    }

    @Test func `a borrowed task is remembered by a name that no instance has`() throws {
        let note = BorrowedNote(try #require(TaskOrder(json: try JSONParser.parse(Self.start))))
        #expect(note.instanceName == "745847914496000320/0.3#0@10.0.0.5:27777")
        #expect(BorrowedNote(bytes: note.bytes) == note)
    }

    @Test func `whatever a worker sends is answered, and what is taken is taken again as it is written`() throws {
        let samples = [
            Self.start, #"{"instanceId":1,"taskId":"0.1","status":5,"result":"x","cmd":1}"#,
            #"{"type":1,"instanceId":2,"address":"10.0.0.6:27777","remainTaskNum":"3"}"#,
        ].map { Array($0.utf8) }
        var fuzzing = try Fuzzing("powerjob-tasks", samples: samples)
        let (_, answers) = try fuzzing.run(count: 3000) { bytes in
            guard let json = try? JSONParser.parse(bytes) else { return "no JSON" }
            if let task = TaskOrder(json: json) {
                if TaskOrder(json: task.json) != task { Issue.record("\(json.text)") }
                return "task \(task.content.flatMap(TaskContent.init(bytes:)) == nil)"
            }
            if let report = TaskReport(json: json) {
                if TaskReport(json: report.json) != report { Issue.record("\(json.text)") }
                return "report \(report.status)"
            }
            if let report = BorrowerReport(json: json) { return "worker \(report.isIdle)" }
            return BorrowedNote(bytes: bytes) == nil ? "nothing" : "note"
        }
        #expect(answers > 4)
    }
}
