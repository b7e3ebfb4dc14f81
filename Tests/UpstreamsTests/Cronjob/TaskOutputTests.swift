import JobModel
import Testing

@testable import Upstreams

struct TaskOutputTests {
    @Test(arguments: [(#"{"a":1}"#, #"{"a":1}"#), (" {\"a\": 1.0}\n", #"{"a": 1.0}"#), ("null\n", "null")])
    func `an object, and null, pass as they are`(printed: String, output: String) {
        #expect(TaskOutput(of: printed, succeeded: true, exitCode: 3, milliseconds: 5).text == output)
    }

    @Test func `everything else is wrapped, with what it took and how it ended`() {
        let wrapped = TaskOutput(of: "hi there\n", succeeded: true, milliseconds: 12).text
        #expect(wrapped == #"{"duration_ms":12,"message":"hi there\n"}"#)
        let failed = TaskOutput(of: "[1]", succeeded: false, exitCode: 3).text
        #expect(failed == #"{"exit_code":3,"message":"[1]"}"#)
        for text in ["7", "\"a\"", "{", "{} {}", "true"] {
            #expect(
                TaskOutput(of: text, succeeded: true).text
                    == JSONValue.object([JSONMember("message", .string(text))]).text)
        }
    }

    @Test func `nothing printed says whether it worked`() {
        #expect(TaskOutput(of: "", succeeded: true).text == #"{"message":"执行成功"}"#)
        #expect(TaskOutput(of: "", succeeded: false).text == #"{"message":"执行失败"}"#)
    }

    @Test func `a long text is cut between two characters, and says so`() throws {
        let json = try JSONParser.parse(TaskOutput(of: String(repeating: "中", count: 40_000), succeeded: true).text)
        let message = try #require(json["message"]?.string)
        #expect(json["truncated"]?.bool == true && message.hasSuffix("中... (truncated)"))
        #expect(message.utf8.count == 10_239 + "... (truncated)".utf8.count)
        #expect(!TaskOutput(of: String(repeating: "a", count: 10_240), succeeded: true).text.contains("truncated"))
    }
}
