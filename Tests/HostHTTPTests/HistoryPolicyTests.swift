import HostHTTP
import JobModel
import Testing

struct HistoryPolicyTests {
    @Test func `An age, a number, or both can be said for each state`() throws {
        let policy = try read(
            #"{"succeeded": "2d", "failed": {"age": "none", "count": 10}, "skipped": {"count": 5}, "expired": "none"}"#)
        #expect(
            policy.said == [
                .succeeded: .init(age: .seconds(2 * 86_400)), .failed: .init(age: nil, count: 10),
                .skipped: .init(age: nil, count: 5), .expired: .init(age: nil),
            ])
        #expect(try HistoryPolicy(json: policy.json, path: "") == policy)
    }

    @Test func `What is not said is the host's, then the standard`() throws {
        let job = try read(#"{"failed": "1h"}"#)
        let host = try read(#"{"failed": "3d", "cancelled": "5d"}"#).over(.standard)
        let policy = job.over(host)
        #expect(policy.said[.failed]?.age == .seconds(3_600))
        #expect(policy.said[.cancelled]?.age == .seconds(5 * 86_400))
        #expect(policy.said[.succeeded]?.age == .seconds(7 * 86_400))
        #expect(policy.leastAge == .seconds(3_600))
    }

    @Test(arguments: [
        (#"{"suceeded": "1d"}"#, "history.suceeded"), (#"{"pending": "1d"}"#, "history.pending"),
        (#"{"failed": "soon"}"#, "history.failed"), (#"{"failed": {}}"#, "history.failed"),
        (#"{"failed": {"age": "0s"}}"#, "history.failed.age"), (#"{"failed": {"count": -1}}"#, "history.failed.count"),
        ("7", "history"),
    ])
    func `What makes no sense is refused with its place`(text: String, path: String) throws {
        let error = #expect(throws: FieldError.self) { try read(text) }
        #expect(error?.path == path)
    }

    private func read(_ text: String) throws -> HistoryPolicy {
        try HistoryPolicy(json: try JSONParser.parse(Array(text.utf8)), path: "history")
    }
}
