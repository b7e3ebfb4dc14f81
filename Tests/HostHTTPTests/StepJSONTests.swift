import HostHTTP
import JobModel
import Testing

/// Steps as jobs, requests and queues write them.
struct StepJSONTests {
    private func policy(_ text: String) throws -> RunPolicy {
        var fields = try FieldReader(try JSONParser.parse(text))
        return try RunPolicy(&fields)
    }

    @Test func `a step is a component, an object, or none`() throws {
        let policy = try policy(
            #"{"pre_step":{"component":"disk/mount","params":{"at":"/mnt"},"retry":2,"if_fails":"skip"},"post_step":"disk/unmount"}"#
        )
        let step = try #require(policy.preStep?.step)
        #expect(step.component.description == "disk/mount" && step.params == #"{"at":"/mnt"}"#)
        #expect(step.retry.attempts == 2 && step.ifFails == .skip)
        #expect(policy.postStep?.step?.component.description == "disk/unmount")
        #expect(try self.policy(#"{"pre_step":"none"}"#).preStep == .nothing)
        #expect(try self.policy("{}").preStep == nil)
    }

    @Test func `what is written reads back as the same`() throws {
        let text =
            #"{"pre_step":{"component":"a/b","timeout":"5s","access":{"read":["/etc"],"write":[]},"if_fails":"skip"},"post_step":"none"}"#
        let policy = try policy(text)
        var fields = try FieldReader(.object(policy.jsonMembers))
        #expect(try RunPolicy(&fields) == policy)
    }

    @Test(arguments: [
        (#"{"pre_step":"nonsense"}"#, "pre_step"),
        (#"{"pre_step":7}"#, "pre_step"),
        (#"{"pre_step":{"params":{}}}"#, "pre_step.component"),
        (#"{"pre_step":{"component":"a/b","if_fails":"explode"}}"#, "pre_step.if_fails"),
        (#"{"post_step":{"component":"a/b","if_fails":"skip"}}"#, "post_step.if_fails"),
        (#"{"post_step":{"component":"a/b","timeout":"none"}}"#, "post_step.timeout"),
        (#"{"post_step":{"component":"a/b","access":{"read":["etc"]}}}"#, "post_step.access.read"),
    ])
    func `a step that is none is refused where it stands`(text: String, path: String) throws {
        let error = try #require(throws: FieldError.self) { try policy(text) }
        #expect(error.path == path)
    }

    @Test func `a queue takes steps and gives them up`() throws {
        let change = try QueueChange(json: try JSONParser.parse(#"{"pre_step":"disk/check","post_step":"none"}"#))
        var record = QueueRecord(name: "q", slots: 1)
        record.settings.postStep = record.settings.preStep
        let changed = change.applied(to: record)
        #expect(changed.settings.preStep?.component.description == "disk/check")
        #expect(changed.settings.postStep == nil && change.postStep == QueueChange.Setting.none)
        #expect(try QueueChange(json: change.json) == change)
    }
}
