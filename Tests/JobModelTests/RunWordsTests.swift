import JobModel
import Testing

struct RunWordsTests {
    private func filled(_ text: String, job: String? = "nightly", reason: String? = "out of \"luck\"\n") throws
        -> String
    {
        let run = RunRecord(
            id: 7, component: try #require(ComponentName("text/grep")), queue: "mail", jobName: job,
            due: .distantPast, createdAt: .distantPast, params: [])
        return String(decoding: RunWords(of: run, state: .failed, reason: reason).filled(text), as: UTF8.self)
    }

    @Test(arguments: [
        (#"{"run":"${run.id}"}"#, #"{"run":7}"#),
        (
            #"{"a":["${run.state}","${run.component}",{"q":"${run.queue}"}]}"#,
            #"{"a":["failed","text/grep",{"q":"mail"}]}"#
        ),
        (
            #"{"text":"run ${run.id} of ${run.job} ${run.state}: ${run.reason}"}"#,
            #"{"text":"run 7 of nightly failed: out of \"luck\"\n"}"#
        ),
        (#"{"${run.id}":1}"#, #"{"${run.id}":1}"#),
        (#"{"a":"$","b":"${run.x}","c":"${run.id"}"#, #"{"a":"$","b":"${run.x}","c":"${run.id"}"#),
        (#"{"n": 1.50}"#, #"{"n": 1.50}"#),
    ])
    func `words become facts, and everything else stays`(text: String, result: String) throws {
        #expect(try filled(text) == result)
    }

    @Test func `a fact that there is not is null, or nothing within a text`() throws {
        #expect(
            try filled(#"{"job":"${run.job}","why":"(${run.reason})"}"#, job: nil, reason: nil)
                == #"{"job":null,"why":"()"}"#)
    }
}
