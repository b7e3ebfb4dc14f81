import JobModel
import Testing

@testable import Upstreams

struct ServerEventTests {
    private static let id = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"

    @Test func `a task is read as the server writes it`() throws {
        let event = try ServerEvent(Array(Self.whole.utf8))
        let task = try #require(event.tasks.first)
        #expect(event.action == .run && event.complaints.isEmpty)
        #expect(task.id == Self.id && task.category == "command" && task.command == "echo")
        #expect(task.args == #"["hi there"]"# && task.timeout == 60 && task.savesLog)
        #expect(task.status == .waiting && task.workerID.isEmpty)
        #expect(task.metadata.environment == [JSONMember("LOG_LEVEL", "info")])
    }

    @Test func `a task needs no more than its id`() throws {
        let event = try ServerEvent(Array(#"{"action":"stop","tasks":[{"id":"\#(Self.id)"}]}"#.utf8))
        #expect(event.action == .stop && event.tasks.map(\.id) == [Self.id])
    }

    @Test func `one bad task does not take the others with it`() throws {
        let tasks = #"null,{"id":"../x"},{"id":"\#(Self.id)","timeout":"soon"},{"id":"\#(Self.id)","args":{}}"#
        let event = try ServerEvent(Array(#"{"action":"run","tasks":[\#(tasks),{"id":"\#(Self.id)"}]}"#.utf8))
        #expect(event.tasks.count == 1)
        #expect(event.complaints.count == 4, "\(event.complaints)")
        #expect(event.complaints[1].contains("../x") && event.complaints[2].contains("soon"))
    }

    @Test(arguments: [#"{"action":"dance","tasks":[]}"#, #"{"tasks":[]}"#, "[]", "{", "\u{FF}"])
    func `what is no event of ours is refused with a reason`(text: String) {
        #expect(throws: CronjobFault.self) { try ServerEvent(Array(text.utf8)) }
    }

    @Test(arguments: [
        ("pending", nil, ServerTask.Status.waiting), ("running", nil, .running), ("success", nil, .final("success")),
        ("cancelled", nil, .final("cancelled")), ("skipped", nil, .final("skipped")),
        ("running", "2026-01-02T02:00:00+08:00", .final("running")),
    ])
    func `a status is final when nothing leads out of it`(word: String, end: String?, status: ServerTask.Status) throws
    {
        var members = [JSONMember("id", .string(Self.id)), JSONMember("status", .string(word))]
        if let end { members.append(JSONMember("time_end", .string(end))) }
        #expect(try ServerTask(.object(members)).status == status)
    }

    @Test func `metadata that makes no sense says nothing`() throws {
        for text in ["7", "[]", #"{"worker_select":"w1","environment":[1],"working_dir":3}"#] {
            let task = try ServerTask(JSONParser.parse(#"{"id":"\#(Self.id)","metadata":\#(text)}"#))
            #expect(task.metadata == ServerTask.Metadata())
        }
    }

    private static let whole = #"""
        {"action":"run","tasks":[{"id":"\#(id)","team_id":null,"project":"default","category":"command",
         "cronjob":"cccccccc-0000-4000-8000-000000000001","workflow":null,"workflow_exec_id":null,"step_order":0,
         "name":"nightly-20260102-020000","is_group":false,"task_order":0,"previous":null,"next":null,
         "command":"echo","args":"[\"hi there\"]","description":"",
         "time_plan":"2026-01-02T02:00:00+08:00","timeout_at":"2026-01-03T02:00:00+08:00",
         "time_start":null,"time_end":null,"status":"pending","output":"","save_log":true,
         "retry_count":0,"max_retry":0,"is_standalone":false,"timeout":60,
         "metadata":{"environment":{"LOG_LEVEL":"info"},"priority":5},"failure_reason":"","retryable":true,
         "next_retry_time":null,"is_retry":false,"condition":"","parallel_group":"","wait_strategy":"all",
         "failure_strategy":"continue","created_at":"2026-01-01T02:00:01+08:00","deleted":false}]}
        """#
}
