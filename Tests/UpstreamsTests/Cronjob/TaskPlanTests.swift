import JobModel
import Testing

@testable import Upstreams

struct TaskPlanTests {
    private static let id = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"

    @Test(arguments: [
        ("", #"{"command":"ls"}"#), ("[\"a b\"]", #"{"command":"ls","args":"[\"a b\"]"}"#),
        ("-l *", #"{"command":"ls","args":"-l *"}"#),
    ])
    func `a command line is the shell's to put together`(args: String, params: String) throws {
        #expect(try Self.params("command/shell", args) == params)
    }

    @Test func `a program without a shell takes a list`() throws {
        #expect(try Self.params("command/command", #"["-l","a b"]"#) == #"{"program":"ls","args":["-l","a b"]}"#)
        #expect(throws: TaskRefusal.self) { try Self.params("command/command", "-l") }
    }

    @Test func `of every other component args are the params`() throws {
        #expect(try Self.params("acme/report", #" {"day": 1.50} "#) == #"{"day":1.50}"#)
        #expect(try Self.params("acme/report", "") == "{}")
        for args in ["[]", "{", "7", "null"] {
            #expect(throws: TaskRefusal.self) { try Self.params("acme/report", args) }
        }
    }

    @Test func `what a form leaves empty is not said, except where that means something`() throws {
        let form = #"{"url":"u","method":"","expected_status":[],"headers":null,"timeout":0,"body":"","redirects":0}"#
        #expect(try Self.params("http/request", form) == #"{"url":"u","body":"","redirects":0}"#)
        #expect(
            try Self.params("file/action", #"{"action":"stat","path":"/a","host":""}"#)
                == #"{"action":"stat","path":"/a"}"#)
        #expect(try Self.params("acme/report", #"{"day":"","n":0}"#) == #"{"day":"","n":0}"#)
    }

    @Test func `the environment and the folder go where the server's runner took them`() throws {
        let metadata: JSONValue = ["environment": ["A": "1"], "working_dir": " /data "]
        #expect(
            try Self.params("command/shell", "", metadata) == #"{"command":"ls","env":{"A":"1"},"cwd":"/data"}"#)
        #expect(try Self.params("http/request", "{}", metadata) == #"{"env":{"A":"1"}}"#)
        #expect(try Self.params("file/action", "{}", metadata) == "{}")
        #expect(try Self.params("acme/report", #"{"env":{}}"#, metadata) == #"{"env":{},"cwd":"/data"}"#)
        #expect(try Self.params("command/shell", "", ["working_dir": "."]) == #"{"command":"ls"}"#)
    }

    @Test func `time limits are the task's, or what its category had`() throws {
        func limit(_ component: String, _ seconds: Int64) throws -> Duration? {
            var task = try Self.task("{}")
            task.timeout = seconds
            return try Self.plan(component).request(for: task, dispatch: Dispatch(upstream: "a", instance: "b"))
                .policy.timeout
        }
        #expect(try limit("script/script", 7) == .seconds(7))
        #expect(try limit("script/script", 0) == .seconds(86_400))
        #expect(try limit("http/request", 0) == .seconds(30))
    }

    @Test func `what is in a credential takes the place of its id, where the component keeps it secret`() throws {
        var plan = try Self.plan("container/action")
        let task = try Self.task(#"{"action":"pull","image":"a","registry":"r.example.org","registry_cred":"c1"}"#)
        #expect(try plan.credentialIDs(of: task) == ["registry_cred": "c1"])
        plan.credentials = ["registry_cred": ["username": "u", "password": "p4ss"]]
        let request = try plan.request(for: task, dispatch: Dispatch(upstream: "a", instance: "b"))
        let whole =
            #"{"action":"pull","image":"a","registry":{"server":"r.example.org","username":"u","password":"p4ss"}}"#
        #expect(String(decoding: request.params, as: UTF8.self) == whole)
        let open = try ParamsSchema(#"{"type":"object"}"#)
        #expect(throws: TaskRefusal.self) { try plan.checkSecrecy(of: request, schema: open) }
        #expect(throws: TaskRefusal.self) { try plan.checkSecrecy(of: request, schema: nil) }
        let secret = #"{"properties":{"registry":{"properties":{"password":{"type":"string","x-secret":true}}}}}"#
        try plan.checkSecrecy(of: request, schema: ParamsSchema(secret))
    }

    private static func params(_ component: String, _ args: String, _ metadata: JSONValue = .null) throws -> String {
        try plan(component).params(of: task(args, metadata)).text
    }

    private static func plan(_ component: String) throws -> TaskPlan {
        TaskPlan(component: try #require(ComponentName(component)), settings: CategorySettings(), queue: "default")
    }

    private static func task(_ args: String, _ metadata: JSONValue = .null) throws -> ServerTask {
        try ServerTask([
            "id": .string(id), "command": "ls", "args": .string(args), "metadata": metadata,
        ])
    }
}
