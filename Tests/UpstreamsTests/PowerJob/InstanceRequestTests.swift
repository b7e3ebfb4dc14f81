import JobModel
import Testing
import Upstreams

/// What a dispatch means as a run.
@Suite struct InstanceRequestTests {
    private static let settings = PowerJobSettings(app: "demo", servers: [])

    private static func request(
        admits: Set<String>? = nil, _ change: (inout InstanceOrder) -> Void
    ) throws -> RunRequest {
        var order = InstanceOrder(job: 1, instance: 2, processor: "demo")
        change(&order)
        let component = try #require(ComponentName("text/wordcount"))
        return try RunRequest(order, component: component, settings: settings) { admits?.contains($0) ?? true }
    }

    private static func params(
        job: String?, instance: String?, workflow: Int64? = nil, admits: Set<String>? = nil
    ) throws -> String {
        let request = try request(admits: admits) {
            ($0.jobParams, $0.instanceParams, $0.workflow) = (job, instance, workflow)
        }
        return String(decoding: request.params, as: UTF8.self)
    }

    @Test(arguments: [
        (#"{"a":1,"b":2}"#, nil, #"{"a":1,"b":2}"#), (#"{"a":1}"#, "  ", #"{"a":1}"#),
        (#"{"a":1,"b":2}"#, #"{"b":3,"c":4}"#, #"{"a":1,"b":3,"c":4}"#), (nil, #"{"b":3}"#, #"{"b":3}"#),
        ("", #"{"b":3}"#, #"{"b":3}"#), (nil, nil, "{}"), ("text", nil, #"{"jobParams":"text"}"#),
        ("text", "more", #"{"jobParams":"text","instanceParams":"more"}"#),
        (#"{"a":1}"#, "run-by-hand", #"{"jobParams":"{\"a\":1}","instanceParams":"run-by-hand"}"#),
        ("[1]", #"{"b":3}"#, #"{"jobParams":"[1]","instanceParams":"{\"b\":3}"}"#),
    ])
    func `objects are the params, other texts are members of them`(
        job: String?, instance: String?, wanted: String
    ) throws {
        #expect(try Self.params(job: job, instance: instance) == wanted)
    }

    @Test func `the context of a workflow is a member of its own, and replaces no param`() throws {
        let context = #"{"initParams":"x","a":"9"}"#
        #expect(
            try Self.params(job: #"{"a":1}"#, instance: context, workflow: 7)
                == #"{"a":1,"workflowContext":{"initParams":"x","a":"9"}}"#)
        #expect(try Self.params(job: #"{"a":1}"#, instance: context, workflow: 7, admits: []) == #"{"a":1}"#)
        #expect(try Self.params(job: nil, instance: nil, workflow: 7) == "{}")
    }

    @Test func `limits and retries are the job's`() throws {
        let plain = try Self.request { _ in }
        #expect(plain.policy.timeout == nil && plain.policy.retry.attempts == 1 && plain.policy.retry.within == nil)
        #expect(plain.hasOwnTimeout && plain.queue == "default")
        let limited = try Self.request { ($0.timeout, $0.retries) = (.seconds(60), 2) }
        #expect(limited.policy.timeout == .seconds(60) && limited.policy.retry.within == .seconds(60))
        #expect(limited.policy.retry.attempts == 3 && limited.policy.retry.crashes == 3)
        #expect(limited.policy.retry.delay == .fixed(.zero))
    }

    @Test func `the official processors have their params in our words`() throws {
        func params(_ processor: String, _ job: String?, _ instance: String? = nil) throws -> String {
            let request = try Self.request {
                ($0.processor, $0.jobParams, $0.instanceParams) = (processor, job, instance)
            }
            return String(decoding: request.params, as: UTF8.self)
        }
        let script = "tech.powerjob.official.processors.impl.script."
        #expect(try params(script + "ShellProcessor", "ls -l") == #"{"language":"bash","code":"ls -l"}"#)
        #expect(
            try params(script + "PythonProcessor", "print(1)", "print(2)")
                == #"{"language":"python","code":"print(2)"}"#)
        let http = "tech.powerjob.official.processors.impl.HttpProcessor"
        #expect(
            try params(http, #"{"url":"http://a/","method":"post","body":"{}","mediaType":"application/json"}"#)
                == #"{"url":"http://a/","method":"POST","headers":{"Content-Type":"application/json"},"body_text":"{}"}"#
        )
        #expect(try params(http, #"{"url":"http://a/"}"#) == #"{"url":"http://a/","method":"GET"}"#)
        #expect(throws: OrderFault.self) { try params(http, "http://a/") }
        #expect(throws: OrderFault.self) { try params(script + "ShellProcessor", nil) }
    }

    @Test func `the scripts of old are their own info`() throws {
        let request = try Self.request { ($0.processorType, $0.processor) = (.shell, "echo 1") }
        #expect(String(decoding: request.params, as: UTF8.self) == #"{"language":"bash","code":"echo 1"}"#)
    }

    @Test func `own aliases go before those of the host and before what is shipped`() throws {
        let shell = "tech.powerjob.official.processors.impl.script.ShellProcessor"
        let a = try #require(ComponentName("a/a")), b = try #require(ComponentName("b/b"))
        let names = ProcessorNames(own: ["demo": a], host: ["demo": b, shell: b])
        let own = try names.component("demo", among: [])
        let replaced = try names.component(shell, among: [])
        let shipped = try ProcessorNames(own: [:], host: [:]).component(shell, among: [])
        #expect(own == a && replaced == b && shipped.description == "script/script")
    }
}
