import CGuestWire
import TestSupport
import Testing

/// What a guest reads of its host.
struct GuestFuzzTests {
    @Test func `Whatever the host says is read or refused`() throws {
        let setup = FrameBytes.setup(places: [(1, "/usr/share"), (3, "/tmp/scratch")])
        let load = FrameBytes.load(path: "/staged/a/plugin.so", secrets: ["token": "abc", "empty": ""])
        let runs =
            FrameBytes.run(call: 1, job: "nightly", trace: "00-aa-bb-01", params: "{\"a\":1}")
            + FrameBytes.run(call: 2) + FrameBytes.cancel(call: 2) + FrameBytes.answer(call: 1, payload: [1, 2, 3])
            + FrameBytes.frame(GW_BYE)
        var fuzzing = try Fuzzing("guest-wire", samples: [setup + load + runs, setup + load, setup])
        let (_, answers) = try fuzzing.run(count: 5000) { bytes in
            let whole = Transcript(of: bytes)
            let parts = Transcript(of: bytes, nextSize: { 7 })
            #expect(whole == parts)
            let words = whole.messages.map { $0.prefix { $0 != " " } }.joined(separator: " ")
            return "\(words) \(whole.breach.map { "\($0)" } ?? "")"
        }
        #expect(answers > 20)
    }
}
